// Groups in the order in which a report shows them. Rule: pure; the same order as comparing group by group, found by
// sorting numbers.
import type { RankedSums, RankOrder } from '../../domain/sums.ts';
import type { Added } from './report-scan.ts';

/** All groups in order; a group is made when it is asked for. */
export function ranked(added: Added, order: RankOrder): RankedSums {
  const ranks = order === 'cost' ? byCost(added) : byKey(added);
  return {
    groupCount: ranks.length,
    total: added.totalOf(ranks),
    at: (rank) => added.sumsOf(ranks[rank] as number),
    totalBetween: (from, to) => added.totalOf(ranks.subarray(from, to)),
  };
}

/** The dearest first; of equally dear ones in the order of their names. */
function byCost({ groups, costs, keyOf }: Added): Int32Array {
  const sorted = Float64Array.from(groups, (group) => -(costs[group] as number)).sort();
  const ranks = new Int32Array(groups.length);
  /** How many of a cost have their rank, by the first rank of that cost. */
  const placed = new Int32Array(groups.length);
  for (const group of groups) {
    const first = firstAtLeast(sorted, -(costs[group] as number));
    ranks[first + (placed[first] as number)] = group;
    (placed[first] as number) += 1;
  }
  for (let first = 0; first < ranks.length; first += placed[first] as number) {
    const count = placed[first] as number;
    if (count < 2) continue;
    const named = Array.from(ranks.subarray(first, first + count), (group) => ({
      group,
      name: nameOf(keyOf(group)),
    }));
    named.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
    ranks.set(
      named.map(({ group }) => group),
      first,
    );
  }
  return ranks;
}

/** What nobody knows is shown in brackets, and stands where they would. */
const nameOf = ([value]: readonly unknown[]): string => String(value ?? '(');

function byKey({ groups, keyOf }: Added): Int32Array {
  const keys = new Map<number, number>();
  for (const group of groups) keys.set(group, Number(keyOf(group)[0]));
  return groups.toSorted((a, b) => (keys.get(a) ?? 0) - (keys.get(b) ?? 0));
}

function firstAtLeast(sorted: Float64Array, value: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] as number) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
