// Sums: what adding them keeps, and which hold nothing.
import { expect, test } from 'vitest';
import {
  addSums,
  holdsSomething,
  NO_SUMS,
  type Sums,
  shiftAt,
  UTC,
} from '../../../src/domain/aggregates.ts';
import { NO_USAGE } from '../../../src/domain/usage.ts';

const sums = (more: Partial<Sums> = {}): Sums => ({
  ...{ requestCount: 2, unknownCount: 1, costNanoUsd: 30, firstAt: 5, lastAt: 9 },
  usage: { ...NO_USAGE, inputTokens: 4, webSearchCount: 1 },
  ...more,
});

test('sums add up, from the first to the last', () => {
  const other = sums({ requestCount: 3, unknownCount: 4, costNanoUsd: -10, firstAt: 7, lastAt: 8 });
  expect(addSums(sums(), other)).toEqual({
    ...{ requestCount: 5, unknownCount: 5, costNanoUsd: 20, firstAt: 5, lastAt: 9 },
    usage: { ...NO_USAGE, inputTokens: 8, webSearchCount: 2 },
  });
  expect(addSums(NO_SUMS, sums())).toEqual(sums());
  expect(addSums(sums(), NO_SUMS)).toEqual(sums());
});

test('a group holds something as long as anything of it is left', () => {
  const empty = { ...NO_SUMS, firstAt: 1, lastAt: 2 };
  expect(holdsSomething(empty)).toBe(false);
  for (const left of [
    { requestCount: 1 },
    { unknownCount: 1 },
    { costNanoUsd: -1 },
    { usage: { ...NO_USAGE, cacheReadTokens: 1 } },
  ]) {
    expect(holdsSomething({ ...empty, ...left })).toBe(true);
  }
});

test('the shift of a zone is the one that began last, and before all the first', () => {
  const shifts = [
    { fromAt: 100, shiftMs: 1 },
    { fromAt: 200, shiftMs: 2 },
  ];
  const zone = { timeZone: 'Mars/Base', shifts };
  expect([0, 100, 199, 200, 900].map((at) => shiftAt(zone, at))).toEqual([1, 1, 1, 2, 2]);
  expect(shiftAt(UTC, 5)).toBe(0);
  expect(shiftAt({ timeZone: 'None', shifts: [] }, 5)).toBe(0);
});
