// The forecast: exact where the cost is known, monotone where it is not, and never off the whole
// nano-dollar.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { amountDistribution } from '../../../src/domain/amount-distribution.ts';
import {
  FORECAST_LEVELS,
  type ForecastInput,
  type ForecastLevel,
  forecast,
  holdUpperBound,
} from '../../../src/domain/forecast.ts';
import {
  bucketTokens,
  EMPTY_HISTOGRAM,
  histogramCount,
  histogramMean,
  histogramOf,
  LAST_BUCKET,
  type TokenHistogram,
  tokenBucket,
} from '../../../src/domain/token-histogram.ts';
import { runs } from '../../support/runs.ts';

const OPUS = {
  inputPico: 4_000_000,
  outputPico: 20_000_000,
  cacheReadPico: 200_000,
  cacheWrite5mPico: 5_000_000,
  cacheWrite1hPico: 8_000_000,
};

const USD = 1_000_000_000;

const typical: ForecastInput = {
  level: 'cautious',
  rates: OPUS,
  cachedTokens: 40_000,
  cacheExpired: false,
  cacheWriteLifetime: '5m',
  newTokens: 1_000,
  newTokensHistogram: histogramOf([500, 800, 1_200]),
  sessionOutput: histogramOf([120, 300, 90, 700, 2_400, 150]),
  modelOutput: EMPTY_HISTOGRAM,
  machineOutput: EMPTY_HISTOGRAM,
  ceilingNanoUsd: 2 * USD,
};

const held = (input: ForecastInput) => forecast(input).holdNanoUsd;

const histories: fc.Arbitrary<TokenHistogram> = fc.oneof(
  fc.array(fc.integer({ min: 0, max: 64_000 }), { maxLength: 40 }).map((all) => histogramOf(all)),
  fc
    .array(fc.record({ bucket: fc.integer({ min: 0, max: 70 }), count: fc.nat({ max: 400 }) }), {
      maxLength: 12,
    })
    .map((buckets) => ({ buckets })),
);
const pico = fc.integer({ min: 10_000, max: 150_000_000 });
const inputs: fc.Arbitrary<ForecastInput> = fc
  .record({
    level: fc.constantFrom(...FORECAST_LEVELS),
    rates: fc.record({
      inputPico: pico,
      outputPico: pico,
      cacheReadPico: pico,
      cacheWrite5mPico: pico,
      cacheWrite1hPico: pico,
    }),
    cachedTokens: fc.nat({ max: 1_000_000 }),
    cacheExpired: fc.boolean(),
    cacheWriteLifetime: fc.constantFrom('5m' as const, '1h' as const),
    newTokens: fc.option(fc.nat({ max: 200_000 })),
    newTokensHistogram: histories,
    sessionOutput: histories,
    modelOutput: histories,
    machineOutput: histories,
  })
  .chain((input) =>
    fc
      .option(fc.integer({ min: 0, max: 500 * USD }))
      .map((ceiling) => (ceiling === null ? input : { ...input, ceilingNanoUsd: ceiling })),
  );

describe('the known part', () => {
  test('a warm context is read, new tokens are written', () => {
    expect(forecast(typical).knownNanoUsd).toBe(40_000 * 200 + 1_000 * 5_000);
  });

  test('an expired context is written again, at the price of its lifetime', () => {
    expect(forecast({ ...typical, cacheExpired: true }).knownNanoUsd).toBe(41_000 * 5_000);
    expect(
      forecast({ ...typical, cacheExpired: true, cacheWriteLifetime: '1h' }).knownNanoUsd,
    ).toBe(41_000 * 8_000);
  });

  test('new tokens not known yet are no part of it, but are expected', () => {
    const unknown = forecast({ ...typical, newTokens: null });
    const none = forecast({ ...typical, newTokens: 0 });
    expect(unknown.knownNanoUsd).toBe(none.knownNanoUsd);
    expect(unknown.expectedNanoUsd).toBeGreaterThan(none.expectedNanoUsd);
  });

  test('a known cost is held in full, on top of the margin', () => {
    const more = { ...typical, newTokens: 11_000 };
    expect(held(more) - held(typical)).toBe(10_000 * 5_000);
  });
});

