// Laws of periods: their windows partition time, in every zone, over every change of its clocks from 2020 to 2035.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DAY_MS, type EpochMs, HOUR_MS } from '../../src/domain/time.ts';
import { calendarPeriod } from '../../src/periods/calendar.ts';
import { periodOf } from '../../src/periods/periods.ts';
import { runs } from '../support/runs.ts';

const FROM = Date.UTC(2020, 0, 1);
const TO = Date.UTC(2036, 0, 1);
const ZONES: readonly string[] = Intl.supportedValuesOf('timeZone');

/** Hours a zone is ahead of UTC at each of its changes: the instants at which its clocks jump. */
function changesOf(timeZone: string): EpochMs[] {
  const format = new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' });
  const offset = (at: EpochMs) => format.format(at).split('GMT')[1] ?? '';
  const found: EpochMs[] = [];
  const STEP = 28 * DAY_MS;
  for (let at = FROM; at < TO; at += STEP) {
    // Morocco suspends its summer time for a month: four weeks are the longest step that sees it.
    if (offset(at) === offset(at + STEP)) continue;
    let before = at;
    let after = at + STEP;
    while (after - before > 1_000) {
      const middle = Math.floor((before + after) / 2_000) * 1_000;
      if (offset(middle) === offset(at)) before = middle;
      else after = middle;
    }
    found.push(after);
  }
  return found;
}

describe('days, weeks and months', { timeout: 240_000 }, () => {
  test(`tile time around every change of ${ZONES.length} zones`, () => {
    let changeCount = 0;
    const gaps: string[] = [];
    for (const timeZone of ZONES) {
      const day = calendarPeriod('day', timeZone);
      for (const change of changesOf(timeZone)) {
        changeCount += 1;
        let window = day.windowAt(change - 26 * HOUR_MS);
        while (window.endAt < change + 26 * HOUR_MS) {
          const next = day.windowAt(window.endAt);
          const isTiled =
            next.startAt === window.endAt &&
            next.label !== window.label &&
            day.windowAt(window.endAt - 1).startAt === window.startAt;
          if (!isTiled) gaps.push(`${timeZone} ${new Date(window.endAt).toISOString()}`);
          window = next;
        }
      }
    }
    console.log(`${ZONES.length} zones, ${changeCount} changes of their clocks`);
    expect(gaps).toEqual([]);
    expect(ZONES.length).toBeGreaterThanOrEqual(400);
  });

  test('contain their moment and end where the next one starts', () => {
    const unit = fc.constantFrom('day' as const, 'week' as const, 'month' as const);
    const instant = fc.integer({ min: FROM, max: TO });
    fc.assert(
      fc.property(unit, fc.constantFrom(...ZONES), instant, (kind, timeZone, at) => {
        const period = calendarPeriod(kind, timeZone);
        const window = period.windowAt(at);
        expect(window.startAt).toBeLessThanOrEqual(at);
        expect(window.endAt).toBeGreaterThan(at);
        expect(period.windowAt(window.endAt).startAt).toBe(window.endAt);
        expect(period.windowAt(window.startAt)).toEqual(window);
        expect(period.windowAt(window.endAt - 1)).toEqual(window);
      }),
      { numRuns: runs(400) },
    );
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
});

test('a moving window ends with its moment and is as long as it says', () => {
  const length = fc.integer({ min: 60_000, max: 30 * DAY_MS });
  fc.assert(
    fc.property(length, fc.integer({ min: FROM, max: TO }), (lengthMs, at) => {
      const window = periodOf({ kind: 'rolling', lengthMs })?.windowAt(at);
      expect(window?.startAt).toBe(at - lengthMs);
      expect(window?.endAt).toBe(Number.POSITIVE_INFINITY);
    }),
  );
});
