// The halting point for an average request, on distributions whose figures can be worked out by hand.
import { describe, expect, test } from 'vitest';
import type { AmountDistribution } from '../../../src/domain/amount-distribution.ts';
import { AIMS, meanOf, stoppingThreshold } from '../../../src/domain/stopping-threshold.ts';

/** 10 or 30, as likely as not: mean 20. */
const COIN: AmountDistribution = { amounts: [10, 30], probabilities: [0.5, 0.5] };
const NOTHING: AmountDistribution = { amounts: [0], probabilities: [1] };
const aim = { share: 0.1, atRisk: 0.01, exponent: 0.5, largest: 0.3, risk: 0.1 };

test('the mean', () => {
  expect(meanOf(COIN)).toBe(20);
  expect(meanOf({ amounts: [1, 2, 3], probabilities: [0.5, 0.25, 0.25] })).toBe(1.75);
});

test('where nothing is spent nothing is kept free', () => {
  expect(stoppingThreshold(NOTHING, 0, aim, 100)).toBe(0);
  expect(stoppingThreshold(NOTHING, 0, aim)).toBe(0);
});

describe('without a ceiling', () => {
  // E[(X − t)⁺] is 20 − t up to 10, and (30 − t) ÷ 2 up to 30.
  test.each([
    [0.1, 26],
    [0.25, 20],
    [0.5, 10],
    [0.75, 5],
    [1, 0],
    [2, 0],
  ])('with a risk of %d of a mean of 20 it is %d', (risk, halt) => {
    expect(stoppingThreshold(COIN, 0, { ...aim, risk })).toBeCloseTo(halt, 9);
    expect(stoppingThreshold(COIN, 0, { ...aim, risk }, Number.POSITIVE_INFINITY)).toBeCloseTo(
      halt,
      9,
    );
  });

  test('what is usual is kept free on top', () => {
    // A tenth of a mean of 60 is 6: (30 − t) ÷ 2 = 6.
    expect(stoppingThreshold(COIN, 40, aim)).toBeCloseTo(40 + 18, 9);
  });
});

describe('under a ceiling', () => {
  /** What the docstring of `stoppingThreshold` says, added up plainly. */
  const givenUpAt = (
    halt: number,
    usual: number,
    { amounts, probabilities }: AmountDistribution,
  ) => {
    const mean = usual + meanOf({ amounts, probabilities });
    const excess = amounts.reduce(
      (sum, value, index) => sum + Math.max(0, usual + value - halt) * (probabilities[index] ?? 0),
      0,
    );
    return aim.share * (Math.min(1, excess / mean) / aim.atRisk) ** aim.exponent;
  };
  const WIDE: AmountDistribution = {
    amounts: [5, 20, 100, 400, 1_500],
    probabilities: [0.4, 0.3, 0.2, 0.09, 0.01],
  };

  test.each([
    [WIDE, 0, 5_000],
    [WIDE, 0, 20_000],
    [WIDE, 200, 9_000],
    [COIN, 0, 150],
    [WIDE, 50, 3_000],
  ])(
    'of %#, the share of it meets what the chance of going over is worth',
    (distribution, usual, ceiling) => {
      const halt = stoppingThreshold(distribution, usual, aim, ceiling);
      const floor = 1.25 * (usual + meanOf(distribution));
      expect(halt).toBeGreaterThan(floor);
      expect(halt).toBeLessThan(0.3 * ceiling);
      expect(halt / ceiling).toBeCloseTo(givenUpAt(halt, usual, distribution), 6);
    },
  );

  test('a small one is given up to the largest share, and no further', () => {
    expect(stoppingThreshold(COIN, 0, aim, 50)).toBe(15);
    expect(stoppingThreshold(COIN, 0, aim, 0)).toBe(0);
    expect(stoppingThreshold(COIN, 0, aim, -10)).toBe(0);
  });

  test('a large one keeps free what is known of a request to a quarter', () => {
    expect(stoppingThreshold(COIN, 0, aim, 1e9)).toBeCloseTo(30, 2);
    const narrow: AmountDistribution = { amounts: [20], probabilities: [1] };
    expect(stoppingThreshold(narrow, 0, aim, 1e9)).toBeCloseTo(25, 2);
    expect(stoppingThreshold(narrow, 60, aim, 1e9)).toBeCloseTo(100, 2);
  });

  test('below what is usual the chance is one of what is left', () => {
    const usualOnly = stoppingThreshold(NOTHING, 100, { ...aim, share: 0.02, exponent: 1 }, 1_000);
    // 0.02 × (1 − h ÷ 100) ÷ 0.01 = h ÷ 1000, unless a quarter more than is usual is more.
    expect(usualOnly).toBeCloseTo(125, 6);
    const capped = stoppingThreshold(NOTHING, 100, { ...aim, share: 0.02, exponent: 1 }, 300);
    // The largest share is 90, where 0.02 × 0.1 ÷ 0.01 = 0.2 is given up: less than 0.3.
    expect(capped).toBeCloseTo(90, 6);
    expect(stoppingThreshold(NOTHING, 100, aim, 300)).toBe(90);
  });
});

test('a stricter aim keeps more free', () => {
  const halt = (level: 'cautious' | 'strict') => stoppingThreshold(COIN, 0, AIMS[level], 1_000);
  expect(halt('strict')).toBeGreaterThan(halt('cautious'));
});
