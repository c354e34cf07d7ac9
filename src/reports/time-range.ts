// From words for a span of time to a window: `7d`, `today`, `2026-11-01`. Rule: dates are days of the person's
// zone, `--until` includes the day it names, and what is no time is a mistake with a hint.
import { DAY_MS, type EpochMs, HOUR_MS, MINUTE_MS, type Window } from '../domain/time.ts';
import { TollgateError } from '../errors.ts';
import { calendarPeriod } from '../periods/calendar.ts';
import { WEEK_STARTS, type WeekStart } from './week.ts';

/** Spans that end now, and spans of whole days. */
const UNITS: Readonly<Record<string, { readonly ms: number; readonly isDays: boolean }>> = {
  m: { ms: MINUTE_MS, isDays: false },
  min: { ms: MINUTE_MS, isDays: false },
  minute: { ms: MINUTE_MS, isDays: false },
  h: { ms: HOUR_MS, isDays: false },
  hour: { ms: HOUR_MS, isDays: false },
  d: { ms: DAY_MS, isDays: true },
  day: { ms: DAY_MS, isDays: true },
  w: { ms: 7 * DAY_MS, isDays: true },
  week: { ms: 7 * DAY_MS, isDays: true },
};

const MONTHS = 'jan feb mar apr may jun jul aug sep oct nov dec'.split(' ');

/** The window that `--since` and `--until` mean; an absent end is open (infinite). */
export function parseSpan(
  since: string | undefined,
  until: string | undefined,
  now: EpochMs,
  timeZone: string,
  weekStart: WeekStart = 'monday',
): Window {
  const parse = (word: string | undefined, option: string) =>
    word === undefined ? null : parseMoment(word, option, now, timeZone, weekStart);
  const from = parse(since, '--since');
  const to = parse(until, '--until');
  const window = {
    startAt: from?.startAt ?? Number.NEGATIVE_INFINITY,
    endAt: to?.endAt ?? Number.POSITIVE_INFINITY,
  };
  if (window.endAt > window.startAt) return window;
  throw new TollgateError({
    code: 'SPAN_EMPTY',
    message: `nothing can be between --since ${since} and --until ${until}`,
    hint: 'give the earlier time to --since',
  });
}

/** A word as the span it names: `--since` takes its start, `--until` its end. */
function parseMoment(
  word: string,
  option: string,
  now: EpochMs,
  timeZone: string,
  weekStart: WeekStart,
): Window {
  const text = word
    .trim()
    .toLowerCase()
    .replace(/[\s_]+/g, '-')
    .replace(/^an?-/, '1-');
  const day = calendarPeriod('day', timeZone);
  const month = calendarPeriod('month', timeZone);
  const today = day.windowAt(now);
  const back = /^(?:(?:the-)?(?:last|past)-)?(\d{1,5})-?([a-z]+?)s?(-ago)?$/.exec(text);
  const unit = back === null ? undefined : UNITS[back[2] ?? ''];
  if (back && unit) return windowBack(Number(back[1]), unit, Boolean(back[3]), { now, today, day });
  switch (text) {
    case 'now':
      return { startAt: now, endAt: now };
    case 'today':
      return today;
    case 'yesterday':
      return day.windowAt(today.startAt - 1);
    case 'this-week':
      return weekOf(today, day, weekStart);
    case 'last-week':
      return weekOf(day.windowAt(weekOf(today, day, weekStart).startAt - 1), day, weekStart);
    case 'this-month':
      return month.windowAt(now);
    case 'last-month':
      return month.windowAt(month.windowAt(now).startAt - 1);
    case 'this-year':
      return yearOf(yearAt(today), timeZone);
    case 'last-year':
      return yearOf(yearAt(today) - 1, timeZone);
  }
  const numbered = parseWeek(text, day, timeZone) ?? parseQuarter(text, yearAt(today), timeZone);
  if (numbered) return numbered;
  const weekday = text.replace(/^last-/, '');
  if (isWeekday(weekday)) {
    let found = text === weekday ? today : day.windowAt(today.startAt - 1);
    while (weekdayOf(found.label) !== weekday) found = day.windowAt(found.startAt - 1);
    return found;
  }
  const named = parseNamedDate(text, yearAt(today));
  const date = parseDate(named ?? text, timeZone) ?? parseInstant(word.trim());
  if (date) return date;
  throw new TollgateError({
    code: 'TIME_UNREADABLE',
    message: `${option} ${word} is no time`,
    hint: 'give a date (2026-11-21, 21 nov), a week (2026-w47), a month (2026-11, november), q3, a year, 7d, 12 hours, 3 days ago, today, yesterday, monday, this-week, last-week, this-month or last-month',
  });
}

/** The day, or the week from Monday, around an instant. */
export function periodAt(unit: 'day' | 'week', at: EpochMs, timeZone: string): Window {
  const { startAt, endAt } = calendarPeriod(unit, timeZone).windowAt(at);
  return { startAt, endAt };
}

interface Today {
  readonly now: EpochMs;
  readonly today: Window;
  readonly day: ReturnType<typeof calendarPeriod>;
}

/** `7d`: the last seven days, today included; `3 days ago`: that day alone; hours and minutes are counted from now. */
function windowBack(
  count: number,
  { ms, isDays }: { readonly ms: number; readonly isDays: boolean },
  isAgo: boolean,
  { now, today, day }: Today,
): Window {
  if (!isDays) return { startAt: now - count * ms, endAt: now - count * ms };
  const days = (count * ms) / DAY_MS;
  return daysBack(isAgo ? days + 1 : days, today, day);
}

