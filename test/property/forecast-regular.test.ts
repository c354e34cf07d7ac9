// Regular work is not halted early: whose requests differ by under a tenth comes close to the ceiling, and never over it.
// Other seeds than the bench's, drawn anew each time.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fourThreads, regularSession } from '../bench/regular-sessions.ts';
import { runs } from '../support/runs.ts';

const median = (values: readonly number[]) =>
  [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

test('regular sessions end between 0.85 and 1 of $5, half of them above 0.92', () => {
  const ends: number[] = [];
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 31 }), (seed) => {
      const { utilisation } = regularSession(seed, 'cautious');
      ends.push(utilisation);
      expect(utilisation).toBeGreaterThanOrEqual(0.85);
      expect(utilisation).toBeLessThanOrEqual(1);
    }),
    { numRuns: runs(400), endOnFailure: true },
  );
  expect(median(ends)).toBeGreaterThanOrEqual(0.92);
});

test('four threads that share room for 16 requests use 0.6 of it and more', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 31 }), (seed) => {
      const end = fourThreads(seed, 'cautious');
      expect(end).toBeGreaterThanOrEqual(0.6);
      expect(end).toBeLessThanOrEqual(1);
    }),
    { numRuns: runs(400), endOnFailure: true },
  );
});

test('equal requests of $0.33 go on past $3.99', () => {
  const { utilisation, requestCount } = regularSession(1, 'cautious', 0.33);
  expect(requestCount).toBeGreaterThanOrEqual(14);
  expect(utilisation).toBeGreaterThan(0.9);
});
