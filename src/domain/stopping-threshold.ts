// Where a session comes down best: how much of a ceiling to keep free for an average request. PURE: a law of
// what a request may cost goes in, the halting point comes out.
import type { AmountDistribution } from './token-histogram.ts';

/** What a level strives for; `stoppingThreshold` says how the figures are used. */
export interface Aim {
  /** To end within this share of the ceiling is as good as at the ceiling. */
  readonly strip: number;
  /** Going over once weighs as much as so many sessions that end within the strip. */
  readonly overWeight: number;
  /** The largest hold for an average request, as a share: a thin history must not halt a start. */
  readonly largest: number;
  /** Without a ceiling: the chance of going over per landing. */
  readonly risk: number;
}
// Tuned on the shapes of `test/bench`: of the weights 7, 12 and 20 the middle one met the promised
// figures most often; at 7 more sessions go over, at 20 more halt early.
export const AIMS: Readonly<Record<'cautious' | 'strict', Aim>> = {
  cautious: { strip: 0.065, overWeight: 12, largest: 0.3, risk: 0.02 },
  strict: { strip: 0.175, overWeight: 200, largest: 0.35, risk: 0.002 },
};
// Candidate halting points, as powers of 1.08 of the strip: from 1/70,000 of it (a month's ceiling)
// to 5 times.
const CANDIDATE_COUNT = 166;
const candidate = (index: number): number => 1.08 ** (index - 145);

/**
 * The halting point for an average request: halt when the headroom is less. In nano-dollars.
 *
 * Steps of mean m come down on the ceiling. Under "halt below h" the headroom left at the end, r,
 * has the density P(X > h − r) ÷ m (renewal theory), so with G(h) = E[(X − h)⁺] ÷ m: P(over) =
 * G(h), and P(0 ≤ r ≤ strip) = G(h − strip) − G(h). The halting point is the h that makes P(within
 * the strip) − overWeight × P(over) − h ÷ ceiling largest: close to the strip where that is safe,
 * further out where one large reply is worth a good part of the ceiling.
 */
export function stoppingThreshold(
  distribution: AmountDistribution,
  usualNano: number,
  aim: Aim,
  ceilingNanoUsd?: number,
): number {
  const mean = usualNano + meanOf(distribution);
  if (mean <= 0) return 0;
  const excess = excessOf(distribution);
  const excessRatio = (halt: number) => {
    const above = halt - usualNano;
    return above < 0 ? 1 - halt / mean : Math.min(1, excess(above) / mean);
  };
  if (ceilingNanoUsd === undefined || !Number.isFinite(ceilingNanoUsd)) {
    return usualNano + excessPoint(distribution, aim.risk * mean);
  }
  const ceiling = Math.max(0, ceilingNanoUsd);
  const strip = aim.strip * ceiling;
  let best = 0;
  let bestValue = Number.NEGATIVE_INFINITY;
  for (let index = 0; index < CANDIDATE_COUNT; index += 1) {
    const ratio = Math.min(aim.largest, aim.strip * candidate(index));
    const halt = ratio * ceiling;
    const over = excessRatio(halt);
    const within = (halt <= strip ? 1 : excessRatio(halt - strip)) - over;
    const value = within - aim.overWeight * over - ratio;
    if (value > bestValue) {
      bestValue = value;
      best = halt;
    }
    if (ratio === aim.largest) break;
  }
  return best;
}

/** The mean amount of a law. */
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
