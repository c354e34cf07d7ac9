// Looks at how fast money goes, and raises what a decision cannot see: a ceiling that will soon be met, a window spent too fast, an expensive hour.
// Rule: made by whoever sends alerts, so that no hook waits for it.
import { type Alert, enqueueAlert } from '../alerts/alert.ts';
import { isLasting } from '../domain/alerts-due.ts';
import { sessionId } from '../domain/ids.ts';
import type { NanoUsd } from '../domain/money.ts';
import { type BudgetStatus, ceilingOf, postedOf } from '../domain/spend.ts';
import { DAY_MS, type EpochMs, HOUR_MS } from '../domain/time.ts';
import type { Pool, SessionRecord } from '../stores/store.ts';
import type { BudgetProjection } from './project-budget.ts';
import { readSessionStatus } from './session-status.ts';
import type { GateDeps } from './types.ts';

const WEEK_MS = 7 * DAY_MS;
/** The same hour of so many weeks is what is usual. */
const USUAL_WEEKS = 8;
/** Of fewer weeks with that hour nothing can be said. */
const LEAST_WEEKS = 4;
/** A rate that was told is told again once it has fallen so far below its limit. */
const REARMED_BELOW_RATIO = 0.9;

/** Money that nobody in particular asks about. */
const NOBODY = { sessionId: sessionId(''), agentId: null };
/** A run-out is told once so much is spent: a rate of a few first requests says little. */
const RUN_OUT_FROM_RATIO = 0.5;

const key = (code: Alert['code'], of: string | number): string => `${code}|${of}`;

/** Raises what one session's budgets will come to. Call inside `store.immediately`. */
export function observeSession(session: SessionRecord, deps: GateDeps, now: EpochMs): void {
  const { runOutMs, paceRatio } = deps.config.alerts;
  if (runOutMs === null && paceRatio === null) return;
  for (const projection of readSessionStatus(session, deps, now).budgets) {
    const { budgetStatus } = projection;
    if (!isLasting(budgetStatus) || ceilingOf(budgetStatus) === null) continue;
    for (const alert of alertsOf(projection, deps, now)) {
      const onceKey = key(alert.code, budgetStatus.windowKey);
      enqueueAlert({ alert, onceKey }, session.sessionId, deps, now);
    }
  }
}

function alertsOf(
  { budgetStatus, runOutAt, paceRatio, burnNanoUsdPerHour, requestsLeft }: BudgetProjection,
  { config }: GateDeps,
  now: EpochMs,
): Alert[] {
  const { runOutMs, paceRatio: fastRatio } = config.alerts;
  const figures = { ...figuresOf(budgetStatus), requestsLeft };
  const isRunningOut = runOutMs !== null && runOutAt !== null && runOutAt - now <= runOutMs;
  const isWellUnderWay = figures.spendNanoUsd >= figures.limitNanoUsd * RUN_OUT_FROM_RATIO;
  const isFast = fastRatio !== null && paceRatio !== null && paceRatio >= fastRatio;
  return [
    ...(isRunningOut && runOutAt > now && isWellUnderWay
      ? [{ code: 'RUN_OUT_NEAR', runOutAt, burnNanoUsdPerHour, ...figures } as const]
      : []),
    ...(isFast ? [{ code: 'PACE_HIGH', paceRatio, ...figures } as const] : []),
  ];
}

const figuresOf = (status: BudgetStatus) => ({
  budgetId: status.budget.id,
  windowLabel: status.windowLabel,
  spendNanoUsd: postedOf(status),
  limitNanoUsd: ceilingOf(status) ?? 0,
});

/** Raises what this machine spends in an hour. Call inside `store.immediately`. */
export function observeMachine(deps: GateDeps, now: EpochMs): void {
  const { store, config } = deps;
  const { burnNanoUsdPerHour: limit, spikeRatio } = config.alerts;
  if (limit !== null) {
    const burnNanoUsdPerHour = spentIn(now - HOUR_MS, now + 1, deps);
    const alert = {
      code: 'BURN_RATE_HIGH',
      burnNanoUsdPerHour,
      limitNanoUsdPerHour: limit,
    } as const;
    const onceKey = key(alert.code, limit);
    if (burnNanoUsdPerHour > limit) enqueueAlert({ alert, onceKey }, null, deps, now);
    else if (burnNanoUsdPerHour < limit * REARMED_BELOW_RATIO) store.rearmAlert(onceKey);
  }
  if (spikeRatio === null) return;
  const hourAt = now - (now % HOUR_MS);
  const usualNanoUsd = usualIn(hourAt, deps);
  const spendNanoUsd = spentIn(hourAt, now + 1, deps);
  if (usualNanoUsd === null || spendNanoUsd < usualNanoUsd * spikeRatio) return;
  const alert = { code: 'SPEND_SPIKE', hourAt, spendNanoUsd, usualNanoUsd } as const;
  enqueueAlert({ alert, onceKey: key(alert.code, hourAt) }, null, deps, now);
}

/** The median of an hour over the weeks before in which something was spent in it; `null`: too few. */
function usualIn(hourAt: EpochMs, deps: GateDeps): NanoUsd | null {
  const earlier = Array.from({ length: USUAL_WEEKS }, (_, n) => hourAt - (n + 1) * WEEK_MS)
    .map((at) => spentIn(at, at + HOUR_MS, deps))
    .filter((spent) => spent > 0)
    .sort((a, b) => a - b);
  return earlier.length < LEAST_WEEKS ? null : (earlier[Math.floor(earlier.length / 2)] ?? null);
}

/** What this machine has spent between two instants. */
function spentIn(startAt: EpochMs, endAt: EpochMs, { store }: GateDeps): NanoUsd {
  // A window that moves is added up anew each time, and remembered nowhere.
  const pool: Pool = {
    ...{ key: 'rolling:machine', window: { startAt, endAt }, labels: {}, sessions: null },
    ...{ turnId: null, agentId: null, isAhead: false },
  };
  return store.readPoolSpend(pool, NOBODY, endAt).postedNanoUsd;
}
