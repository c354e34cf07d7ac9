// Which recipe a period of the configuration names.
import { expect, test } from 'vitest';
import type { PeriodSpec } from '../../../src/domain/budget.ts';
import { HOUR_MS } from '../../../src/domain/time.ts';
import { periodOf } from '../../../src/periods/periods.ts';

const NOON = Date.UTC(2026, 10, 21, 12);

test.each<[PeriodSpec, string, boolean, string]>([
  [{ kind: 'day', timeZone: 'UTC' }, 'day@UTC', false, 'day 2026-11-21'],
  [{ kind: 'week', timeZone: 'Asia/Tokyo' }, 'week@Asia/Tokyo', false, 'week from 2026-11-16'],
  [{ kind: 'month', timeZone: 'UTC' }, 'month@UTC', false, 'month 2026-11'],
  [{ kind: 'rolling', lengthMs: HOUR_MS }, 'rolling:3600000', true, 'last 1 hour'],
  [{ kind: 'forever' }, 'forever', false, 'all time'],
])('%j', (spec, key, moves, label) => {
  const period = periodOf(spec);
  expect(period).toMatchObject({ key, moves });
  expect(period?.windowAt(NOON)?.label).toBe(label);
});

test('dates are one window, of their zone, and no time beside it', () => {
  // Berlin has 25 hours on the last Sunday of October.
  const spec = { kind: 'dates', from: '2026-10-25', until: '2026-10-25' } as const;
  const period = periodOf({ ...spec, timeZone: 'Europe/Berlin' });
  const window = period?.windowAt(Date.UTC(2026, 9, 25, 12));
  expect(window).toEqual({
    startAt: Date.UTC(2026, 9, 24, 22),
    endAt: Date.UTC(2026, 9, 25, 23),
    label: '2026-10-25 to 2026-10-25',
  });
  expect(period?.windowAt(Date.UTC(2026, 9, 25, 23))).toBeNull();
  expect(period?.windowAt(Date.UTC(2026, 9, 24, 22) - 1)).toBeNull();
});

test('forever begins with the clock and does not end', () => {
  const window = periodOf({ kind: 'forever' })?.windowAt(NOON);
  expect(window).toMatchObject({ startAt: 0, endAt: Number.POSITIVE_INFINITY });
});

test.each<PeriodSpec>([
  { kind: 'session', followChain: true },
  { kind: 'turn' },
  { kind: 'subagent' },
])('$kind is a window by its id', (spec) => {
  expect(periodOf(spec)).toBeNull();
});
