// Groups in the order in which a report shows them. Rule: pure; the same order as comparing group by group, found by
// sorting numbers, and names only where they decide over what is shown.
import {
  addSums,
  type GroupSums,
  NO_SUMS,
  type RankedSums,
  type RankOrder,
  type Sums,
} from '../domain/aggregates.ts';

/** Groups that are added up, each made when it is asked for. */
export interface Added {
  /** Numbers of the groups that hold something. */
  readonly groups: Int32Array;
  readonly costs: Float64Array;
  readonly sumsOf: (group: number) => GroupSums;
  readonly keyOf: (group: number) => GroupSums['key'];
  /** Of some groups together; infinite times where there are none. */
  readonly totalOf: (groups: Int32Array) => Sums;
}

/** All groups in order; a group is made when it is asked for. */
export function ranked(added: Added, order: RankOrder): RankedSums {
  const { groups } = added;
  const ranks = order === 'cost' ? byCost(added) : byKey(added);
  return {
    groupCount: groups.length,
    total: added.totalOf(groups),
    at: (rank) => added.sumsOf(ranks.through(rank)[rank] as number),
    totalBetween: (from, to) => added.totalOf(between(groups, ranks, from, to)),
  };
}

/** The same for groups that are all at hand. */
export function rankedOf(sums: readonly GroupSums[], order: RankOrder): RankedSums {
  const sumsOf = (group: number) => sums[group] as GroupSums;
  const added = {
    groups: Int32Array.from(sums.keys()),
    costs: Float64Array.from(sums, ({ costNanoUsd }) => costNanoUsd),
    sumsOf,
    keyOf: (group: number) => sumsOf(group).key,
    totalOf: (groups: Int32Array) => Array.from(groups, sumsOf).reduce<Sums>(addSums, NO_SUMS),
  };
  return ranked(added, order);
}

interface Ranks {
  /** Groups by rank, in order as far as this rank; behind it nothing is promised. */
  readonly through: (rank: number) => Int32Array;
}

/** In any order. What follows the first ones to the end is what is left of all, and need not be put in order. */
function between(groups: Int32Array, ranks: Ranks, from: number, to: number): Int32Array {
  if (from >= to) return new Int32Array(0);
  if (to < groups.length) {
    ranks.through(from);
    return ranks.through(to).subarray(from, to);
  }
  // The one behind the first ones, too: of equally dear ones names tell which come first.
  const first = new Set(ranks.through(from).subarray(0, from));
  return groups.filter((group) => !first.has(group));
}

/** Ranks that are put in order at first: more than a table shows. */
const FIRST_RANKS = 2_048;

/** The dearest first; of equally dear ones in the order of their names. */
function byCost({ groups, costs, keyOf }: Added): Ranks {
  const count = groups.length;
  const sorted = new Float64Array(count);
  for (let at = 0; at < count; at += 1) sorted[at] = -(costs[groups[at] as number] as number);
  sorted.sort();
  const ranks = new Int32Array(count);
  /** How many have the same cost, by the first rank of it; 0 once they are in order among themselves. */
  const equals = new Int32Array(count);
  let placed = 0;
  /** Finds the ranks of at least so many. */
  const place = (wanted: number) => {
    const last = sorted[wanted - 1] as number;
    for (let at = 0; at < count; at += 1) {
      const group = groups[at] as number;
      const cost = -(costs[group] as number);
      if (cost > last) continue;
      const first = firstAtLeast(sorted, cost);
      if (first < placed) continue;
      ranks[first + (equals[first] as number)] = group;
      equals[first] = (equals[first] as number) + 1;
    }
    placed = wanted;
    while (placed < count && sorted[placed] === last) placed += 1;
  };
  const settle = (rank: number) => {
    const first = firstAtLeast(sorted, sorted[rank] as number);
    const equal = equals[first] as number;
    if (equal < 2) return;
    const names = new Map<number, string>();
    const run = ranks.subarray(first, first + equal);
    for (const group of run) names.set(group, nameOf(keyOf(group)));
    run.sort((a, b) => compare(names.get(a) ?? '', names.get(b) ?? ''));
    equals[first] = 0;
  };
  return {
    through: (rank) => {
      const wanted = Math.min(rank + 1, count);
      if (wanted > placed) place(wanted <= FIRST_RANKS ? Math.min(FIRST_RANKS, count) : count);
      if (rank < count) settle(rank);
      return ranks;
    },
  };
}

/** What nobody knows is shown in brackets, and stands where they would. */
const nameOf = ([value]: readonly unknown[]): string => String(value ?? '(');

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

function byKey({ groups, keyOf }: Added): Ranks {
  const keys = new Map<number, number>();
  for (const group of groups) keys.set(group, Number(keyOf(group)[0]));
  const ranks = groups.toSorted((a, b) => (keys.get(a) ?? 0) - (keys.get(b) ?? 0));
  return { through: () => ranks };
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
