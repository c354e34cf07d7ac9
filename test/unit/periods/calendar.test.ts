// Days, weeks and months of a zone: where they begin and end, and what they are called.
import { expect, test } from 'vitest';
import { HOUR_MS } from '../../../src/domain/time.ts';
import { calendarPeriod } from '../../../src/periods/calendar.ts';

test.each([
  [
    'day',
    'UTC',
    '2026-11-21T00:00:00Z',
    '2026-11-21T00:00Z',
    '2026-11-22T00:00Z',
    'day 2026-11-21',
  ],
  [
    'day',
    'UTC',
    '2026-12-31T23:59:59Z',
    '2026-12-31T00:00Z',
    '2027-01-01T00:00Z',
    'day 2026-12-31',
  ],
  [
    'day',
    'Europe/Berlin',
    '2026-11-20T23:00:00Z',
    '2026-11-20T23:00Z',
    '2026-11-21T23:00Z',
    'day 2026-11-21',
  ],
  [
    'day',
    'Pacific/Kiritimati',
    '2026-03-05T09:59:59Z',
    '2026-03-04T10:00Z',
    '2026-03-05T10:00Z',
    'day 2026-03-05',
  ],
  [
    'day',
    'Pacific/Pago_Pago',
    '2026-03-05T10:59:59Z',
    '2026-03-04T11:00Z',
    '2026-03-05T11:00Z',
    'day 2026-03-04',
  ],
  // A week is from Monday on.
  [
    'week',
    'UTC',
    '2026-11-16T00:00:00Z',
    '2026-11-16T00:00Z',
    '2026-11-23T00:00Z',
    'week from 2026-11-16',
  ],
  [
    'week',
    'UTC',
    '2026-11-22T23:59:59Z',
    '2026-11-16T00:00Z',
    '2026-11-23T00:00Z',
    'week from 2026-11-16',
  ],
  [
    'week',
    'UTC',
    '2027-01-01T12:00:00Z',
    '2026-12-28T00:00Z',
    '2027-01-04T00:00Z',
    'week from 2026-12-28',
  ],
  [
    'month',
    'UTC',
    '2026-11-30T23:59:59Z',
    '2026-11-01T00:00Z',
    '2026-12-01T00:00Z',
    'month 2026-11',
  ],
  [
    'month',
    'UTC',
    '2026-12-05T00:00:00Z',
    '2026-12-01T00:00Z',
    '2027-01-01T00:00Z',
    'month 2026-12',
  ],
  [
    'month',
    'America/New_York',
    '2026-02-01T04:59:59Z',
    '2026-01-01T05:00Z',
    '2026-02-01T05:00Z',
    'month 2026-01',
  ],
] as const)('the %s in %s at %s', (unit, timeZone, at, start, end, label) => {
  const period = calendarPeriod(unit, timeZone);
  expect(period).toMatchObject({ key: `${unit}@${timeZone}`, moves: false });
  expect(period.windowAt(Date.parse(at))).toEqual({
    ...{ startAt: Date.parse(start), endAt: Date.parse(end), label },
  });
});

test('a zone that does not exist is refused', () => {
  expect(() => calendarPeriod('day', 'Europe/Nowhere')).toThrow(RangeError);
});

test.each([
  ['Europe/Berlin', '2026-03-29', 23],
  ['Europe/Berlin', '2026-10-25', 25],
  ['Australia/Lord_Howe', '2026-04-05', 24.5],
  ['Australia/Lord_Howe', '2026-10-04', 23.5],
  ['America/New_York', '2026-11-01', 25],
  ['Asia/Kolkata', '2026-03-29', 24],
  // Clocks go from 00:00 to 01:00: the day starts at one.
  ['America/Havana', '2026-03-08', 23],
  ['Africa/Cairo', '2026-04-24', 23],
  // They go back from 24:00 to 23:00: the day before is the long one.
  ['Asia/Beirut', '2026-10-24', 25],
])('%s %s has %d hours', (timeZone, date, hours) => {
  const day = calendarPeriod('day', timeZone);
  const window = day.windowAt(Date.parse(`${date}T12:00:00Z`));
  expect(window.label).toBe(`day ${date}`);
  expect((window.endAt - window.startAt) / HOUR_MS).toBe(hours);
});

test('a day that skips midnight starts at one', () => {
  const { startAt } = calendarPeriod('day', 'America/Havana').windowAt(
    Date.parse('2026-03-08T18:00:00Z'),
  );
  const clock = new Intl.DateTimeFormat('en-GB', {
    timeZone: 'America/Havana',
    timeStyle: 'short',
  });
  expect(clock.format(startAt)).toBe('01:00');
  expect(clock.format(startAt - 1)).toBe('23:59');
});
