// How long something is, for people.
import { expect, test } from 'vitest';
import { DAY_MS, HOUR_MS, MINUTE_MS, spanText } from '../../../src/domain/time.ts';

test.each([
  [-HOUR_MS, '0m'],
  [0, '0m'],
  [MINUTE_MS - 1, '0m'],
  [MINUTE_MS, '1m'],
  [59 * MINUTE_MS, '59m'],
  [HOUR_MS, '1h00m'],
  [4 * HOUR_MS + 10 * MINUTE_MS, '4h10m'],
  [9 * HOUR_MS + 59 * MINUTE_MS, '9h59m'],
  [10 * HOUR_MS, '10h'],
  [2 * DAY_MS - 1, '47h'],
  [2 * DAY_MS, '2d'],
  [2.5 * DAY_MS, '3d'],
])('%d ms are %s', (ms, text) => {
  expect(spanText(ms)).toBe(text);
});
