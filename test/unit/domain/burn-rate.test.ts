// Burn rate, pace and run-out: what the figures say, and where they say nothing.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  aheadText,
  burnRateOf,
  projectSpend,
  RECENT_MS,
  requestsLeft,
  requestsText,
} from '../../../src/domain/burn-rate.ts';
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
      requestNanoUsd: 0.3 * DOLLAR,
      windowEndAt: NOW + leftMs,
      now: NOW,
    }),
  ).toEqual({
    burnNanoUsdPerHour: burn * DOLLAR,
    paceRatio: pace,
    runOutAt: runsOutIn === null ? null : NOW + runsOutIn,
    requestsLeft: headroom === null ? null : Math.max(0, Math.floor(headroom / 0.3)),
  });
});

test('law: pace above 1 exactly where money runs out before the window ends', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 1e12 }),
      fc.integer({ min: 1, max: 1e12 }),
      (burn, left) => {
        const at = { burnNanoUsdPerHour: burn, headroomNanoUsd: left, requestNanoUsd: null };
        const { runOutAt } = projectSpend({ ...at, windowEndAt: NOW + RECENT_MS, now: NOW });
        const runsOut = (left / burn) * HOUR_MS < RECENT_MS - 1;
        const lasts = (left / burn) * HOUR_MS > RECENT_MS + 1;
        if (runsOut) expect(runOutAt).not.toBeNull();
        if (lasts) expect(runOutAt).toBeNull();
      },
    ),
  );
});

test.each([
  [null, 5, null],
  [5, null, null],
  [5, 0, null],
  [-5, 2, 0],
  [1, 2, 0],
  [4, 2, 2],
  [5, 2, 2],
])('%j left, a request of %j: %j', (headroom, request, count) => {
  expect(requestsLeft(headroom, request)).toBe(count);
});

test('requests and run-out in words', () => {
  expect([0, 1, 9, 14, 987, 12_345].map(requestsText)).toEqual([
    ...['less than one request', 'about 1 request', 'about 9 requests', 'about 14 requests'],
    ...['about 990 requests', 'about 12,000 requests'],
  ]);
  const ahead = { requestsLeft: 9, runOutAt: NOW + 23 * 60_000 };
  expect(aheadText(ahead, NOW)).toBe('about 9 requests left, out in 23m');
  expect(aheadText({ ...ahead, runOutAt: NOW }, NOW)).toBe('about 9 requests left');
  expect(aheadText({ requestsLeft: null, runOutAt: null }, NOW)).toBe('');
});