describe('levels', () => {
  test('none holds nothing, expected holds the mean', () => {
    expect(held({ ...typical, level: 'none' })).toBe(0);
    const expected = forecast({ ...typical, level: 'expected' });
    expect(expected.holdNanoUsd).toBe(expected.expectedNanoUsd);
  });

  test('small requests land within the strip of the level', () => {
    const many = histogramOf(Array.from({ length: 200 }, (_, i) => 50 + (i % 40)));
    const input = { ...typical, sessionOutput: many, ceilingNanoUsd: 5 * USD };
    expect(held(input)).toBeLessThan(0.07 * 5 * USD);
    expect(held({ ...input, level: 'strict' })).toBeLessThan(0.18 * 5 * USD);
  });

  test('the hold grows far less than a large ceiling', () => {
    const month = held({ ...typical, ceilingNanoUsd: 500 * USD });
    expect(month).toBeLessThan(0.004 * 500 * USD);
  });

  test('an empty history holds at most three tenths of a small ceiling over the known part', () => {
    const fresh = { ...typical, sessionOutput: EMPTY_HISTOGRAM, ceilingNanoUsd: 0.5 * USD };
    const { holdNanoUsd, knownNanoUsd } = forecast(fresh);
    expect(holdNanoUsd - knownNanoUsd).toBeLessThanOrEqual(0.3 * 0.5 * USD);
  });

  test('heavier tails are held for', () => {
    const calm = histogramOf(Array.from({ length: 60 }, (_, i) => 400 + i));
    const wild = histogramOf(Array.from({ length: 60 }, (_, i) => (i % 12 === 0 ? 5_000 : 15)));
    const free = { ...typical, ceilingNanoUsd: 20 * USD };
    expect(held({ ...free, sessionOutput: wild })).toBeGreaterThan(
      held({ ...free, sessionOutput: calm }),
    );
  });
});

describe('property:', () => {
  test('whole and finite; known ≤ expected ≤ hold at the careful levels', () => {
    fc.assert(
      fc.property(inputs, (input) => {
        const made = forecast(input);
        for (const amount of [made.expectedNanoUsd, made.holdNanoUsd, made.knownNanoUsd]) {
          expect(Number.isSafeInteger(amount)).toBe(true);
          expect(amount).toBeGreaterThanOrEqual(0);
        }
        expect(made.knownNanoUsd).toBeLessThanOrEqual(made.expectedNanoUsd);
        if (input.level !== 'none') {
          expect(made.holdNanoUsd).toBeGreaterThanOrEqual(made.expectedNanoUsd);
        }
        expect(made.confidence).toBeGreaterThanOrEqual(0);
        expect(made.confidence).toBeLessThanOrEqual(1);
      }),
    );
  });

  test('a higher level never holds less', () => {
    fc.assert(
      fc.property(inputs, (input) => {
        const holds = FORECAST_LEVELS.map((level: ForecastLevel) => held({ ...input, level }));
        expect(holds).toEqual([...holds].sort((a, b) => a - b));
      }),
    );
  });

  test('more new tokens never hold less, nor does an expired cache that costs more to write', () => {
    fc.assert(
      fc.property(inputs, fc.nat(100_000), fc.nat(100_000), (input, some, more) => {
        const less = held({ ...input, newTokens: some });
        expect(held({ ...input, newTokens: some + more })).toBeGreaterThanOrEqual(less);
        const { cacheReadPico, cacheWrite5mPico, cacheWrite1hPico } = input.rates;
        fc.pre(cacheReadPico <= Math.min(cacheWrite5mPico, cacheWrite1hPico));
        expect(held({ ...input, cacheExpired: true })).toBeGreaterThanOrEqual(
          held({ ...input, cacheExpired: false }),
        );
      }),
    );
  });

  test('raising a ceiling never turns allow into halt', () => {
    const ceilings = fc.integer({ min: USD / 100, max: 20 * USD });
    fc.assert(
      fc.property(inputs, ceilings, fc.integer({ min: 0, max: USD }), (input, low, raise) => {
        const before = low - held({ ...input, ceilingNanoUsd: low });
        const hold = held({ ...input, ceilingNanoUsd: low + raise });
        expect(low + raise - hold).toBeGreaterThanOrEqual(before - 1);
      }),
      { numRuns: runs(1_000) },
    );
  });

  test('nonsense counts as nothing', () => {
    const odd = forecast({
      ...typical,
      cachedTokens: Number.NaN,
      newTokens: -5,
      sessionOutput: {
        buckets: [
          { bucket: Number.NaN, count: 3 },
          { bucket: 9, count: -1 },
        ],
      },
    });
    expect(odd.knownNanoUsd).toBe(0);
    expect(odd.sampleCount).toBe(0);
    expect(Number.isSafeInteger(odd.holdNanoUsd)).toBe(true);
  });
});

