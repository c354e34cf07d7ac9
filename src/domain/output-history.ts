// A log-bucketed count of token amounts: what a session, a model or a machine has produced, in some seventy numbers.
// PURE. A bucket is a quarter of a doubling (19 %), so a bucket's middle is at most 9 % off the amount it stands for.

/** Buckets per doubling. Four keep a session's sketch at 20 to 40 rows and its error below the tails' own noise. */
export const BUCKETS_PER_DOUBLING = 4;

/** The last bucket (about 740,000 tokens and more): no reply and no tool result of today is larger. */
export const LAST_BUCKET = 79;

/** One row of a sketch: how many amounts fell into the bucket. */
export interface BucketCount {
  readonly bucket: number;
  readonly count: number;
}

/** Log-bucketed counts of token amounts. No buckets means that nothing has been seen yet. */
export interface OutputHistory {
  readonly buckets: ReadonlyMap<number, number> | readonly BucketCount[];
}

/** The history in which nothing has happened. */
export const EMPTY_HISTORY: OutputHistory = { buckets: [] };

/** The bucket (0 to `LAST_BUCKET`) of an amount in tokens. Bucket 0 is "none at all"; NaN and less than 1 go there. */
export function outputBucket(outputTokens: number): number {
  if (!(outputTokens >= 1)) return 0;
  const bucket = 1 + Math.floor(BUCKETS_PER_DOUBLING * Math.log2(outputTokens));
  return Math.min(bucket, LAST_BUCKET);
}

/** The amounts in tokens, `[lower, upper)`, that a bucket stands for, and their middle on the logarithmic scale. */
export function bucketTokens(bucket: number): { lower: number; upper: number; mid: number } {
  if (bucket <= 0) return { lower: 0, upper: 1, mid: 0 };
  const lower = 2 ** ((bucket - 1) / BUCKETS_PER_DOUBLING);
  const upper = 2 ** (bucket / BUCKETS_PER_DOUBLING);
  return { lower, upper, mid: Math.sqrt(lower * upper) };
}

/** The middles of all buckets in tokens, by bucket, computed once. */
export const BUCKET_MIDS: readonly number[] = Array.from(
  { length: LAST_BUCKET + 1 },
  (_, bucket) => bucketTokens(bucket).mid,
);

/** The counts as one dense array by bucket. Buckets out of range are clamped, counts that make no sense are left out. */
export function historyCounts(history: OutputHistory): number[] {
  const counts = new Array<number>(LAST_BUCKET + 1).fill(0);
  const add = (bucket: number, count: number) => {
    if (!Number.isFinite(bucket) || !Number.isFinite(count) || count <= 0) return;
    const index = Math.max(0, Math.min(LAST_BUCKET, Math.trunc(bucket)));
    counts[index] = (counts[index] ?? 0) + count;
  };
  if (isRows(history.buckets)) {
    for (const row of history.buckets) add(row.bucket, row.count);
  } else {
    for (const [bucket, count] of history.buckets) add(bucket, count);
  }
  return counts;
}

/** How many amounts the history has seen. */
export function historyCount(history: OutputHistory): number {
  return historyCounts(history).reduce((sum, count) => sum + count, 0);
}

/** The history of some amounts in tokens. */
export function historyOf(amounts: Iterable<number>): OutputHistory {
  const buckets = new Map<number, number>();
  for (const tokens of amounts) {
    const bucket = outputBucket(tokens);
    buckets.set(bucket, (buckets.get(bucket) ?? 0) + 1);
  }
  return { buckets };
}

/** The history after one more amount in tokens; the old one is left as it was. */
export function withOutput(history: OutputHistory, tokens: number): OutputHistory {
  const buckets = new Map<number, number>();
  historyCounts(history).forEach((count, bucket) => {
    if (count > 0) buckets.set(bucket, count);
  });
  const bucket = outputBucket(tokens);
  buckets.set(bucket, (buckets.get(bucket) ?? 0) + 1);
  return { buckets };
}

function isRows(
  buckets: ReadonlyMap<number, number> | readonly BucketCount[],
): buckets is readonly BucketCount[] {
  return Array.isArray(buckets);
}
