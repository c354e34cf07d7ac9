// Burn rate, pace and run-out: what the figures say, and where they say nothing.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { burnRateOf, projectSpend, RECENT_MS } from '../../../src/domain/burn-rate.ts';
import { HOUR_MS, MINUTE_MS } from '../../../src/domain/time.ts';

const NOW = Date.UTC(2026, 10, 21, 12);
const DOLLAR = 1_000_000_000;

test('a dollar in a quarter of an hour is four dollars an hour', () => {
  expect(burnRateOf({ spentNanoUsd: DOLLAR, beganAt: 0, now: NOW })).toBe(4 * DOLLAR);
});

test('a session that has just begun is measured over its own life, but never over less than a minute', () => {
  const spentNanoUsd = DOLLAR;
  expect(burnRateOf({ spentNanoUsd, beganAt: NOW - 5 * MINUTE_MS, now: NOW })).toBe(12 * DOLLAR);
  expect(burnRateOf({ spentNanoUsd, beganAt: NOW - 1, now: NOW })).toBe(60 * DOLLAR);
  expect(burnRateOf({ spentNanoUsd, beganAt: NOW + MINUTE_MS, now: NOW })).toBe(60 * DOLLAR);
});

test('money that was taken back is no burning', () => {
  expect(burnRateOf({ spentNanoUsd: -DOLLAR, beganAt: 0, now: NOW })).toBe(0);
});

test.each<[string, number, number | null, number, number | null, number | null]>([
  ['half the rate that would last', 1, 4, 2 * HOUR_MS, 0.5, null],
  ['just the rate that would last', 2, 4, 2 * HOUR_MS, 1, null],
  ['twice that rate', 4, 4, 2 * HOUR_MS, 2, HOUR_MS],
  ['a third more, to two places', 4, 3, 3 * HOUR_MS, 4, 0.75 * HOUR_MS],
  ['a rate that is told to two places', 1, 3, HOUR_MS, 0.33, null],
  ['a session has no end of its own', 4, 2, Number.POSITIVE_INFINITY, null, HOUR_MS / 2],
  ['no ceiling', 4, null, HOUR_MS, null, null],
  ['nothing burns', 0, 4, HOUR_MS, 0, null],
  ['nothing burns, for ever', 0, 4, Number.POSITIVE_INFINITY, null, null],
  ['nothing is left', 4, 0, HOUR_MS, null, 0],
  ['less than nothing is left', 4, -1, HOUR_MS, null, 0],
  ['the window is over', 4, 4, 0, null, null],
  ['the window was over', 4, 4, -HOUR_MS, null, null],
])('%s', (_, burn, headroom, leftMs, pace, runsOutIn) => {
  expect(
    projectSpend({
      burnNanoUsdPerHour: burn * DOLLAR,
      headroomNanoUsd: headroom === null ? null : headroom * DOLLAR,
      windowEndAt: NOW + leftMs,
      now: NOW,
    }),
  ).toEqual({
    burnNanoUsdPerHour: burn * DOLLAR,
    paceRatio: pace,
    runOutAt: runsOutIn === null ? null : NOW + runsOutIn,
  });
});

test('law: pace above 1 exactly where money runs out before the window ends', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 1e12 }),
      fc.integer({ min: 1, max: 1e12 }),
      (burn, left) => {
        const at = { burnNanoUsdPerHour: burn, headroomNanoUsd: left };
        const { runOutAt } = projectSpend({ ...at, windowEndAt: NOW + RECENT_MS, now: NOW });
        const runsOut = (left / burn) * HOUR_MS < RECENT_MS - 1;
        const lasts = (left / burn) * HOUR_MS > RECENT_MS + 1;
        if (runsOut) expect(runOutAt).not.toBeNull();
        if (lasts) expect(runOutAt).toBeNull();
      },
    ),
  );
});
