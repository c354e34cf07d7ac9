// How much of a ceiling to keep free for an average request. PURE: a distribution of what a request may cost goes in, the
// halting point comes out. Rule: a larger ceiling raises the halting point by no more than itself, so that raising a ceiling
// never turns an allow into a halt.
import type { AmountDistribution } from './amount-distribution.ts';

/** What a level strives for; `stoppingThreshold` says how the figures are used. */
export interface Aim {
  /** The share of the ceiling that is given up while the session would go over with a chance of `atRisk`. */
  readonly share: number;
  readonly atRisk: number;
  /** How the share grows with the chance: 1 in proportion, less than 1 more slowly. */
  readonly exponent: number;
  /** The largest hold for an average request, as a share: a thin history must not halt a start. */
  readonly largest: number;
  /** Without a ceiling: the chance of going over. */
  readonly risk: number;
}
// Tuned on the shapes of `test/bench`, and checked with seeds and sessions that were not used for it.
export const AIMS: Readonly<Record<'cautious' | 'strict', Aim>> = {
  cautious: { share: 0.065, atRisk: 0.012, exponent: 0.8, largest: 0.3, risk: 0.02 },
  strict: { share: 0.135, atRisk: 0.001, exponent: 0.4, largest: 0.35, risk: 0.002 },
};
/** What is called known of a request is taken from the one before it and from the size of what it sends: good to a quarter. */
const KNOWN_WITHIN = 1.25;
const BISECTIONS = 40;

/**
 * The halting point for an average request: halt when the headroom is less. In nano-dollars.
 *
 * Steps of mean m come down on the ceiling. Under "halt below h" the headroom left at the end, r, has the density
 * P(X > h − r) ÷ m (renewal theory), so the chance of going over is G(h) = E[(X − h)⁺] ÷ m, which falls as h grows. The halting
 * point is where the share h ÷ ceiling meets what an aim gives up for the chance that is left, `share` × (G(h) ÷ `atRisk`) ^ `exponent`:
 * the one rises and the other falls, so they meet once, and a larger ceiling moves the point by at most `largest` of the difference.
 */
export function stoppingThreshold(
  distribution: AmountDistribution,
  usualNano: number,
  aim: Aim,
  ceilingNanoUsd?: number,
): number {
  const mean = usualNano + meanOf(distribution);
  if (mean <= 0) return 0;
  if (ceilingNanoUsd === undefined || !Number.isFinite(ceilingNanoUsd)) {
    return usualNano + excessPoint(distribution, aim.risk * mean);
  }
  const excess = excessOf(distribution);
  const chanceOver = (halt: number) => {
    const above = halt - usualNano;
    return above < 0 ? 1 - halt / mean : Math.min(1, excess(above) / mean);
  };
  const givenUp = (halt: number) => aim.share * (chanceOver(halt) / aim.atRisk) ** aim.exponent;
  const ceiling = Math.max(0, ceilingNanoUsd);
  let high = aim.largest * ceiling;
  if (givenUp(high) >= aim.largest) return high;
  let low = Math.min(KNOWN_WITHIN * mean, high);
  for (let step = 0; step < BISECTIONS; step += 1) {
    const middle = (low + high) / 2;
    if (givenUp(middle) * ceiling > middle) low = middle;
    else high = middle;
  }
  return high;
}

/** The mean amount. */
export const meanOf = ({ amounts, probabilities }: AmountDistribution): number =>
  amounts.reduce((sum, value, index) => sum + value * (probabilities[index] ?? 0), 0);

/** E[(X − t)⁺] as a function of t, from sums taken once. */
function excessOf({ amounts, probabilities }: AmountDistribution): (threshold: number) => number {
  const probability = new Array<number>(amounts.length + 1).fill(0);
  const moment = new Array<number>(amounts.length + 1).fill(0);
  for (let i = amounts.length - 1; i >= 0; i--) {
    probability[i] = (probability[i + 1] ?? 0) + (probabilities[i] ?? 0);
    moment[i] = (moment[i + 1] ?? 0) + (probabilities[i] ?? 0) * (amounts[i] ?? 0);
  }
  return (threshold) => {
    let low = 0;
    let high = amounts.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((amounts[middle] ?? 0) > threshold) high = middle;
      else low = middle + 1;
    }
    return Math.max(0, (moment[low] ?? 0) - threshold * (probability[low] ?? 0));
  };
}

/** The smallest t ≥ 0 with E[(X − t)⁺] ≤ target. */
function excessPoint({ amounts, probabilities }: AmountDistribution, target: number): number {
  let probability = 0;
  let moment = 0;
  for (let i = amounts.length - 1; i >= 0; i--) {
    probability += probabilities[i] ?? 0;
    moment += (probabilities[i] ?? 0) * (amounts[i] ?? 0);
    const below = amounts[i - 1] ?? 0;
    if (probability > 0 && moment - below * probability > target)
      return Math.max(0, (moment - target) / probability);
  }
  return 0;
}
