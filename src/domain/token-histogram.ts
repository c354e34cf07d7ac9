// A log-bucketed count of token amounts, and the law of the next amount that can be read from it.
// PURE. A bucket is a quarter of a doubling (19 %), so its middle is at most 9 % off what it stands
// for; a session's history is 20 to 40 rows whatever the session's length.

/** Buckets per doubling. */
const BUCKETS_PER_DOUBLING = 4;

/**
 * The last bucket (about 740,000 tokens and more): no reply and no tool result of today is larger.
 */
export const LAST_BUCKET = 79;

const BUCKET_COUNT = LAST_BUCKET + 1;

/** One row of a history: how many amounts fell into the bucket. */
export interface BucketCount {
  readonly bucket: number;
  readonly count: number;
}

/** Log-bucketed counts of token amounts. No buckets: nothing has been seen yet. */
export interface TokenHistogram {
  readonly buckets: ReadonlyMap<number, number> | readonly BucketCount[];
}

/** The history in which nothing has happened. */
export const EMPTY_HISTOGRAM: TokenHistogram = { buckets: [] };

/**
 * The bucket, 0 to `LAST_BUCKET`, of an amount in tokens. Bucket 0 is "none": less than 1, or not a
 * number.
 */
export function tokenBucket(outputTokens: number): number {
  if (!(outputTokens >= 1)) return 0;
  return Math.min(1 + Math.floor(BUCKETS_PER_DOUBLING * Math.log2(outputTokens)), LAST_BUCKET);
}

/**
 * The amounts in tokens, `[lower, upper)`, that a bucket stands for, and their middle on the
 * logarithmic scale.
 */
export function bucketTokens(bucket: number): { lower: number; upper: number; mid: number } {
  if (!(bucket >= 1)) return { lower: 0, upper: 1, mid: 0 };
  const lower = 2 ** ((bucket - 1) / BUCKETS_PER_DOUBLING);
  const upper = 2 ** (bucket / BUCKETS_PER_DOUBLING);
  return { lower, upper, mid: Math.sqrt(lower * upper) };
}

let mids: readonly number[] | undefined;

/** The middle of each bucket. Most decisions need none of them. */
function bucketMids(): readonly number[] {
  mids ??= Array.from({ length: BUCKET_COUNT }, (_, bucket) => bucketTokens(bucket).mid);
  return mids;
}

/** The history of some amounts in tokens. */
export function histogramOf(amounts: Iterable<number>): TokenHistogram {
  const buckets = new Map<number, number>();
  for (const tokens of amounts) {
    const bucket = tokenBucket(tokens);
    buckets.set(bucket, (buckets.get(bucket) ?? 0) + 1);
  }
  return { buckets };
}

/** How many amounts the history has seen. */
export function histogramCount(history: TokenHistogram): number {
  return countsOf(history).total;
}

/** The typical amount in tokens: the middle of the bucket that holds the median; 0 when nothing has been seen. */
export function histogramMedian(history: TokenHistogram): number {
  const { counts, total } = countsOf(history);
  let passed = 0;
  const bucket = counts.findIndex((count) => {
    passed += count;
    return passed * 2 >= total;
  });
  return total > 0 ? bucketTokens(bucket).mid : 0;
}

/** The mean amount in tokens; 0 when nothing has been seen. */
export function histogramMean(history: TokenHistogram): number {
  const { counts, total } = countsOf(history);
  if (total === 0) return 0;
  return counts.reduce((sum, count, bucket) => sum + count * bucketTokens(bucket).mid, 0) / total;
}

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

/**
 * A history that informs the fitted law with the weight of at most `most` amounts (all of them when
 * left out).
 */
export interface Evidence {
  readonly history: TokenHistogram;
  readonly most?: number;
}

/** A discrete law: `amounts` ascending, `probabilities` of the same length with sum 1. */
export interface AmountDistribution {
  readonly amounts: readonly number[];
  readonly probabilities: readonly number[];
}

