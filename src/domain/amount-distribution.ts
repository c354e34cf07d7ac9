// What the next amount of tokens may be, read from a session's histogram. PURE.
import {
  BUCKET_COUNT,
  bucketMids,
  countsOf,
  LAST_BUCKET,
  type TokenHistogram,
} from './token-histogram.ts';

/** What is believed before anything was seen; bucket numbers are logarithms of tokens. */
export interface AmountPrior {
  /** The typical amount, as a bucket. */
  readonly bucket: number;
  /**
   * Standard deviation within a session, in buckets (5.77 buckets are one unit of a log-normal's
   * sigma).
   */
  readonly spread: number;
  /** The largest amount that can occur, as a bucket. */
  readonly largestBucket: number;
}

/** A history that informs the fit with the weight of at most `most` amounts. */
export interface Evidence {
  readonly history: TokenHistogram;
  readonly most: number;
}

/** A discrete distribution: `amounts` ascending, `probabilities` of the same length with sum 1. */
export interface AmountDistribution {
  readonly amounts: readonly number[];
  readonly probabilities: readonly number[];
}

// How much the priors count, in amounts seen. The place of a session's outputs differs so much
// between sessions that two replies are worth more than the prior; their spread is taken to be more
// alike, and a small sample hides it.
const PRIOR_PLACE_COUNT = 2;
const PRIOR_SPREAD_COUNT = 40;
// The fit counts as twenty amounts beside the session's own: 1/6 after a hundred, which is
// what keeps the tail beyond the largest reply seen. At the default level 4 to 40 simulate alike.
const FITTED_COUNT = 20;
// The session's own amounts are blurred by half a standard deviation × n^(-1/5), the usual rate of
// kernel density.
const BLUR_RATIO = 0.5;
/** An amount may be anywhere in its bucket. */
const MIN_BLUR = 0.5;
// Kinds of sessions that are steadier than the prior says, and the odds of each against a varied one before anything was seen:
// amounts that differ by a fifth (a spread of 1.25 buckets), which four amounts outweigh, by a half, and by as much as they are.
// An amount out of line is taken to be as likely as one in so many more than were seen.
const STEADIER = [
  { spread: 1.25, spreadCount: 6, odds: 0.1 },
  { spread: 2.5, spreadCount: 10, odds: 0.2 },
  { spread: 4, spreadCount: 14, odds: 0.3 },
];
const SURPRISE_COUNT = 20;

/**
 * The distribution of the next amount, in tokens: the session's own amounts, blurred, beside log-normals (with Student's tails
 * for what is not known of their parameters) fitted to the session, a little of the other histories and the prior.
 */
export function amountDistribution(
  session: TokenHistogram,
  others: readonly Evidence[],
  prior: AmountPrior,
): AmountDistribution {
  const own = countsOf(session);
  const fit = fitted(momentsOf(own.counts), others, prior);
  const blur = Math.max(MIN_BLUR, BLUR_RATIO * fit.spread * Math.max(1, own.total) ** -0.2);
  const blurred = own.total > 0 ? blurredCounts(own.counts, blur) : own.counts;
  const probabilities = fit.probabilities.map(
    (probability, bucket) =>
      (FITTED_COUNT * probability + (blurred[bucket] ?? 0)) / (FITTED_COUNT + own.total),
  );
  return { amounts: bucketMids(), probabilities };
}

// The sum of two distributions is gathered in cells of an eighth of a doubling: 4 % off at most, each with
// its own mean amount.
const CELLS_PER_DOUBLING = 8;
const NEGLIGIBLE_MASS = 1e-6;

/** The distribution of the sum of two independent amounts. */
export function sumOfDistributions(
  one: AmountDistribution,
  other: AmountDistribution,
): AmountDistribution {
  const cells = new Map<number, { probability: number; moment: number }>();
  const added = atomsOf(other);
  for (const [value, probability] of atomsOf(one)) {
    for (const [more, chance] of added) {
      const both = probability * chance;
      const sum = value + more;
      const key = sum < 1 ? -1 : Math.floor(CELLS_PER_DOUBLING * Math.log2(sum));
      const cell = cells.get(key);
      if (cell) {
        cell.probability += both;
        cell.moment += both * sum;
      } else {
        cells.set(key, { probability: both, moment: both * sum });
      }
    }
  }
  const rows = [...cells.entries()].sort((a, b) => a[0] - b[0]).map(([, cell]) => cell);
  return {
    amounts: rows.map((c) => c.moment / c.probability),
    probabilities: rows.map((c) => c.probability),
  };
}

function atomsOf({
  amounts,
  probabilities,
}: AmountDistribution): [value: number, probability: number][] {
  return amounts
    .map((value, index): [number, number] => [value, probabilities[index] ?? 0])
    .filter(([, probability]) => probability > NEGLIGIBLE_MASS);
}

/** What a session's amounts are fitted with: a prior, and how much it counts. */
interface FitPrior {
  readonly bucket: number;
  readonly placeCount: number;
  readonly spread: number;
  readonly spreadCount: number;
}

/** A fitted log-normal; `logEvidence` says how well the prior foretold the amounts. */
interface Fit {
  readonly place: number;
  readonly degrees: number;
  readonly variance: number;
  readonly logEvidence: number;
}

/**
 * Kinds of sessions are weighed by how well they foretell what was seen: varied ones, with the prior's spread, and steadier
 * ones. However steady a session is, a share of a varied one stays.
 */
