// How fast money goes, and when it will be gone. PURE. Rule: a rate is nano-dollars per hour over the recent past;
// what cannot be said (nothing spent, no ceiling, no end of the window) is `null`, never a guess.
import type { NanoUsd } from './money.ts';
import { type EpochMs, HOUR_MS, MINUTE_MS } from './time.ts';

/** How far back a burn rate looks: long enough for a few requests, short enough to be of now. */
export const RECENT_MS = 15 * MINUTE_MS;
/** A session that began just now: less than this would turn one request into a frightening rate. */
const SHORTEST_MS = MINUTE_MS;

/** What was spent in the recent past. */
export interface RecentSpend {
  readonly spentNanoUsd: NanoUsd;
  /** When the spender began, if that was within the recent past; otherwise anything earlier. */
  readonly beganAt: EpochMs;
  readonly now: EpochMs;
}

/** Nano-dollars per hour, never negative. */
export function burnRateOf({ spentNanoUsd, beganAt, now }: RecentSpend): NanoUsd {
  const spanMs = Math.min(RECENT_MS, Math.max(SHORTEST_MS, now - beganAt));
  return Math.max(0, Math.round((spentNanoUsd * HOUR_MS) / spanMs));
}

/** A budget's future at a burn rate. */
export interface SpendProjection {
  /** Nano-dollars per hour. */
  readonly burnNanoUsdPerHour: NanoUsd;
  /** Burn rate ÷ the rate that would just last to the end of the window; above 1 it will not last. */
  readonly paceRatio: number | null;
  /** When the ceiling is met at this rate; `null` when it is not met before the window ends. */
  readonly runOutAt: EpochMs | null;
}

export interface ProjectionInput {
  readonly burnNanoUsdPerHour: NanoUsd;
  /** What is left under the ceiling; `null`: there is none. */
  readonly headroomNanoUsd: NanoUsd | null;
  /** Infinity: the window never ends by itself. */
  readonly windowEndAt: EpochMs;
  readonly now: EpochMs;
}

/** Looks ahead. */
export function projectSpend(input: ProjectionInput): SpendProjection {
  const { burnNanoUsdPerHour, headroomNanoUsd, windowEndAt, now } = input;
  if (headroomNanoUsd === null) return { burnNanoUsdPerHour, paceRatio: null, runOutAt: null };
  if (headroomNanoUsd <= 0) return { burnNanoUsdPerHour, paceRatio: null, runOutAt: now };
  const leftMs = windowEndAt - now;
  const lastingRate = (headroomNanoUsd * HOUR_MS) / leftMs;
  const isBounded = Number.isFinite(windowEndAt) && leftMs > 0;
  const runsOutAt = now + Math.round((headroomNanoUsd / burnNanoUsdPerHour) * HOUR_MS);
  return {
    burnNanoUsdPerHour,
    paceRatio: isBounded ? Number((burnNanoUsdPerHour / lastingRate).toFixed(2)) : null,
    runOutAt: burnNanoUsdPerHour > 0 && runsOutAt < windowEndAt ? runsOutAt : null,
  };
}
