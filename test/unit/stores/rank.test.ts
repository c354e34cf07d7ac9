// Groups by rank: whatever is asked for, in whatever order, is what sorting all of them would tell.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Added, ranked } from '../../../src/stores/rank.ts';
import { runs } from '../../support/runs.ts';

type Sums = ReturnType<Added['sumsOf']>;

/** Groups with these costs; their names are in another order than their numbers. */
function addedOf(costs: readonly number[]): Added {
  const nameOf = (group: number) => `turn-${(group * 7_919) % 1_000_003}`;
  return {
    groups: Int32Array.from(costs, (_, at) => at + 1),
    costs: Float64Array.of(0, ...costs),
    keyOf: (group) => [nameOf(group)],
    sumsOf: (group) => ({ key: [nameOf(group)], costNanoUsd: costs[group - 1] }) as unknown as Sums,
    totalOf: (groups) =>
      ({ costNanoUsd: groups.reduce((sum, group) => sum + (costs[group - 1] ?? 0), 0) }) as Sums,
  };
}

test('more groups than are put in order at first, many of them equally dear', () => {
  const costs = fc.array(fc.integer({ min: 0, max: 40 }), {
    minLength: 1,
    maxLength: 6_000,
    size: 'max',
  });
  const asks = fc.array(fc.tuple(fc.nat(), fc.nat()), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(costs, asks, (dollars, places) => {
      const added = addedOf(dollars);
      const sorted = Array.from(added.groups, added.sumsOf).sort(
        (a, b) => b.costNanoUsd - a.costNanoUsd || (String(a.key[0]) < String(b.key[0]) ? -1 : 1),
      );
      const sumOf = (from: number, to: number) =>
        sorted.slice(from, to).reduce((sum, each) => sum + each.costNanoUsd, 0);
      const sums = ranked(added, 'cost');
      expect(sums.groupCount).toBe(dollars.length);
      expect(sums.total.costNanoUsd).toBe(sumOf(0, dollars.length));
      for (const [one, other] of places) {
        const [from, to] = [one % dollars.length, other % (dollars.length + 1)];
        expect(sums.totalBetween(from, to).costNanoUsd).toBe(sumOf(from, to));
        const rest = sums.totalBetween(from, dollars.length);
        expect(rest.costNanoUsd).toBe(sumOf(from, dollars.length));
        expect(sums.at(from)).toEqual(sorted[from]);
      }
    }),
    {
      numRuns: runs(60),
      examples: [[Array.from({ length: 5_000 }, (_, at) => at % 3), [[2_500, 4_999]]]],
    },
  );
});