function fitted(
  own: Moments,
  others: readonly Evidence[],
  prior: AmountPrior,
): { probabilities: number[]; spread: number } {
  const variedPrior = {
    ...prior,
    placeCount: PRIOR_PLACE_COUNT,
    spreadCount: PRIOR_SPREAD_COUNT,
  };
  const varied = fitTo(withOthers(own, others), variedPrior);
  const variedEvidence = fitTo(own, variedPrior).logEvidence;
  const steadier = STEADIER.map((kind) => {
    const placeCount = PRIOR_PLACE_COUNT * (kind.spread / prior.spread) ** 2;
    const fitOfKind = fitTo(own, { ...kind, bucket: prior.bucket, placeCount });
    const odds = kind.odds * Math.exp(Math.min(700, fitOfKind.logEvidence - variedEvidence));
    return { fitOfKind, odds };
  });
  const allOdds = steadier.reduce((sum, { odds }) => sum + odds, 0);
  const most = 1 - 1 / (SURPRISE_COUNT + own.weight);
  const shareOfOdds = Math.min(1 / (1 + allOdds), most / allOdds);
  const steadierShare = allOdds * shareOfOdds;
  const probabilities = densityOf(varied, prior.largestBucket).map(
    (probability) => (1 - steadierShare) * probability,
  );
  let spread = (1 - steadierShare) * Math.sqrt(varied.variance);
  for (const { fitOfKind, odds } of steadier) {
    const share = odds * shareOfOdds;
    densityOf(fitOfKind, prior.largestBucket).forEach((probability, bucket) => {
      probabilities[bucket] = (probabilities[bucket] ?? 0) + share * probability;
    });
    spread += share * Math.sqrt(fitOfKind.variance);
  }
  return { probabilities, spread };
}

/** Sums of some amounts, as bucket numbers. */
interface Moments {
  readonly weight: number;
  readonly sum: number;
  readonly squares: number;
}

/** A bucket stands for amounts that are spread over it. */
const WITHIN_BUCKET_VARIANCE = 1 / 12;

function momentsOf(counts: readonly number[], share = 1): Moments {
  let weight = 0;
  let sum = 0;
  let squares = 0;
  counts.forEach((count, bucket) => {
    weight += share * count;
    sum += share * count * bucket;
    squares += share * count * (bucket * bucket + WITHIN_BUCKET_VARIANCE);
  });
  return { weight, sum, squares };
}

function withOthers(own: Moments, others: readonly Evidence[]): Moments {
  return others.reduce((all, { history, most }) => {
    const { counts, total } = countsOf(history);
    const more = momentsOf(counts, total > most ? most / total : 1);
    return {
      weight: all.weight + more.weight,
      sum: all.sum + more.sum,
      squares: all.squares + more.squares,
    };
  }, own);
}

/** Normal-inverse-gamma, in closed form, on the logarithms (the bucket numbers). */
function fitTo({ weight, sum, squares }: Moments, prior: FitPrior): Fit {
  const mean = weight > 0 ? sum / weight : prior.bucket;
  const within = Math.max(0, squares - weight * mean * mean);
  const places = prior.placeCount + weight;
  const place = (prior.placeCount * prior.bucket + weight * mean) / places;
  const degrees = prior.spreadCount + weight;
  const between = ((prior.placeCount * weight) / places) * (mean - prior.bucket) ** 2;
  const before = prior.spreadCount * prior.spread ** 2;
  const scatter = before + within + between;
  const logEvidence =
    logGamma(degrees / 2) -
    logGamma(prior.spreadCount / 2) +
    (prior.spreadCount * Math.log(before) - degrees * Math.log(scatter)) / 2 +
    Math.log(prior.placeCount / places) / 2;
  return { place, degrees, variance: (scatter / degrees) * (1 + 1 / places), logEvidence };
}

function densityOf({ place, degrees, variance }: Fit, largestBucket: number): number[] {
  const density = bucketMids().map((_, bucket) =>
    bucket > largestBucket
      ? 0
      : (1 + (bucket - place) ** 2 / (degrees * variance)) ** (-(degrees + 1) / 2),
  );
  const whole = density.reduce((total, probability) => total + probability, 0);
  return density.map((probability) => probability / whole);
}

/** The logarithm of the gamma function, by Stirling's series; good to nine digits from 1 on. */
function logGamma(x: number): number {
  if (x < 8) return logGamma(x + 1) - Math.log(x);
  const inverse = 1 / (x * x);
  const series = (1 / 12 - inverse * (1 / 360 - inverse / 1260)) / x;
  return (x - 0.5) * Math.log(x) - x + 0.5 * Math.log(2 * Math.PI) + series;
}

function blurredCounts(counts: readonly number[], width: number): number[] {
  const reach = Math.ceil(3 * width);
  const kernel: number[] = [];
  for (let away = -reach; away <= reach; away++) kernel.push(Math.exp(-0.5 * (away / width) ** 2));
  const whole = kernel.reduce((total, probability) => total + probability, 0);
  const blurred = new Array<number>(BUCKET_COUNT).fill(0);
  counts.forEach((count, bucket) => {
    if (count === 0) return;
    kernel.forEach((probability, index) => {
      const to = Math.max(0, Math.min(LAST_BUCKET, bucket + index - reach));
      blurred[to] = (blurred[to] ?? 0) + (count * probability) / whole;
    });
  });
  return blurred;
}
