// Reads what metrics are made of. Rule: sums are those of `report`, budgets those of `watch`; nothing is added up here a second way.
import type { Config } from '../config/config.ts';
import type { BudgetStatus } from '../domain/spend.ts';
import { ALL_TIME, DAY_MS, type EpochMs } from '../domain/time.ts';
import { isOnPlan } from '../gate/billing.ts';
import { readPlanWindows } from '../gate/plan-windows.ts';
import { readSessionStatus, type SessionStatus } from '../gate/session-status.ts';
import type { Metric } from '../metrics/metric.ts';
import { MAX_VALUES, metricsOf } from '../metrics/metrics.ts';
import { labelReport } from '../reports/label-reports.ts';
import { zoneDays } from '../reports/local-time.ts';
import { rankedTable } from '../reports/ranked-table.ts';
import type { Table } from '../reports/table.ts';
import { VERSION } from '../runtime/version.ts';
import type { Store } from '../stores/store.ts';
import type { CliContext } from './command.ts';
import { actionsOn, depsReader } from './live/watch-actions.ts';

/** Labels by which spend is told. */
const LABELS = ['repository', 'branch', 'developer', 'client', 'model'] as const;
const HALTS: ReadonlySet<string> = new Set([
  ...['SESSION_HALTED', 'HALTED_BY_PERSON', 'UNKNOWN_MODEL'],
]);
const OF_A_SESSION: ReadonlySet<string> = new Set(['session', 'turn', 'subagent']);

/** The metrics of the ledger as it is now. */
export function readMetrics(
  config: Config,
  store: Store,
  context: CliContext,
  now: EpochMs,
): readonly Metric[] {
  while (store.immediately(() => store.refreshSums()) > 0);
  const actions = actionsOn(store, context);
  const running = actions.read(now);
  const spend = LABELS.map((label) => ({ label, table: spendBy(label, store, now) }));
  return metricsOf({
    ...{ version: VERSION, spend, halts: readHalts(store, now), runningCount: running.length },
    billing: isOnPlan(config, store, now) ? 'plan' : 'api',
    total: spendBy('model', store, now).total,
    budgetStatuses: [
      ...(running.length > 0 ? running.flatMap(statusesOf) : lastingStatuses(store, context, now)),
      ...statusesOf({ budgets: actions.readPlanBudgets([], now) }),
    ],
    haltedCount: running.filter(({ haltRecord }) => haltRecord !== null).length,
    plans: store.immediately(() => readPlanWindows(store, now)),
  });
}

const statusesOf = ({ budgets }: Pick<SessionStatus, 'budgets'>) =>
  budgets.map(({ budgetStatus }) => budgetStatus);

/** Where nothing runs: the budgets that go on without a session, as the newest session has them. */
function lastingStatuses(store: Store, context: CliContext, now: EpochMs): BudgetStatus[] {
  const [newest] = store.readSessions({ limit: 1 });
  if (newest === undefined) return [];
  const deps = depsReader(store, context)(newest, now);
  const status = store.immediately(() => readSessionStatus(newest, deps, now));
  return statusesOf(status).filter(({ budget }) => !OF_A_SESSION.has(budget.period.kind));
}

/** As `tollgate report --by <label> --top 50` has it. */
function spendBy(label: (typeof LABELS)[number], store: Store, now: EpochMs): Table {
  const zone = zoneDays('UTC', store.readSpan() ?? { startAt: now, endAt: now });
  const by = [labelReport(label, label, label)];
  const request = { by, breakdown: false, top: MAX_VALUES, mostRows: null, window: ALL_TIME, zone };
  const ranked = store.readRanked({ by: [label], zone, window: ALL_TIME, where: [] }, 'cost');
  return rankedTable(ranked, { ...request, madeAt: now });
}

function readHalts(store: Store, now: EpochMs): ReadonlyMap<string, number> {
  const halts = new Map<string, number>();
  for (const { alert, raisedAt } of store.readAlerts()) {
    const isHalt = HALTS.has(alert.code) && raisedAt > now - DAY_MS;
    if (isHalt) halts.set(alert.code, (halts.get(alert.code) ?? 0) + 1);
  }
  return halts;
}
