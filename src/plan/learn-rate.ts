// What list-price dollars do to a plan's window, learned from readings and the ledger. PURE. Rule: use elsewhere (another machine, the web)
// moves the share without dollars of ours, so what most dollars agree on counts, never the mean; too little to tell is `null`.
import type { NanoUsd } from '../domain/money.ts';
import type { PlanRate } from '../domain/plan-window.ts';
import type { EpochMs } from '../domain/time.ts';

/** One reading, and what the ledger had spent in its window by then. */
export interface RatePoint {
  readonly endAt: EpochMs;
  readonly usedRatio: number;
  readonly spentNanoUsd: NanoUsd;
}

/** Shares are told in steps as coarse as this. */
const STEP_RATIO = 0.01;
/** Fewer differences than this do not tell. */
const LEAST_SAMPLES = 3;
/** A plan, and what it allows, may change: older differences are forgotten. */
const MAX_SAMPLES = 60;
/** Samples further from the middle than this factor are of something else as well. */
const NEAR_FACTOR = 2;
const ERROR_QUANTILE = 2 / 3;
const LEAST_ERROR_RATIO = 0.01;

interface Sample {
  readonly shareRatio: number;
  readonly spentNanoUsd: NanoUsd;
}

/** The rate, from readings in the order in which they were made; `null` where they do not tell. */
export function learnRate(points: readonly RatePoint[]): PlanRate | null {
  const samples = samplesOf(points).slice(-MAX_SAMPLES);
  if (samples.length < LEAST_SAMPLES) return null;
  const middle = weightedQuantile(samples, fullOf, 0.5, ({ spentNanoUsd }) => spentNanoUsd);
  const isNear = (sample: Sample) =>
    fullOf(sample) <= middle * NEAR_FACTOR && fullOf(sample) >= middle / NEAR_FACTOR;
  const near = samples.filter(isNear);
  const sum = (pick: (sample: Sample) => number) =>
    near.reduce((total, each) => total + pick(each), 0);
  // Steps even out in a sum: each begins where the one before has ended.
  const full = sum(({ spentNanoUsd }) => spentNanoUsd) / sum(({ shareRatio }) => shareRatio);
  const deviation = (sample: Sample) => Math.abs(fullOf(sample) / full - 1);
  const weight = ({ spentNanoUsd }: Sample) => spentNanoUsd;
  const error = weightedQuantile(samples, deviation, ERROR_QUANTILE, weight);
  return {
    fullNanoUsd: Math.round(full),
    errorRatio: Math.max(LEAST_ERROR_RATIO, error),
    sampleCount: samples.length,
  };
}

const fullOf = ({ shareRatio, spentNanoUsd }: Sample): number => spentNanoUsd / shareRatio;

/** Differences between readings at which the share has just changed: only there it is known where within its step it is. */
function samplesOf(points: readonly RatePoint[]): Sample[] {
  const samples: Sample[] = [];
  let anchor: RatePoint | null = null;
  let last: RatePoint | null = null;
  for (const point of points) {
    const goesOn =
      last !== null &&
      point.endAt === last.endAt &&
      point.usedRatio >= last.usedRatio &&
      point.spentNanoUsd >= last.spentNanoUsd;
    const isStep = goesOn && last !== null && point.usedRatio > last.usedRatio;
    if (!goesOn) anchor = point.usedRatio === 0 ? point : null;
    else if (isStep && anchor === null) anchor = point;
    else if (isStep && anchor !== null) {
      const shareRatio = point.usedRatio - anchor.usedRatio;
      const spentNanoUsd = point.spentNanoUsd - anchor.spentNanoUsd;
      if (shareRatio >= STEP_RATIO - Number.EPSILON * 10) {
        if (spentNanoUsd > 0) samples.push({ shareRatio, spentNanoUsd });
        anchor = point;
      }
    }
    last = point;
  }
  return samples;
}

function weightedQuantile(
  samples: readonly Sample[],
  pick: (sample: Sample) => number,
  quantile: number,
  weightOf: (sample: Sample) => number,
): number {
  const sorted = [...samples].sort((a, b) => pick(a) - pick(b));
  const total = sorted.reduce((sum, each) => sum + weightOf(each), 0);
  let reached = 0;
  for (const sample of sorted) {
    reached += weightOf(sample);
    if (reached >= total * quantile) return pick(sample);
  }
  return pick(sorted.at(-1) as Sample);
}
