// The learned rate on histories that are made up: it finds the true one within its error, whatever the size of requests, of the window and
// of the steps, and also where another machine uses a part of the plan.
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { learnRate, type RatePoint } from '../../src/plan/learn-rate.ts';

const USD = 1_000_000_000;

interface History {
  readonly fullUsd: number;
  /** Shares of the window that one request takes, from so many steps on. */
  readonly requests: readonly number[];
  /** Every so many requests somebody else takes this much; 0: nobody. */
  readonly elsewhereEvery: number;
  readonly elsewhereRatio: number;
}

const history = (elsewhere: fc.Arbitrary<number>): fc.Arbitrary<History> =>
  fc.record({
    fullUsd: fc.double({ min: 5, max: 2_000, noNaN: true }),
    requests: fc.array(fc.double({ min: 0.002, max: 0.02, noNaN: true }), {
      minLength: 120,
      maxLength: 400,
    }),
    elsewhereEvery: elsewhere,
    elsewhereRatio: fc.double({ min: 0.03, max: 0.2, noNaN: true }),
  });

/** Readings after each request, in whole percents, over as many windows as it takes. */
function readings({ fullUsd, requests, elsewhereEvery, elsewhereRatio }: History): RatePoint[] {
  const points: RatePoint[] = [];
  let [window, used, spentUsd] = [1, 0, 0];
  for (const [index, ratio] of requests.entries()) {
    const isElsewhere = elsewhereEvery > 0 && index % elsewhereEvery === elsewhereEvery - 1;
    used += ratio + (isElsewhere ? elsewhereRatio : 0);
    spentUsd += ratio * fullUsd;
    if (used >= 1) [window, used, spentUsd] = [window + 1, ratio, ratio * fullUsd];
    points.push({
      endAt: window,
      usedRatio: Math.floor(used * 100) / 100,
      spentNanoUsd: Math.round(spentUsd * USD),
    });
  }
  return points;
}

const offBy = (made: History) => {
  const rate = learnRate(readings(made));
  return rate === null ? null : Math.abs(rate.fullNanoUsd / (made.fullUsd * USD) - 1);
};

test('alone on the plan: within a fifth of the truth', () => {
  fc.assert(
    fc.property(history(fc.constant(0)), (made) => {
      expect(offBy(made)).toBeLessThan(0.2);
    }),
    { numRuns: 300 },
  );
});

test('with use elsewhere, an eighth of the time: within two fifths', () => {
  fc.assert(
    fc.property(history(fc.integer({ min: 8, max: 40 })), (made) => {
      expect(offBy(made)).toBeLessThan(0.4);
    }),
    { numRuns: 300 },
  );
});

test('any readings at all give a rate that is a number, or none', () => {
  const any = fc.record({
    endAt: fc.integer({ min: 0, max: 3 }),
    usedRatio: fc.double({ min: 0, max: 3, noNaN: true }),
    spentNanoUsd: fc.integer({ min: 0, max: 1e13 }),
  });
  fc.assert(
    fc.property(fc.array(any, { maxLength: 60 }), (points) => {
      const rate = learnRate(points);
      if (rate === null) return;
      expect(rate.fullNanoUsd).toBeGreaterThan(0);
      expect(Number.isSafeInteger(rate.fullNanoUsd)).toBe(true);
      expect(rate.errorRatio).toBeGreaterThanOrEqual(0.01);
      expect(rate.sampleCount).toBeGreaterThanOrEqual(3);
    }),
  );
});
