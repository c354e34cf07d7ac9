// How fast money goes, when it will be gone, and how many requests that is. PURE. Rule: a rate is nano-dollars per hour over the recent past;
// what cannot be said (nothing spent, no ceiling, no end of the window) is `null`, never a guess.
import type { NanoUsd } from './money.ts';
import { type EpochMs, HOUR_MS, MINUTE_MS, spanText } from './time.ts';

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
  /** About how many requests like the next one still fit; `null` where that is not known. */
  readonly requestsLeft: number | null;
}

export interface ProjectionInput {
  readonly burnNanoUsdPerHour: NanoUsd;
  /** What is left under the ceiling; `null`: there is none. */
  readonly headroomNanoUsd: NanoUsd | null;
  /** What the next request is expected to cost; `null`: not known. */
  readonly requestNanoUsd: NanoUsd | null;
  /** Infinity: the window never ends by itself. */
  readonly windowEndAt: EpochMs;
  readonly now: EpochMs;
}

/** Looks ahead. */
export function projectSpend(input: ProjectionInput): SpendProjection {
  const { burnNanoUsdPerHour, headroomNanoUsd, requestNanoUsd, windowEndAt, now } = input;
  const known = { burnNanoUsdPerHour, requestsLeft: requestsLeft(headroomNanoUsd, requestNanoUsd) };
  if (headroomNanoUsd === null) return { ...known, paceRatio: null, runOutAt: null };
  if (headroomNanoUsd <= 0) return { ...known, paceRatio: null, runOutAt: now };
  const leftMs = windowEndAt - now;
  const lastingRate = (headroomNanoUsd * HOUR_MS) / leftMs;
  const isBounded = Number.isFinite(windowEndAt) && leftMs > 0;
  const runsOutAt = now + Math.round((headroomNanoUsd / burnNanoUsdPerHour) * HOUR_MS);
  return {
    ...known,
    paceRatio: isBounded ? Number((burnNanoUsdPerHour / lastingRate).toFixed(2)) : null,
    runOutAt: burnNanoUsdPerHour > 0 && runsOutAt < windowEndAt ? runsOutAt : null,
  };
}

/** How many requests of a cost fit into what is left; `null` where either is not known. */
export function requestsLeft(
  headroomNanoUsd: NanoUsd | null,
  requestNanoUsd: NanoUsd | null,
): number | null {
  if (headroomNanoUsd === null || requestNanoUsd === null || requestNanoUsd <= 0) return null;
  return Math.max(0, Math.floor(headroomNanoUsd / requestNanoUsd));
}

/** `9`, `12,000`: of many the first two digits are told. */
export function aboutText(count: number): string {
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(Math.max(1, count))) - 1);
  return (Math.round(count / unit) * unit).toLocaleString('en-US');
}

/** `about 9 requests`. */
export function requestsText(count: number): string {
  if (count === 0) return 'less than one request';
  return `about ${aboutText(count)} ${count === 1 ? 'request' : 'requests'}`;
}

/** `about 9 requests left, out in 23m`; empty where nothing can be said. */
export function aheadText(
  { requestsLeft: count, runOutAt }: Pick<SpendProjection, 'requestsLeft' | 'runOutAt'>,
  now: EpochMs,
): string {
  const isRunningOut = runOutAt !== null && runOutAt > now;
  return [
    ...(count === null ? [] : [`${requestsText(count)} left`]),
    ...(isRunningOut ? [`out in ${spanText(runOutAt - now)}`] : []),
  ].join(', ');
}
