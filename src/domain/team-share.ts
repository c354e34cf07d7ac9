// What a machine may spend of its team's money, by the lease it holds. PURE. Rule: without a lease that is this machine's own, in its window and not over,
// nothing; whatever the clock shows, no more than the lease carries.
import type { NanoUsd } from './money.ts';
import type { EpochMs } from './time.ts';

/** What a machine does that cannot reach the team. */
export type OfflineMode = 'lease' | 'halt' | 'warn';

/** What of a lease decides. */
export interface Share {
  readonly startAt: EpochMs;
  readonly endAt: EpochMs;
  readonly expiresAt: EpochMs;
  /** Spent when the lease was given, and what it carries beyond. */
  readonly spentNanoUsd: NanoUsd;
  readonly outstandingNanoUsd: NanoUsd;
  readonly holder: string;
  readonly state: 'granted' | 'refused' | 'held-elsewhere';
}

/** Names the sum of what was spent under a lease. */
export const sharePoolKey = ({ shareKey }: { readonly shareKey: string }): string =>
  `team|${shareKey}`;

/** Whether a lease may be spent. */
export const isHeld = (share: Share, holder: string, now: EpochMs): boolean =>
  share.state !== 'held-elsewhere' &&
  share.holder === holder &&
  now >= share.startAt &&
  now < Math.min(share.endAt, share.expiresAt);

/** How much this machine may have spent of the window in all: spent before, and what the lease carries. */
export const shareCeiling = (share: Share): NanoUsd =>
  share.spentNanoUsd + share.outstandingNanoUsd;

/** A lease is renewed in the background once half of it is gone, or the next few requests may need what is left. */
const NEEDS_AHEAD = 3;

/** `leftNanoUsd`: of what the lease carried when it was given. */
export const isRenewalDue = (
  { outstandingNanoUsd }: Pick<Share, 'outstandingNanoUsd'>,
  leftNanoUsd: NanoUsd,
  needNanoUsd: NanoUsd,
): boolean => leftNanoUsd < outstandingNanoUsd / 2 || leftNanoUsd < NEEDS_AHEAD * needNanoUsd;

/** Largest slice that is asked for, where the team has that much; it gives less when many ask. */
const WANTED_NEEDS = 8;
const WANTED_LEAST: NanoUsd = 1_000_000_000;

/** What is asked for beside what is needed at least. */
export const wantedSlice = (needNanoUsd: NanoUsd): NanoUsd =>
  Math.max(WANTED_LEAST, WANTED_NEEDS * needNanoUsd);

/** A worker's claim further ahead was made by a clock that was wrong. */
export const LONGEST_CLAIM_MS = 60_000;