const yearAt = (today: Window & { readonly label: string }): number =>
  Number(/(\d{4})-\d{2}-\d{2}$/.exec(today.label)?.[1]);

function yearOf(year: number, timeZone: string): Window {
  const first = parseDate(`${year}-01`, timeZone);
  const last = parseDate(`${year}-12`, timeZone);
  return { startAt: first?.startAt ?? 0, endAt: last?.endAt ?? 0 };
}

/** `nov`, `november-2026`, `21-nov`, `nov-21-2026` as a date in digits; `null` for anything else. */
function parseNamedDate(text: string, thisYear: number): string | null {
  const parts = text.replaceAll(/[.,]/g, '').split('-').filter(Boolean);
  const isMonth = (part: string) => /^[a-z]{3,9}$/.test(part) && MONTHS.includes(part.slice(0, 3));
  const name = parts.find(isMonth);
  const numbers = parts
    .filter((part) => /^\d{1,4}(st|nd|rd|th)?$/.test(part))
    .map(Number.parseFloat);
  if (name === undefined || numbers.length !== parts.length - 1 || numbers.length > 2) return null;
  const year = numbers.find((number) => number > 31) ?? thisYear;
  const date = numbers.find((number) => number <= 31);
  const pad = (number: number) => String(number).padStart(2, '0');
  const month = `${year}-${pad(MONTHS.indexOf(name.slice(0, 3)) + 1)}`;
  return date === undefined ? month : `${month}-${pad(date)}`;
}

/** The seven days around today that begin on that day. */
function weekOf(
  today: Window,
  day: ReturnType<typeof calendarPeriod>,
  weekStart: WeekStart,
): Window {
  let first = day.windowAt(today.startAt);
  while (weekdayOf(first.label) !== weekStart) first = day.windowAt(first.startAt - 1);
  let last = first;
  for (let left = 6; left > 0; left -= 1) last = day.windowAt(last.endAt);
  return { startAt: first.startAt, endAt: last.endAt };
}

/** `2026-w47`, as ISO 8601 numbers weeks: the first one has the fourth of January in it. */
function parseWeek(
  text: string,
  day: ReturnType<typeof calendarPeriod>,
  timeZone: string,
): Window | null {
  const [, year = '', week = ''] = /^(\d{4})-?w(\d{1,2})$/.exec(text) ?? [];
  const inFirst = parseDate(`${year}-01-04`, timeZone);
  const days = (Number(week) - 1) * 7;
  if (inFirst === null || days < 0 || days > 52 * 7) return null;
  const around = day.windowAt(inFirst.startAt + days * DAY_MS + DAY_MS / 2);
  return weekOf(around, day, 'monday');
}

/** `q3`, `2026-q3`. */
function parseQuarter(text: string, thisYear: number, timeZone: string): Window | null {
  const [, year = thisYear, quarter] = /^(?:(\d{4})-?)?q([1-4])$/.exec(text) ?? [];
  const month = (index: number) => {
    const number = String((Number(quarter) - 1) * 3 + index).padStart(2, '0');
    return parseDate(`${year}-${number}`, timeZone);
  };
  const [first, last] = [month(1), month(3)];
  return first && last && { startAt: first.startAt, endAt: last.endAt };
}

const isWeekday = (word: string): boolean => WEEK_STARTS.some((name) => name === word);

/** Labels of days end with their date. */
const weekdayOf = (label: string): WeekStart | undefined =>
  WEEK_STARTS[(Date.parse(`${label.slice(-10)}T00:00:00Z`) / DAY_MS) % 7];

/** The last so-many days, today included: `1d` is today. */
function daysBack(count: number, today: Window, day: ReturnType<typeof calendarPeriod>): Window {
  let window = today;
  for (let left = Math.min(count, 40_000); left > 1; ) {
    // A day lasts 23 to 25 hours: jump by what is safe, and look where that led.
    const jump = Math.max(1, Math.floor((left - 1) / 2));
    const target = day.windowAt(window.startAt - jump * DAY_MS + DAY_MS / 2);
    left -= Math.round((window.startAt - target.startAt) / DAY_MS);
    window = target;
  }
  return window;
}

/** `21.11.2026`. With slashes nobody knows which number is the month. */
const DOTTED = /^(\d{2})\.(\d{2})\.(\d{4})$/;

/** `2026-11-21`, `20261121`, `21.11.2026`, `2026-11` or `2026` in the zone; `null` for anything else and for days that never were. */
function parseDate(text: string, timeZone: string): Window | null {
  if (/^(19|20)\d{2}$/.test(text)) return yearOf(Number(text), timeZone);
  const match = /^(\d{4})-?(\d{2})(?:-?(\d{2}))?$/.exec(text.replace(DOTTED, '$3-$2-$1'));
  if (!match) return null;
  const [year, month, date] = [match[1], match[2], match[3] ?? '01'];
  const noon = Date.parse(`${year}-${month}-${date}T12:00:00Z`);
  if (Number.isNaN(noon) || new Date(noon).getUTCDate() !== Number(date)) return null;
  // Noon UTC may be the day before or after where clocks differ by more than half a day.
  const period = calendarPeriod(match[3] ? 'day' : 'month', timeZone);
  for (const at of [noon, noon - DAY_MS, noon + DAY_MS]) {
    const window = period.windowAt(at);
    if (window.label.endsWith(` ${year}-${month}${match[3] ? `-${date}` : ''}`)) return window;
  }
  return null;
}

/** A whole ISO instant, as a span without length. */
function parseInstant(word: string): Window | null {
  if (!/^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}/.test(word)) return null;
  const at = Date.parse(word);
  return Number.isNaN(at) ? null : { startAt: at, endAt: at };
}
