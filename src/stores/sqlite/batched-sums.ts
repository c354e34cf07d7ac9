// Sums of many entries on their way to the ledger: each is written once, however many entries add to it. PURE. Rule: what
// comes out is what the entries would have come to one by one.

import { BUCKET_MS } from '../columns.ts';
import type { Value } from './connection.ts';

/** Columns of a line of the sums that are added, from here on; the two after them are its first and last instant. */
const FIRST_ADDED = 4;
const FIRST_AT = 13;

/** What a line of the sums comes to, told apart by the four that name it. */
interface Sum {
  readonly session: Value;
  readonly bucket: Value;
  readonly attribution: Value;
  readonly provenance: Value;
  readonly added: Float64Array;
  firstAt: number;
  lastAt: number;
}

export interface BatchedSums {
  /** Adds one line; the values are those of `AddToRollup`. */
  readonly add: (values: readonly Value[]) => void;
  /** Writes every sum, as values of the same order, and forgets them. */
  readonly flush: (write: (values: readonly Value[]) => void) => void;
}

/** Of one session, one set of labels and one provenance: by quarter of an hour. */
type Quarters = Map<number, Sum>;

export function batchedSums(): BatchedSums {
  // A map within a map, since a name made of all four takes longer than everything else here.
  const sums = new Map<Value, Map<Value, Map<Value, Quarters>>>();

  const sumOf = (values: readonly Value[]): Sum => {
    const [session = null, bucket = null, attribution = null, provenance = null] = values;
    const quarters = within(within(within(sums, session), attribution), provenance);
    const quarter = (bucket as number) / BUCKET_MS;
    let sum = quarters.get(quarter);
    if (sum === undefined) {
      const added = new Float64Array(FIRST_AT - FIRST_ADDED);
      const none = { firstAt: Number.POSITIVE_INFINITY, lastAt: Number.NEGATIVE_INFINITY };
      sum = { session, bucket, attribution, provenance, added, ...none };
      quarters.set(quarter, sum);
    }
    return sum;
  };

  return {
    add: (values) => {
      const sum = sumOf(values);
      const { added } = sum;
      for (let index = 0; index < FIRST_AT - FIRST_ADDED; index += 1) {
        (added[index] as number) += values[FIRST_ADDED + index] as number;
      }
      const at = values[FIRST_AT] as number;
      if (at < sum.firstAt) sum.firstAt = at;
      if (at > sum.lastAt) sum.lastAt = at;
    },
    flush: (write) => {
      for (const ofSession of sums.values()) {
        for (const ofLabels of ofSession.values()) {
          for (const quarters of ofLabels.values()) {
            for (const { session, bucket, attribution, provenance, ...sum } of quarters.values()) {
              write([
                session,
                bucket,
                attribution,
                provenance,
                ...sum.added,
                sum.firstAt,
                sum.lastAt,
              ]);
            }
          }
        }
      }
      sums.clear();
    },
  };
}

function within<K, L, V>(map: Map<K, Map<L, V>>, key: K): Map<L, V> {
  let inner = map.get(key);
  if (inner === undefined) {
    inner = new Map();
    map.set(key, inner);
  }
  return inner;
}
