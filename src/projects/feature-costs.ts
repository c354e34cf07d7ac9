// What features of a kind have cost, for the next quote. PURE. Rule: a feature is a branch of a repository; its cost is everything ever spent on it.

import type { NanoUsd } from '../domain/money.ts';
import { matchesPattern } from '../domain/pattern.ts';

export interface FeatureCost {
  readonly repository: string;
  readonly branch: string;
  readonly costNanoUsd: NanoUsd;
}

export interface KindCost {
  readonly kind: string;
  /** Of branch names. */
  readonly pattern: string;
  readonly count: number;
  readonly totalNanoUsd: NanoUsd;
  readonly leastNanoUsd: NanoUsd;
  readonly lowerQuartileNanoUsd: NanoUsd;
  readonly medianNanoUsd: NanoUsd;
  readonly upperQuartileNanoUsd: NanoUsd;
  readonly mostNanoUsd: NanoUsd;
}

/** The kinds of branches where nobody has named any: what stands before the first `/`. */
export function kindsOf(features: readonly FeatureCost[]): Readonly<Record<string, string>> {
  const first = features.flatMap(({ branch }) => /^([^/]+)\//.exec(branch)?.[1] ?? []);
  return Object.fromEntries([...new Set(first)].sort().map((kind) => [kind, `${kind}/*`]));
}

/** One for each kind that has features, in the order of `kinds`. */
export function kindCosts(
  features: readonly FeatureCost[],
  kinds: Readonly<Record<string, string>>,
): readonly KindCost[] {
  return Object.entries(kinds).flatMap(([kind, pattern]) => {
    const costs = features
      .filter(({ branch }) => matchesPattern(pattern, branch))
      .map(({ costNanoUsd }) => costNanoUsd)
      .sort((a, b) => a - b);
    if (costs.length === 0) return [];
    return {
      ...{ kind, pattern, count: costs.length },
      totalNanoUsd: costs.reduce((sum, cost) => sum + cost, 0),
      leastNanoUsd: quantile(costs, 0),
      lowerQuartileNanoUsd: quantile(costs, 0.25),
      medianNanoUsd: quantile(costs, 0.5),
      upperQuartileNanoUsd: quantile(costs, 0.75),
      mostNanoUsd: quantile(costs, 1),
    };
  });
}

/** Between two values in proportion, as spreadsheets do it. */
function quantile(ascending: readonly number[], share: number): number {
  const at = share * (ascending.length - 1);
  const below = ascending[Math.floor(at)] ?? 0;
  const above = ascending[Math.ceil(at)] ?? below;
  return Math.round(below + (above - below) * (at - Math.floor(at)));
}
