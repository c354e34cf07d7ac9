// What the page of budgets and alerts shows: every window that is open, who has granted what, and the log of alerts, breakers and halts; and how
// one window has filled so far. Rule: the statuses are those the gate decides by, the sums those of `report`.
import type { GroupSums, SumCondition, SumQuery } from '../../domain/aggregates.ts';
import { DAY_MS, HOUR_MS, type Window } from '../../domain/time.ts';
import { TollgateError } from '../../errors.ts';
import { currentBudgetContext } from '../../gate/budget-context.ts';
import { poolOf } from '../../gate/budget-pools.ts';
import type { EventDeps } from '../../gate/on-event.ts';
import { nobody, readPlanBudgets } from '../../gate/plan-budgets.ts';
import type { BudgetProjection } from '../../gate/project-budget.ts';
import { readSessionStatus } from '../../gate/session-status.ts';
import { forecastProject } from '../../projects/forecast-project.ts';
import { zoneDays } from '../../reports/local-time.ts';
import type { SessionRecord, Store } from '../../stores/store.ts';
import { runningSessions } from '../running.ts';
import { alertJson, alertsOf } from './alert-log.ts';
import { grantJson, windowJson } from './budget-json.ts';

/** Budgets are found by the sessions they count: those that run, and the newest of the last days; those of a plan by themselves. */
const SESSION_COUNT = 30;
export const RECENT_MS = 31 * DAY_MS;
const ALERT_COUNT = 500;
/** Windows of one session, turn or subagent end with it. */
const OWN_PERIODS: ReadonlySet<string> = new Set(['session', 'turn', 'subagent']);

export type DepsOf = (session: SessionRecord, now: number) => EventDeps;

interface OpenBudget {
  readonly projection: BudgetProjection;
  /** One of the sessions that it counts; nobody's: it counts all. */
  readonly session: SessionRecord;
  /** Nobody else shares the window. */
  readonly isOwn: boolean;
}

/** Schema `tollgate/dashboard-budgets@1`. */
export function budgetsPageJson(store: Store, depsOf: DepsOf, now: number) {
  return {
    schema: 'tollgate/dashboard-budgets@1',
    at: now,
    windows: openBudgets(store, depsOf, now).map(({ projection, session, isOwn }) => ({
      ...windowJson(projection),
      sessionId: isOwn ? session.sessionId : null,
    })),
    grants: store
      .readGrantsSince(now - RECENT_MS)
      .toReversed()
      .map(grantJson),
    alerts: alertsOf(store, () => true, ALERT_COUNT).map(alertJson),
  };
}

function openBudgets(store: Store, depsOf: DepsOf, now: number): readonly OpenBudget[] {
  const running = runningSessions(store, now);
  const isRunning = new Set(running.map(({ sessionId }) => sessionId));
  const newest = store.readSessions({ sinceAt: now - RECENT_MS, limit: SESSION_COUNT });
  const open = new Map<string, OpenBudget>();
  for (const session of [...running, ...newest]) {
    const deps = depsOf(session, now);
    const { budgets } = store.immediately(() => readSessionStatus(session, deps, now));
    for (const projection of budgets) {
      const { budget, windowKey } = projection.budgetStatus;
      const isOwn = OWN_PERIODS.has(budget.period.kind);
      if (open.has(windowKey) || (isOwn && !isRunning.has(session.sessionId))) continue;
      open.set(windowKey, { projection, session, isOwn });
    }
  }
  const asking = nobody(now);
  const deps = depsOf(asking, now);
  for (const projection of store.immediately(() => readPlanBudgets([], deps, now))) {
    const { windowKey } = projection.budgetStatus;
    if (!open.has(windowKey)) open.set(windowKey, { projection, session: asking, isOwn: false });
  }
  return [...open.values()];
}

/** How a window has filled until now, and where it will end if it goes on like that; schema `tollgate/dashboard-window@1`. */
export function windowPageJson(key: string, store: Store, depsOf: DepsOf, now: number) {
  const found = openBudgets(store, depsOf, now).find(
    ({ projection }) => projection.budgetStatus.windowKey === key,
  );
  if (found === undefined) throw windowGone(key);
  const { projection, session } = found;
  const { window, budget } = projection.budgetStatus;
  const deps = depsOf(session, now);
  const pool = poolOf(budget, currentBudgetContext(session, deps, now), store)?.pool;
  const where = Object.entries(pool?.labels ?? {}).map(
    ([label, pattern]) => ({ key: label, patterns: [pattern] }) as SumCondition,
  );
  const { timeZone } = deps.config;
  const sums = store.readSums(fillingQuery(window, where, timeZone, now));
  return fillingJson(windowJson(projection), window, sums, now);
}

/** Days tell of a long window, hours of a short one. */
const unitOf = ({ startAt, endAt }: Window): 'day' | 'hour' =>
  endAt - startAt > 3 * DAY_MS ? 'day' : 'hour';

/** What must be asked for how a window has filled. */
export const fillingQuery = (
  window: Window,
  where: readonly SumCondition[],
  timeZone: string,
  now: number,
): SumQuery => ({
  by: [unitOf(window)],
  zone: zoneDays(timeZone, window),
  window: { startAt: window.startAt, endAt: Math.min(window.endAt, now + 1) },
  where,
});

/** Schema `tollgate/dashboard-window@1`. */
export function fillingJson(
  budget: object,
  window: Window,
  sums: readonly GroupSums[],
  now: number,
) {
  const unit = unitOf(window);
  const buckets = sums
    .map(({ costNanoUsd, firstAt, lastAt }) => ({ costNanoUsd, firstAt, lastAt }))
    .sort((a, b) => a.firstAt - b.firstAt);
  let total = 0;
  return {
    schema: 'tollgate/dashboard-window@1',
    at: now,
    budget,
    unit,
    /** The running total after each bucket that spent something. */
    points: buckets.map(({ costNanoUsd, lastAt }) => {
      total += costNanoUsd;
      return { at: lastAt, totalNanoUsd: total };
    }),
    forecast: forecastWindow(buckets, window, unit === 'day' ? DAY_MS : HOUR_MS, now),
  };
}

/** By the days, or hours, of the window that are over: as a project's end is forecast. */
function forecastWindow(
  buckets: readonly { readonly costNanoUsd: number; readonly firstAt: number }[],
  { startAt, endAt }: { readonly startAt: number; readonly endAt: number },
  unitMs: number,
  now: number,
) {
  const doneCount = (now - startAt) / unitMs;
  const units = Array.from({ length: Math.floor(doneCount) }, () => 0);
  for (const { costNanoUsd, firstAt } of buckets) {
    const place = Math.floor((firstAt - startAt) / unitMs);
    if (units[place] !== undefined) units[place] += costNanoUsd;
  }
  return forecastProject({
    basis: 'time',
    spentNanoUsd: buckets.reduce((sum, { costNanoUsd }) => sum + costNanoUsd, 0),
    unitNanoUsd: units,
    doneCount,
    leftCount: (endAt - now) / unitMs,
  });
}

export const windowGone = (key: string): TollgateError =>
  new TollgateError({
    code: 'WINDOW_UNKNOWN',
    message: `no open window is called ${key}`,
    hint: 'its time may be over: choose another on the page of budgets',
  });
