// Where a budget is heading: its burn rate, pace, run-out and the requests that are left. Rule: the same figures for messages, the status line,
// the live view, alerts and a prompt.
import { burnRateOf, projectSpend, RECENT_MS, type SpendProjection } from '../domain/burn-rate.ts';
import type { NanoUsd } from '../domain/money.ts';
import { type BudgetStatus, headroomOf } from '../domain/spend.ts';
import type { EpochMs } from '../domain/time.ts';
import type { Pool, SessionRecord, ThreadRecord } from '../stores/store.ts';
import { poolOf } from './budget-pools.ts';
import { forecastNextRequest } from './forecast-inputs.ts';
import type { BudgetContext, GateDeps } from './types.ts';

/** A budget and its future. */
export interface BudgetProjection extends SpendProjection {
  readonly budgetStatus: BudgetStatus;
  /** What a request is expected to cost; `null`: not known. */
  readonly requestNanoUsd: NanoUsd | null;
}

type Deps = Pick<GateDeps, 'store' | 'pricer' | 'config'>;

/** Projects one budget. Call inside `store.immediately`. `requestNanoUsd`: see `expectedRequestCost`. */
export function projectBudget(
  budgetStatus: BudgetStatus,
  { startedAt }: Pick<SessionRecord, 'startedAt'>,
  requestNanoUsd: NanoUsd | null,
  budgetContext: BudgetContext,
  deps: Deps,
): BudgetProjection {
  const { now } = budgetContext;
  const pool = poolOf(budgetStatus.budget, budgetContext, deps.store)?.pool;
  // A pool that others share does not begin with this session.
  const isOwn = budgetStatus.budget.period.kind === 'session';
  const burnNanoUsdPerHour = pool ? burnOf(pool, isOwn ? startedAt : 0, budgetContext, deps) : 0;
  // While nobody knows what a share of the plan's window costs, dollars say nothing of where it is heading.
  const isRateKnown = budgetStatus.plan?.errorRatio !== null;
  const headroomNanoUsd = isRateKnown ? headroomOf(budgetStatus) : null;
  const windowEndAt = budgetStatus.window.endAt;
  const at = { burnNanoUsdPerHour, headroomNanoUsd, requestNanoUsd, windowEndAt, now };
  return { budgetStatus, requestNanoUsd, ...projectSpend(at) };
}

/** What a request of a thread is expected to cost while its cache lives; `null` before its first one. */
export function expectedRequestCost(
  thread: ThreadRecord | null,
  { store, pricer, config }: Deps,
): NanoUsd | null {
  if (thread === null) return null;
  const deps = { store, pricer, safety: config.safety, ceilingNanoUsd: null };
  return Math.round(forecastNextRequest(thread, null, deps, thread.lastRequestAt).expectedNanoUsd);
}

/** What a pool spends, in nano-dollars per hour. `beganAt`: since when, at the earliest. */
export function burnOf(
  pool: Pool,
  beganAt: EpochMs,
  budgetContext: BudgetContext,
  { store }: Pick<Deps, 'store'>,
): NanoUsd {
  const { now } = budgetContext;
  const startAt = Math.max(now - RECENT_MS, pool.window.startAt);
  // A window that moves is added up anew each time, and remembered nowhere.
  const recent: Pool = {
    ...pool,
    key: `rolling:burn|${pool.key}`,
    window: { startAt, endAt: Number.POSITIVE_INFINITY },
  };
  const { postedNanoUsd } = store.readPoolSpend(recent, budgetContext, now);
  return burnRateOf({ spentNanoUsd: postedNanoUsd, beganAt, now });
}
