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
