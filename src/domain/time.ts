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
