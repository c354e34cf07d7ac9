// Records what Claude Code says of the plan's windows. Rule: a session that shows the same figures again, without a request since, says
// nothing new: its figures may be older than those of another session.
import type { SessionId } from '../domain/ids.ts';
import type { NanoUsd } from '../domain/money.ts';
import type { PlanLimit, PlanProblem } from '../domain/plan-window.ts';
import { planLengthMs } from '../domain/plan-window.ts';
import { type EpochMs, MINUTE_MS } from '../domain/time.ts';
import { learnRate } from '../plan/learn-rate.ts';
import type { PlanReading, Store } from '../stores/store.ts';
import { planPool } from './plan-window.ts';

/** What one session said. */
export interface PlanReport {
  readonly sessionId: SessionId;
  /** Its total by Claude Code; `null`: not said. */
  readonly totalNanoUsd: NanoUsd | null;
  readonly limits: readonly PlanLimit[];
  readonly problems: readonly PlanProblem[];
}

/** Resets of one window are told up to so much apart. */
const SAME_RESET_MS = 2 * MINUTE_MS;
/** Readings that are learned from. */
const MAX_READINGS = 2_000;

/** Writes down what is new; answers how many readings were. Call inside `store.immediately`, after reading the transcript. */
export function recordPlanReport(report: PlanReport, store: Store, now: EpochMs): number {
  for (const problem of report.problems) store.notePlanProblem({ ...problem, seenAt: now });
  return report.limits.filter((limit) => recordLimit(limit, report, store, now)).length;
}

function recordLimit(
  limit: PlanLimit,
  { sessionId, totalNanoUsd }: PlanReport,
  store: Store,
  now: EpochMs,
): boolean {
  const { window: name, usedRatio, resetsAt } = limit;
  const own = store.readSessionReading(name, sessionId);
  const isShownAgain =
    own !== null &&
    own.usedRatio === usedRatio &&
    own.resetsAt === resetsAt &&
    own.hostTotalNanoUsd === totalNanoUsd;
  if (isShownAgain) return false;
  const past = store.readPlanReadings(name, MAX_READINGS);
  const newest = past[0];
  const isSame = newest !== undefined && Math.abs(newest.resetsAt - resetsAt) <= SAME_RESET_MS;
  const endAt = isSame ? newest.endAt : resetsAt;
  if (isSame && usedRatio < newest.usedRatio) {
    const detail = `${name} from ${newest.usedRatio * 100}% to ${usedRatio * 100}%`;
    store.notePlanProblem({ code: 'SHARE_WENT_BACK', detail, seenAt: now });
  }
  const startAt = endAt - planLengthMs(name);
  const pool = planPool('(plan)', { name, startAt, endAt, reading: null, rate: null }, now);
  const nobody = { sessionId, agentId: null };
  const { postedNanoUsd: spentNanoUsd } = store.readPoolSpend(pool, nobody, now);
  const point = { endAt, usedRatio, spentNanoUsd };
  const rate = learnRate([...[...past].reverse(), point]);
  const reading: PlanReading = {
    ...limit,
    ...{ endAt, readAt: now, sessionId, hostTotalNanoUsd: totalNanoUsd, spentNanoUsd, rate },
  };
  store.addPlanReading(reading);
  return true;
}
