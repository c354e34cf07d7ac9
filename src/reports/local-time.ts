// Days and hours of a time zone, for many instants at little cost. Rule: pure; a zone is asked for its
// distance from UTC some times a year of spend, never once per row.

import { shiftAt, type ZoneDays, type ZoneShift } from '../domain/aggregates.ts';
import { DAY_MS, type EpochMs, HOUR_MS, MINUTE_MS, type Window } from '../domain/time.ts';

/** Shorter than any time for which a zone changes its clocks and back. */
const STEP_MS = 14 * DAY_MS;
const QUARTER_MS = 15 * MINUTE_MS;

/** Before and after, a zone keeps the distance it had or has then: a clock may be wrong by centuries. */
const FIRST_AT = Date.UTC(1970, 0, 3);
const LAST_AT = Date.UTC(2100, 0, 1);

/** A zone over a span of time. Throws `RangeError` for a zone that does not exist. */
export function zoneDays(timeZone: string, span: Window): ZoneDays {
  const shiftOf = shiftReader(timeZone);
  const startAt = Math.floor(Math.max(span.startAt, FIRST_AT) / DAY_MS) * DAY_MS - 2 * DAY_MS;
  const endAt = Math.min(span.endAt, LAST_AT);
  const shifts: ZoneShift[] = [{ fromAt: startAt, shiftMs: shiftOf(startAt) }];
  for (let at = startAt; at < endAt + 2 * DAY_MS; ) {
    const next = at + STEP_MS;
    const before = shifts.at(-1)?.shiftMs ?? 0;
    const after = shiftOf(next);
    if (after !== before) shifts.push({ fromAt: changeBetween(at, next, shiftOf), shiftMs: after });
    at = next;
  }
  return { timeZone, shifts };
}

/** Clocks change on quarters of an hour. */
function changeBetween(low: EpochMs, high: EpochMs, shiftOf: (at: EpochMs) => number): EpochMs {
  let before = Math.floor(low / QUARTER_MS);
  let after = Math.ceil(high / QUARTER_MS);
  const old = shiftOf(before * QUARTER_MS);
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    if (shiftOf(middle * QUARTER_MS) === old) before = middle;
    else after = middle;
  }
  return after * QUARTER_MS;
}

function shiftReader(timeZone: string): (at: EpochMs) => number {
  if (timeZone === 'UTC') return () => 0;
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    timeZoneName: 'longOffset',
    hour: 'numeric',
  });
  return (at) => {
    const match = /GMT([+-])(\d{1,2}):?(\d{2})?/.exec(format.format(at));
    if (!match) return 0;
    const ms = Number(match[2]) * HOUR_MS + Number(match[3] ?? 0) * MINUTE_MS;
    return match[1] === '-' ? -ms : ms;
  };
}

/** `2026-11-21` of a day counted from 1970. */
export function dateText(day: number): string {
  return isoText(day * DAY_MS).slice(0, 10);
}

/** The day counted from 1970 that a date names. */
export function dayOfDate(date: string): number {
  return Math.floor(Date.parse(`${date}T00:00:00Z`) / DAY_MS);
}

/** The first instant of a day in the zone, also where clocks go forward over midnight. */
export function dayStart({ shifts }: ZoneDays, day: number): EpochMs {
  const midnight = day * DAY_MS;
  for (const [index, { fromAt, shiftMs }] of shifts.entries()) {
    const endAt = shifts[index + 1]?.fromAt ?? Number.POSITIVE_INFINITY;
    const at = midnight - shiftMs;
    if (at < endAt) return index === 0 ? at : Math.max(at, fromAt);
  }
  return midnight;
}

/** `2026-11-21T14:30+01:00`: distinguishes the two hours of an autumn night that have the same name. */
export function localText(zone: ZoneDays, at: EpochMs): string {
  const shift = shiftAt(zone, at);
  const sign = shift < 0 ? '-' : '+';
  const minutes = Math.abs(shift) / MINUTE_MS;
  const pad = (value: number) => String(value).padStart(2, '0');
  const clock = isoText(at + shift).slice(0, 16);
  return `${clock}${sign}${pad(Math.floor(minutes / 60))}:${pad(minutes % 60)}`;
}

/** The last instant that has a date, either way. */
const FARTHEST_AT = 8_640_000_000_000_000;

/** An instant in UTC, without the sign and the two digits of years that have more than four. */
const isoText = (at: EpochMs): string =>
  new Date(Math.max(-FARTHEST_AT, Math.min(FARTHEST_AT, at)))
    .toISOString()
    .replace(/^[+-]\d\d(?=\d{4}-)/, '');
