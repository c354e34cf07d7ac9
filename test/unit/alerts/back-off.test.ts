import { expect, test } from 'vitest';
import { isExpired, waitAfter } from '../../../src/alerts/back-off.ts';

const failure = (retryAfterMs: number | null, isLasting: boolean) =>
  ({ kind: 'failed', error: 'x', retryAfterMs, isLasting }) as const;
const wait = (attemptCount: number, retryAfterMs: number | null = null, isLasting = false) =>
  waitAfter({ attemptCount }, failure(retryAfterMs, isLasting), 0.5);

test('doubles from a second to an hour', () => {
  expect([0, 1, 2, 5, 11, 12, 99].map((count) => wait(count))).toEqual([
    1_000, 2_000, 4_000, 32_000, 2_048_000, 3_600_000, 3_600_000,
  ]);
});

test('is spread by a fifth', () => {
  expect(waitAfter({ attemptCount: 3 }, failure(null, false), 0)).toBe(6_400);
  expect(waitAfter({ attemptCount: 3 }, failure(null, false), 1)).toBe(9_600);
});

test('is what the receiver asks for, up to an hour', () => {
  expect(wait(0, 30_000)).toBe(30_000);
  expect(wait(5, 1_000)).toBe(32_000);
  expect(wait(0, 99_000_000)).toBe(3_600_000);
});

test('what a person has to mend is tried every five minutes at first', () => {
  expect(wait(0, null, true)).toBe(300_000);
  expect(wait(10, null, true)).toBe(1_024_000);
});

test('given up after a day, but never after a few tries', () => {
  const day = 86_400_000;
  expect(isExpired({ attemptCount: 4, madeAt: 0 }, day)).toBe(true);
  expect(isExpired({ attemptCount: 4, madeAt: 0 }, day - 1)).toBe(false);
  expect(isExpired({ attemptCount: 3, madeAt: 0 }, 99 * day)).toBe(false);
});
