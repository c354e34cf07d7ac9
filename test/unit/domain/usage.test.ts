// Sums and differences of token counts, class by class.
import { expect, test } from 'vitest';
import { addUsage, NO_USAGE, promptTokens, subtractUsage } from '../../../src/domain/usage.ts';

const usage = (...counts: readonly number[]) => {
  const [input = 0, output = 0, read = 0, write5m = 0, write1h = 0, searches = 0] = counts;
  return {
    ...{ inputTokens: input, outputTokens: output, cacheReadTokens: read },
    ...{ cacheWrite5mTokens: write5m, cacheWrite1hTokens: write1h, webSearchCount: searches },
  };
};
const one = usage(1, 20, 300, 4_000, 50_000, 6);
const other = usage(7, 8, 9, 10, 11, 12);

test('each class by itself', () => {
  expect(addUsage(one, other)).toEqual(usage(8, 28, 309, 4_010, 50_011, 18));
  expect(subtractUsage(one, other)).toEqual(usage(-6, 12, 291, 3_990, 49_989, -6));
  expect(addUsage(one, NO_USAGE)).toEqual(one);
});

test('a prompt is what was read: sent, from the cache, and into it', () => {
  expect(promptTokens(one)).toBe(54_301);
});
