// Days, weeks (from Monday) and months of an IANA time zone. Rule: a window starts at the first instant
// of its local date, whatever daylight saving does to that date.
import { DAY_MS, type EpochMs, HOUR_MS, SECOND_MS } from '../domain/time.ts';
import type { EndlessPeriod, LabelledWindow, Period } from './period.ts';

type CalendarUnit = 'day' | 'week' | 'month';

interface LocalDate {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

/** A calendar period in a zone. Throws `RangeError` for a zone that does not exist. */
export function calendarPeriod(unit: CalendarUnit, timeZone: string): EndlessPeriod {
  const zone = zoneOf(timeZone);
  return {
    key: `${unit}@${timeZone}`,
    moves: false,
    windowAt: (at) => windowAt(unit, zone, at),
  };
}

/** The days from one date to another, both included: one window. Throws `RangeError` as `calendarPeriod` does. */
export function datesPeriod(
  from: string,
  until: string,
  timeZone: string,
): Period & { readonly whole: LabelledWindow } {
  const zone = zoneOf(timeZone);
  const dateOf = (text: string): LocalDate => {
    const [year = 0, month = 1, day = 1] = text.split('-').map(Number);
    return { year, month, day };
  };
  const window: LabelledWindow = {
    startAt: zone.startOf(dateOf(from)),
    endAt: zone.startOf(shift(dateOf(until), 1)),
    label: `${from} to ${until}`,
  };
  return {
    key: `dates:${from}/${until}@${timeZone}`,
    moves: false,
    whole: window,
    windowAt: (at) => (at >= window.startAt && at < window.endAt ? window : null),
  };
}

function windowAt(unit: CalendarUnit, zone: Zone, at: EpochMs): LabelledWindow {
  const first = firstDate(unit, zone.dateAt(at));
  return {
    startAt: zone.startOf(first),
    endAt: zone.startOf(nextDate(unit, first)),
    label: labelOf(unit, first),
  };
}

function firstDate(unit: CalendarUnit, date: LocalDate): LocalDate {
  if (unit === 'month') return { ...date, day: 1 };
  if (unit === 'day') return date;
  const weekday = (new Date(utcOf(date)).getUTCDay() + 6) % 7;
  return shift(date, -weekday);
}

function nextDate(unit: CalendarUnit, date: LocalDate): LocalDate {
  if (unit === 'month') {
    return date.month === 12
      ? { year: date.year + 1, month: 1, day: 1 }
      : { ...date, month: date.month + 1 };
  }
  return shift(date, unit === 'week' ? 7 : 1);
}

function labelOf(unit: CalendarUnit, { year, month, day }: LocalDate): string {
  const pad = (value: number) => String(value).padStart(2, '0');
  if (unit === 'month') return `month ${year}-${pad(month)}`;
  return `${unit === 'week' ? 'week from' : 'day'} ${year}-${pad(month)}-${pad(day)}`;
}

const utcOf = ({ year, month, day }: LocalDate): EpochMs => Date.UTC(year, month - 1, day);

function shift(date: LocalDate, days: number): LocalDate {
  const moved = new Date(utcOf(date) + days * DAY_MS);
  return { year: moved.getUTCFullYear(), month: moved.getUTCMonth() + 1, day: moved.getUTCDate() };
}

interface Zone {
  readonly dateAt: (at: EpochMs) => LocalDate;
  /** The first instant whose local date is this one (or later, where the zone skipped the date). */
  readonly startOf: (date: LocalDate) => EpochMs;
}

function zoneOf(timeZone: string): Zone {
  const format = new Intl.DateTimeFormat('en-CA', {
    timeZone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    calendar: 'iso8601',
    numberingSystem: 'latn',
  });
  const dateAt = (at: EpochMs): LocalDate => {
    const parts = format.formatToParts(at);
    const part = (type: string) => Number(parts.find((each) => each.type === type)?.value);
    return { year: part('year'), month: part('month'), day: part('day') };
  };
  return {
    dateAt,
    startOf: (date) => {
      // No zone is further than 15 hours from UTC, and zones change on whole seconds. Where a clock goes
      // back over midnight the date comes twice, and the first time is its start.
      const target = utcOf(date);
      const reached = (second: number) => utcOf(dateAt(second * SECOND_MS)) >= target;
      let before = (target - 15 * HOUR_MS) / SECOND_MS;
      let after = (target + 15 * HOUR_MS) / SECOND_MS;
      while (after - before > 1) {
        const middle = Math.floor((before + after) / 2);
        if (reached(middle)) after = middle;
        else before = middle;
      }
      return after * SECOND_MS;
    },
  };
}
