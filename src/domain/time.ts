// Instants and spans. Rule: an instant is epoch milliseconds in UTC and ends in `At`, a span ends in `Ms`;
// nothing in this folder reads a clock.

/** Milliseconds since 1970-01-01T00:00:00Z. */
export type EpochMs = number;

export const SECOND_MS = 1_000;
export const MINUTE_MS = 60 * SECOND_MS;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

/** A span of time that contains its start and not its end; `endAt` Infinity means: it never ends. */
export interface Window {
  readonly startAt: EpochMs;
  readonly endAt: EpochMs;
}

/** From before anything to after everything. */
export const ALL_TIME: Window = {
  startAt: Number.NEGATIVE_INFINITY,
  endAt: Number.POSITIVE_INFINITY,
};

/** `23m`, `4h10m`, `3d`; `0m` for less than a minute. */
export function spanText(ms: number): string {
  if (ms >= 2 * DAY_MS) return `${Math.round(ms / DAY_MS)}d`;
  const hours = Math.floor(ms / HOUR_MS);
  const minutes = Math.floor((ms % HOUR_MS) / MINUTE_MS);
  if (hours >= 10) return `${hours}h`;
  return hours > 0 ? `${hours}h${String(minutes).padStart(2, '0')}m` : `${Math.max(0, minutes)}m`;
}
