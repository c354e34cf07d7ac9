// Amounts of tokens in buckets of a quarter of a doubling.
import { describe, expect, test } from 'vitest';
import {
  BUCKET_COUNT,
  bucketMids,
  bucketTokens,
  countsOf,
  EMPTY_HISTOGRAM,
  histogramCount,
  histogramMean,
  histogramOf,
  histogramQuantile,
  LAST_BUCKET,
  tokenBucket,
} from '../../../src/domain/token-histogram.ts';

test.each([
  [Number.NaN, 0],
  [-5, 0],
  [0, 0],
  [0.99, 0],
  [1, 1],
  [1.18, 1],
  [1.19, 2],
  [2, 5],
  [1_000, 40],
  [1_024, 41],
  [740_000, 78],
  [745_000, 79],
  [1e12, 79],
  [Number.POSITIVE_INFINITY, 79],
])('%d tokens are in bucket %d', (tokens, bucket) => {
  expect(tokenBucket(tokens)).toBe(bucket);
});

test('a bucket spans its amounts, with its middle on the logarithmic scale', () => {
  expect(bucketTokens(0)).toEqual({ lower: 0, upper: 1, mid: 0 });
  expect(bucketTokens(Number.NaN)).toEqual({ lower: 0, upper: 1, mid: 0 });
  expect(bucketTokens(1)).toEqual({ lower: 1, upper: 2 ** 0.25, mid: expect.closeTo(2 ** 0.125) });
  expect(bucketTokens(5)).toEqual({ lower: 2, upper: 2 ** 1.25, mid: expect.closeTo(2 ** 1.125) });
  for (let bucket = 1; bucket < BUCKET_COUNT; bucket += 1) {
    expect(tokenBucket(bucketTokens(bucket).mid)).toBe(bucket);
    expect(bucketTokens(bucket).lower).toBe(bucketTokens(bucket - 1).upper);
  }
  expect(bucketMids()).toHaveLength(80);
  expect(bucketMids()[5]).toBe(bucketTokens(5).mid);
});

describe('a history', () => {
  const history = histogramOf([0, 2, 2, 1_024]);

  test('counts what fell into each bucket', () => {
    expect(history.buckets).toEqual(
      new Map([
        [0, 1],
        [5, 2],
        [41, 1],
      ]),
    );
    expect(histogramCount(history)).toBe(4);
  });

  test('is the same as a map and as rows', () => {
    const rows = [
      { bucket: 0, count: 1 },
      { bucket: 5, count: 2 },
      { bucket: 41, count: 1 },
    ];
    expect(countsOf({ buckets: rows })).toEqual(countsOf(history));
    expect(countsOf(history).counts).toHaveLength(80);
    expect(countsOf(history).counts[5]).toBe(2);
  });

  test('takes what lies outside for the first or the last bucket, and what is no count for none', () => {
    const buckets = [
      { bucket: -3, count: 1 },
      { bucket: 200, count: 2 },
      { bucket: 4.9, count: 4 },
      { bucket: Number.NaN, count: 8 },
      { bucket: 5, count: Number.POSITIVE_INFINITY },
      { bucket: 5, count: -1 },
      { bucket: 5, count: 0 },
    ];
    const { counts, total } = countsOf({ buckets });
    expect(total).toBe(7);
    expect([counts[0], counts[4], counts[5], counts[LAST_BUCKET]]).toEqual([1, 4, 0, 2]);
    expect(countsOf({ buckets: [...buckets.slice(0, 1), ...buckets.slice(0, 1)] }).counts[0]).toBe(
      2,
    );
  });

  test.each([
    [0, 0],
    [0.25, 0],
    [0.26, 5],
    [0.75, 5],
    [0.76, 41],
    [1, 41],
  ])('its share of %d is in bucket %d', (share, bucket) => {
    expect(histogramQuantile(history, share)).toBe(bucketTokens(bucket).mid);
  });

  test('has a mean', () => {
    const mean = (2 * 2 ** 1.125 + 2 ** 10.125) / 4;
    expect(histogramMean(history)).toBeCloseTo(mean, 9);
  });

  test('in which nothing has happened has neither', () => {
    expect(histogramCount(EMPTY_HISTOGRAM)).toBe(0);
    expect(histogramQuantile(EMPTY_HISTOGRAM, 0.5)).toBe(0);
    expect(histogramMean(EMPTY_HISTOGRAM)).toBe(0);
  });
});