// How much the priors count, in amounts seen. The place of a session's outputs differs so much
// between sessions that two replies are worth more than the prior; their spread is taken to be more
// alike, and a small sample hides it.
const PRIOR_PLACE_COUNT = 2;
const PRIOR_SPREAD_COUNT = 40;
// The fitted law counts as twenty amounts beside the session's own: 1/6 after a hundred, which is
// what keeps the tail beyond the largest reply seen. At the default level 4 to 40 simulate alike.
const FITTED_COUNT = 20;
// The session's own amounts are blurred by half a standard deviation × n^(-1/5), the usual rate of
// kernel density.
const BLUR_RATIO = 0.5;

/**
 * The law of the next amount, in tokens: the session's own amounts, blurred, beside a log-normal
 * (with Student's tails for what is not known of its parameters) fitted to the session, a little of
 * the other histories and the prior.
 */
export function amountDistribution(
  session: TokenHistogram,
  others: readonly Evidence[],
  prior: AmountPrior,
): AmountDistribution {
  const own = countsOf(session);
  const fit = fitted([{ history: session }, ...others], prior);
  const blur = BLUR_RATIO * fit.spread * Math.max(1, own.total) ** -0.2;
  const blurred = own.total > 0 ? blurredCounts(own.counts, blur) : own.counts;
  const probabilities = fit.probabilities.map(
    (probability, bucket) =>
      (FITTED_COUNT * probability + (blurred[bucket] ?? 0)) / (FITTED_COUNT + own.total),
  );
  return { amounts: bucketMids(), probabilities };
}

// The sum of two laws is gathered in cells of an eighth of a doubling: 4 % off at most, each with
// its own mean amount.
const CELLS_PER_DOUBLING = 8;
const NEGLIGIBLE_MASS = 1e-6;

/** The law of the sum of two independent amounts. */
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

function countsOf(history: TokenHistogram): { counts: number[]; total: number } {
  const counts = new Array<number>(BUCKET_COUNT).fill(0);
  let total = 0;
  const add = (bucket: number, count: number) => {
    if (!Number.isFinite(bucket) || !Number.isFinite(count) || count <= 0) return;
    const index = Math.max(0, Math.min(LAST_BUCKET, Math.trunc(bucket)));
    counts[index] = (counts[index] ?? 0) + count;
    total += count;
  };
  if (isRows(history.buckets)) {
    for (const row of history.buckets) add(row.bucket, row.count);
  } else {
    for (const [bucket, count] of history.buckets) add(bucket, count);
  }
  return { counts, total };
}

/** Normal-inverse-gamma, in closed form, on the logarithms (the bucket numbers). */
function fitted(
  evidence: readonly Evidence[],
  prior: AmountPrior,
): { probabilities: number[]; spread: number } {
  let weight = 0;
  let sum = 0;
  let squares = 0;
  for (const { history, most } of evidence) {
    const { counts, total } = countsOf(history);
    const share = most !== undefined && total > most ? most / total : 1;
    counts.forEach((count, bucket) => {
      weight += share * count;
      sum += share * count * bucket;
      squares += share * count * bucket * bucket;
    });
  }
  const mean = weight > 0 ? sum / weight : prior.bucket;
  const within = Math.max(0, squares - weight * mean * mean);
  const places = PRIOR_PLACE_COUNT + weight;
  const place = (PRIOR_PLACE_COUNT * prior.bucket + weight * mean) / places;
  const degrees = PRIOR_SPREAD_COUNT + weight;
  const between = ((PRIOR_PLACE_COUNT * weight) / places) * (mean - prior.bucket) ** 2;
  const scatter = PRIOR_SPREAD_COUNT * prior.spread ** 2 + within + between;
  const variance = (scatter / degrees) * (1 + 1 / places);
  const density = bucketMids().map((_, bucket) =>
    bucket > prior.largestBucket
      ? 0
      : (1 + (bucket - place) ** 2 / (degrees * variance)) ** (-(degrees + 1) / 2),
  );
  const whole = density.reduce((total, probability) => total + probability, 0);
  return {
    probabilities: density.map((probability) => probability / whole),
    spread: Math.sqrt(variance),
  };
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

function isRows(
  buckets: ReadonlyMap<number, number> | readonly BucketCount[],
): buckets is readonly BucketCount[] {
  return Array.isArray(buckets);
}