describe('histories', () => {
  test('an amount lies in its bucket, and larger amounts in no smaller one', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 700_000 }), (tokens) => {
        const { lower, upper } = bucketTokens(tokenBucket(tokens));
        expect(tokens).toBeGreaterThanOrEqual(lower * (1 - 1e-12));
        expect(tokens).toBeLessThan(upper * (1 + 1e-12));
        expect(tokenBucket(tokens + 1)).toBeGreaterThanOrEqual(tokenBucket(tokens));
      }),
    );
    expect(tokenBucket(0)).toBe(0);
    expect(tokenBucket(1e12)).toBe(LAST_BUCKET);
  });

  test('rows and maps count alike', () => {
    const map = histogramOf([10, 10, 900]);
    const rows = [...(map.buckets as ReadonlyMap<number, number>)].map(([bucket, count]) => ({
      bucket,
      count,
    }));
    expect(histogramCount({ buckets: rows })).toBe(3);
    expect(histogramMean({ buckets: rows })).toBe(histogramMean(map));
    expect(forecast({ ...typical, sessionOutput: { buckets: rows } })).toEqual(
      forecast({ ...typical, sessionOutput: map }),
    );
  });

  test('the distribution sums to one, and comes close to what it has seen often', () => {
    const prior = { bucket: tokenBucket(300), spread: 7.5, largestBucket: tokenBucket(64_000) };
    fc.assert(
      fc.property(histories, (history) => {
        const { probabilities } = amountDistribution(history, [], prior);
        expect(probabilities.reduce((sum, probability) => sum + probability, 0)).toBeCloseTo(1, 9);
        expect(probabilities.every((probability) => probability >= 0)).toBe(true);
      }),
    );
    const seen = histogramOf(Array.from({ length: 2_000 }, (_, i) => (i % 10 === 0 ? 8_000 : 100)));
    const { amounts, probabilities } = amountDistribution(seen, [], prior);
    const large = probabilities.filter((_, i) => (amounts[i] ?? 0) > 2_000);
    expect(large.reduce((sum, probability) => sum + probability, 0)).toBeCloseTo(0.1, 1);
  });
});

test('never holds more than the most it is said to hold', () => {
  const replies = fc.array(
    fc.record({
      bucket: fc.integer({ min: 0, max: tokenBucket(128_000) }),
      count: fc.nat({ max: 400 }),
    }),
    { maxLength: 12 },
  );
  fc.assert(
    fc.property(
      inputs,
      replies,
      fc.nat({ max: 300_000 }),
      fc.nat({ max: 200 * USD }),
      (drawn, buckets, newTokens, ceilingNanoUsd) => {
        const history = { buckets };
        const input = { ...drawn, newTokens, ceilingNanoUsd, sessionOutput: history };
        expect(held(input)).toBeLessThanOrEqual(holdUpperBound(input, ceilingNanoUsd));
      },
    ),
    { numRuns: runs(2_000) },
  );
  // And it is of use: two thirds of a ceiling are far from it, once the ceiling is dear enough.
  expect(holdUpperBound({ ...typical, newTokens: 1_000 }, 20 * USD)).toBeLessThan(8 * USD);
});
