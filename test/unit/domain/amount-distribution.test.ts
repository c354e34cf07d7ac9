// The distribution of the next amount of tokens: pinned figures, which a change of the model changes on purpose only.
import { describe, expect, test } from 'vitest';
import {
  type AmountDistribution,
  amountDistribution,
  type Evidence,
  sumOfDistributions,
} from '../../../src/domain/amount-distribution.ts';
import { meanOf } from '../../../src/domain/stopping-threshold.ts';
import {
  bucketMids,
  EMPTY_HISTOGRAM,
  histogramOf,
  type TokenHistogram,
} from '../../../src/domain/token-histogram.ts';

const PRIOR = { bucket: 31, spread: 6, largestBucket: 69 };
const times = (count: number, tokens: number): number[] => new Array(count).fill(tokens);
const others: readonly Evidence[] = [
  { history: histogramOf([1_000, 2_000, 3_000]), most: 8 },
  { history: histogramOf(times(40, 5_000)), most: 4 },
];
const sumOf = (figures: readonly number[]) => figures.reduce((sum, each) => sum + each, 0);

describe('the next amount', () => {
  /** The mean in tokens, and the chances of some buckets. */
  test.each<[string, TokenHistogram, readonly Evidence[], number, readonly number[]]>([
    [
      ...(['before anything was seen', EMPTY_HISTOGRAM, []] as const),
      ...([426.77102, [0.01485594, 0.06161065, 0.02261827, 0.000002155023]] as const),
    ],
    [
      ...(['after one', histogramOf([200]), []] as const),
      ...([341.58669, [0.01004886, 0.09175602, 0.0163899, 2.650803e-7]] as const),
    ],
    [
      ...(['after many that are alike', histogramOf(times(12, 200)), []] as const),
      ...([201.21406, [0.0001927004, 0.5977562, 0.0003670926, 3.585509e-11]] as const),
    ],
    [
      'after many that are not',
      histogramOf([10, 40, 200, 900, 4_000, 30, 20_000, 7]),
      ...([[], 1_564.6725, [0.02478862, 0.03655694, 0.02329696, 0.00002039296]] as const),
    ],
    [
      ...(['by what other sessions did', EMPTY_HISTOGRAM, others] as const),
      ...([2_409.6119, [0.003969825, 0.03445443, 0.03827852, 0.00007279492]] as const),
    ],
  ])('%s', (_, history, evidence, mean, chances) => {
    const distribution = amountDistribution(history, evidence, PRIOR);
    expect(sumOf(distribution.probabilities)).toBeCloseTo(1, 9);
    expect(meanOf(distribution) / mean).toBeCloseTo(1, 6);
    [20, 31, 40, 69].forEach((bucket, index) => {
      expect((distribution.probabilities[bucket] ?? 0) / (chances[index] ?? 0)).toBeCloseTo(1, 5);
    });
  });

  test('is no larger than the largest that can occur, unless one was', () => {
    const above = ({ probabilities }: AmountDistribution) => sumOf(probabilities.slice(70));
    expect(above(amountDistribution(EMPTY_HISTOGRAM, [], PRIOR))).toBe(0);
    expect(above(amountDistribution(histogramOf([700_000]), [], PRIOR))).toBeGreaterThan(0.04);
  });

  test('keeps what is blurred beyond the first and the last bucket in them', () => {
    for (const tokens of [0, 1e9])
      expect(sumOf(amountDistribution(histogramOf([tokens]), [], PRIOR).probabilities)).toBeCloseTo(
        1,
        9,
      );
  });

  test('is one of the middles of buckets', () => {
    expect(amountDistribution(EMPTY_HISTOGRAM, [], PRIOR).amounts).toBe(bucketMids());
  });

  test('counts another history as no more than it may weigh', () => {
    const at = (count: number, most: number) =>
      amountDistribution(
        EMPTY_HISTOGRAM,
        [{ history: histogramOf(times(count, 5_000)), most }],
        PRIOR,
      );
    expect(meanOf(at(40, 4))).toBeCloseTo(meanOf(at(4, 4)), 6);
    expect(meanOf(at(4, 8))).toBeCloseTo(meanOf(at(4, 4)), 6);
    expect(meanOf(at(8, 8))).toBeGreaterThan(meanOf(at(8, 4)));
  });

  test('of a steady session leaves a share for a surprise, which shrinks as it goes on', () => {
    const surprise = (count: number) => {
      const { probabilities } = amountDistribution(histogramOf(times(count, 200)), [], PRIOR);
      return sumOf(probabilities.slice(45));
    };
    expect(surprise(10)).toBeGreaterThan(surprise(100));
    expect(surprise(100)).toBeGreaterThan(surprise(1_000));
    expect(surprise(1_000)).toBeGreaterThan(0);
  });
});

describe('the sum of two amounts', () => {
  const one = { amounts: [0, 100], probabilities: [0.25, 0.75] };

  test('has every sum with its chance', () => {
    const other = { amounts: [10, 1_000], probabilities: [0.5, 0.5] };
    const { amounts, probabilities } = sumOfDistributions(one, other);
    // 1000 and 1100 are not an eighth of a doubling apart, so they are two cells; so are 10 and 110.
    expect(amounts).toEqual([10, 110, 1_000, 1_100]);
    expect(probabilities).toEqual([0.125, 0.375, 0.125, 0.375]);
  });

  test('gathers what lies within an eighth of a doubling, and keeps the mean', () => {
    const near = { amounts: [0, 1], probabilities: [0.5, 0.5] };
    const far = { amounts: [1_024], probabilities: [1] };
    expect(sumOfDistributions(far, near)).toEqual({ amounts: [1_024.5], probabilities: [1] });
  });

  test('gathers what is less than one token by itself', () => {
    const little = { amounts: [0, 0.2, 0.5, 1], probabilities: [0.25, 0.25, 0.25, 0.25] };
    const nothing = { amounts: [0], probabilities: [1] };
    const { amounts, probabilities } = sumOfDistributions(little, nothing);
    expect(amounts).toEqual([expect.closeTo(0.7 / 3, 12), 1]);
    expect(probabilities).toEqual([0.75, 0.25]);
  });

  test('leaves out what hardly ever happens', () => {
    const rare = { amounts: [10, 20, 90_000], probabilities: [0.5, 0.499_999, 1e-6] };
    const { amounts } = sumOfDistributions(rare, { amounts: [0], probabilities: [1] });
    expect(amounts).toEqual([10, 20]);
  });
});
