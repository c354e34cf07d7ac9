// A decision lease: how much may be spent after a decision before another decision could come out differently. PURE.
// Rule: a lease may end too early, never too late; without one the gate decides. (Money that was given back and leaves a rolling
// window before it was spent is not seen; the decision before the next request sees it.)
import type { EntryId, SessionId, TurnId } from './ids.ts';
import type { NanoUsd } from './money.ts';
import { type BudgetStatus, ceilingOf } from './spend.ts';
import { type EpochMs, MINUTE_MS } from './time.ts';

/** Clocks, windows and configurations change: no lease lasts longer. */
const MAX_DURATION_MS = 10 * MINUTE_MS;

/** A position in the ledger: its newest entry at some moment. */
export interface LedgerPosition {
  readonly seq: number;
  readonly entryId: EntryId;
}

/** What the ledger recorded after a position, in all sessions. */
export interface SpendSince {
  /** Corrections that take money back are not subtracted. */
  readonly addedNanoUsd: NanoUsd;
  /** Reserved now, for requests of all sessions. */
  readonly reservedNanoUsd: NanoUsd;
}

/** Plain JSON. */
export interface DecisionLease {
  readonly issuedAt: EpochMs;
  /** Exclusive. */
  readonly expiresAt: EpochMs;
  /** Of the thread it was issued to: another model, or another turn, has other budgets. */
  readonly model: string;
  readonly turnId: TurnId | null;
  /** The session and those it continues: a halt of any of them ends the lease. */
  readonly chain: readonly SessionId[];
  readonly inheritedNanoUsd: NanoUsd;
  /** Everything up to here is in the amounts below. */
  readonly position: LedgerPosition;
  /** What may be added before a stage of some budget is reached. */
  readonly untilStageNanoUsd: NanoUsd;
  /** The headroom under each ceiling, before reservations. */
  readonly ceilings: readonly {
    readonly ceilingNanoUsd: NanoUsd;
    readonly headroomNanoUsd: NanoUsd;
  }[];
}

/** The amounts of a lease. */
export type LeaseLimits = Pick<DecisionLease, 'expiresAt' | 'untilStageNanoUsd' | 'ceilings'>;

/** The amounts that budgets leave; `null` where a stage was announced already, or a window has not begun. */
export function leaseLimits(statuses: readonly BudgetStatus[], now: EpochMs): LeaseLimits | null {
  let expiresAt = now + MAX_DURATION_MS;
  let untilStageNanoUsd = Number.MAX_SAFE_INTEGER;
  const ceilings: LeaseLimits['ceilings'][number][] = [];
  for (const status of statuses) {
    const { budget, window } = status;
    if (status.announced.length > 0 || window.startAt > now) return null;
    expiresAt = Math.min(expiresAt, window.endAt);
    const posted = status.postedNanoUsd + status.inheritedNanoUsd;
    const stages = [budget.softNanoUsd];
    // A grant may end before the window does: without it the ceiling is the lowest it can be.
    const ceilingNanoUsd = ceilingOf({ ...status, grantedNanoUsd: 0 });
    if (ceilingNanoUsd !== null) {
      stages.push(ceilingNanoUsd, Math.floor(ceilingNanoUsd * (budget.wrapUpRatio ?? 1)));
      ceilings.push({ ceilingNanoUsd, headroomNanoUsd: ceilingNanoUsd - posted });
    }
    for (const stage of stages) {
      if (stage !== null) untilStageNanoUsd = Math.min(untilStageNanoUsd, stage - posted);
    }
  }
  return { expiresAt, untilStageNanoUsd, ceilings };
}

/** The state of a session when a lease is to be used. */
export interface LeaseUse extends SpendSince {
  readonly now: EpochMs;
  readonly turnId: TurnId | null;
  readonly model: string;
  readonly inheritedNanoUsd: NanoUsd;
  /** More than the next request is ever taken to cost under a ceiling. */
  readonly nextRequestUpperBoundNanoUsd: (ceilingNanoUsd: NanoUsd) => NanoUsd;
}

/** Whether a lease holds: a decision before this tool would allow it, say nothing and reserve nothing. */
export function leaseHolds(lease: DecisionLease, use: LeaseUse): boolean {
  const { now, addedNanoUsd } = use;
  if (now < lease.issuedAt || now >= lease.expiresAt) return false;
  if (use.turnId !== lease.turnId || use.model !== lease.model) return false;
  if (use.inheritedNanoUsd !== lease.inheritedNanoUsd) return false;
  if (addedNanoUsd >= lease.untilStageNanoUsd) return false;
  // Twice what is reserved, since what the session itself reserved counts once more until its response is recorded; and twice
  // the next request, the distance from which a forecast no longer matters (see `gate/estimate-next-request.ts`).
  const taken = addedNanoUsd + 2 * use.reservedNanoUsd;
  return lease.ceilings.every(
    ({ ceilingNanoUsd, headroomNanoUsd }) =>
      headroomNanoUsd - taken >= 2 * use.nextRequestUpperBoundNanoUsd(ceilingNanoUsd),
  );
}
