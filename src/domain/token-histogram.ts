// A log-bucketed count of token amounts. PURE. A bucket is a quarter of a doubling (19 %), so its middle is at most 9 % off what it stands
// for; a session's history is 20 to 40 rows whatever the session's length.

/** Buckets per doubling. */
const BUCKETS_PER_DOUBLING = 4;

/**
 * The last bucket (about 740,000 tokens and more): no reply and no tool result of today is larger.
 */
export const LAST_BUCKET = 79;

export const BUCKET_COUNT = LAST_BUCKET + 1;

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
export function bucketMids(): readonly number[] {
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

/** The amount in tokens that a share of all, 0..1, does not exceed: the middle of its bucket; 0 when nothing has been seen. */
export function histogramQuantile(history: TokenHistogram, share: number): number {
  const { counts, total } = countsOf(history);
  let passed = 0;
  const bucket = counts.findIndex((count) => {
    passed += count;
    return passed >= share * total;
  });
  return total > 0 ? bucketTokens(bucket).mid : 0;
}

/** The mean amount in tokens; 0 when nothing has been seen. */
export function histogramMean(history: TokenHistogram): number {
  const { counts, total } = countsOf(history);
  if (total === 0) return 0;
  return counts.reduce((sum, count, bucket) => sum + count * bucketTokens(bucket).mid, 0) / total;
}

/** How many amounts fell into each bucket, and in all. */
export function countsOf(history: TokenHistogram): { counts: number[]; total: number } {
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

function isRows(
  buckets: ReadonlyMap<number, number> | readonly BucketCount[],
): buckets is readonly BucketCount[] {
  return Array.isArray(buckets);
}
