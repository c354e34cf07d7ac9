// Groups in the order in which a report shows them. Rule: pure; the same order as comparing group by group, found by
// sorting numbers, and names only where they decide over what is shown.
import type { RankedSums, RankOrder } from '../../domain/sums.ts';
import type { Added } from './report-scan.ts';

/** All groups in order; a group is made when it is asked for. */
export function ranked(added: Added, order: RankOrder): RankedSums {
  const { ranks, settle } = order === 'cost' ? byCost(added) : byKey(added);
  return {
    groupCount: ranks.length,
    total: added.totalOf(ranks),
    at: (rank) => {
      settle(rank);
      return added.sumsOf(ranks[rank] as number);
    },
    totalBetween: (from, to) => {
      settle(from);
      settle(to);
      return added.totalOf(ranks.subarray(from, to));
    },
  };
}

interface Ranks {
  /** Groups, in order but for those that are not settled among themselves. */
  readonly ranks: Int32Array;
  /** Puts those about a rank in order. */
  readonly settle: (rank: number) => void;
}

/** The dearest first; of equally dear ones in the order of their names. */
function byCost({ groups, costs, keyOf }: Added): Ranks {
  const count = groups.length;
  const sorted = new Float64Array(count);
  for (let at = 0; at < count; at += 1) sorted[at] = -(costs[groups[at] as number] as number);
  sorted.sort();
  const ranks = new Int32Array(count);
  /** How many have the same cost, by the first rank of it. */
  const equals = new Int32Array(count);
  for (let at = 0; at < count; at += 1) {
    const group = groups[at] as number;
    const first = firstAtLeast(sorted, -(costs[group] as number));
    ranks[first + (equals[first] as number)] = group;
    equals[first] = (equals[first] as number) + 1;
  }
  const settle = (rank: number) => {
    if (rank >= count) return;
    const first = firstAtLeast(sorted, sorted[rank] as number);
    const equal = equals[first] as number;
    if (equal < 2) return;
    const names = new Map<number, string>();
    const run = ranks.subarray(first, first + equal);
    for (const group of run) names.set(group, nameOf(keyOf(group)));
    run.sort((a, b) => compare(names.get(a) ?? '', names.get(b) ?? ''));
    equals[first] = 0;
  };
  return { ranks, settle };
}

/** What nobody knows is shown in brackets, and stands where they would. */
const nameOf = ([value]: readonly unknown[]): string => String(value ?? '(');

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

function byKey({ groups, keyOf }: Added): Ranks {
  const keys = new Map<number, number>();
  for (const group of groups) keys.set(group, Number(keyOf(group)[0]));
  const ranks = groups.toSorted((a, b) => (keys.get(a) ?? 0) - (keys.get(b) ?? 0));
  return { ranks, settle: () => {} };
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
