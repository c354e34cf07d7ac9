// A ledger that gathers what many entries change and writes it together: sums, sessions, threads and
// histories once each instead of once an entry. Rule: inside one transaction, and whoever reads anything
// that was not gathered here sees everything written.
import type { Statement } from 'better-sqlite3';
import type { UsageEntry } from '../../domain/entry.ts';
import type { SessionRecord, Store, ThreadRecord } from '../store.ts';
import type { Connection, Value } from './connection.ts';
import { entryRoom, rankOf, rollupWriter } from './entries.ts';
import type { KeepLine } from './report-chunks.ts';
import { BUCKET_MS, USAGE_COLUMNS } from './rows.ts';

/** Columns of a line of the sums that are added; the two after them are its first and last instant. */
const FIRST_ADDED = 4;
const FIRST_AT = 13;
const LAST_AT = 14;
/** The columns of a sum of nothing, behind the four that name it. */
const NO_SUM: readonly number[] = [
  ...new Array<number>(FIRST_AT - FIRST_ADDED).fill(0),
  ...[Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
];

/** Most entries by far: a request, metered, of a model with a price. What is the same for all of them is not bound. */
const INSERT_METERED = `INSERT INTO entry (entry_id, session_key, agent_id, turn_id, attribution_id,
  occurred_at_ms, recorded_at_ms, ${USAGE_COLUMNS}, cost_nano_usd,
  kind, request_count, provenance, unknown_model, interrupted)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'usage', 1, 'metered', 0, 0)
  ON CONFLICT (entry_id) DO NOTHING`;

/** What is known of one thing, and whether the ledger knows it, too. */
interface Gathered<T> {
  value: T | null;
  isChanged: boolean;
}

/** Writes an entry like most; see `INSERT_METERED`. */
export type InsertMany = Statement<Value[]>;

export const prepareInsertMany = (db: Connection): InsertMany => db.driver.prepare(INSERT_METERED);

/** `flush` must be called before the transaction ends. `insertMany` is `null` for a handful of entries. */
export function gatheringStore(
  base: Store,
  db: Connection,
  keepLine: KeepLine,
  insertMany: InsertMany | null,
): { readonly store: Store; readonly flush: () => void } {
  const sessions = new Map<string, Gathered<SessionRecord>>();
  const threads = new Map<string, Map<string, Gathered<ThreadRecord>>>();
  const sums = new Map<string, Value[]>();
  const histories = new Map<string, number[]>();
  const writeSum = rollupWriter(db);
  /** Entries of one quarter of an hour follow each other: most add to the sum that the last one added to. */
  let latestSum: Value[] | null = null;

  const sumOf = (session: Value, bucket: Value, attribution: Value, provenance: Value): Value[] => {
    const known = latestSum;
    if (
      known !== null &&
      known[0] === session &&
      known[1] === bucket &&
      known[2] === attribution &&
      known[3] === provenance
    ) {
      return known;
    }
    const name = `${session}|${bucket}|${attribution}|${provenance}`;
    const sum = sums.get(name) ?? [session, bucket, attribution, provenance, ...NO_SUM];
    sums.set(name, sum);
    latestSum = sum;
    return sum;
  };
  const gatherSum = (values: readonly Value[]) => {
    const [session = null, bucket = null, attribution = null, provenance = null] = values;
    const sum = sumOf(session, bucket, attribution, provenance);
    for (let column = FIRST_ADDED; column < FIRST_AT; column += 1) {
      sum[column] = Number(sum[column]) + Number(values[column]);
    }
    sum[FIRST_AT] = Math.min(Number(sum[FIRST_AT]), Number(values[FIRST_AT]));
    sum[LAST_AT] = Math.max(Number(sum[LAST_AT]), Number(values[LAST_AT]));
  };

  const flushSessions = () => {
    for (const session of sessions.values()) {
      if (session.isChanged && session.value) base.writeSession(session.value);
      session.isChanged = false;
    }
  };
  const flush = () => {
    flushSessions();
    for (const ofSession of threads.values()) {
      for (const thread of ofSession.values()) {
        if (thread.isChanged && thread.value) base.writeThread(thread.value);
        thread.isChanged = false;
      }
    }
    for (const sum of sums.values()) writeSum(sum);
    for (const [owner, counts] of histories) {
      // A list with holes: only the buckets that were counted.
      counts.forEach((count, bucket) => {
        base.addToHistory(owner, bucket, count);
      });
    }
    sums.clear();
    latestSum = null;
    histories.clear();
  };

  /** Verbs that are not gathered may read or change anything. */
  const afterFlush = (verb: (...args: unknown[]) => unknown) => {
    return (...args: unknown[]) => {
      flush();
      sessions.clear();
      threads.clear();
      return verb(...args);
    };
  };
  const plain = Object.fromEntries(
    Object.entries(base).map(([name, verb]) => [name, afterFlush(verb as () => unknown)]),
  ) as unknown as Store;
  let turn = '';
  const gatherLine = (values: readonly Value[]) => {
    gatherSum(values);
    keepLine(turn, values);
  };
  const room = entryRoom(db, gatherLine);

  /** As the room's own, for an entry like most and not told before; every other one is left to the room. */
  const recordUsage: Store['recordUsage'] = (entry) => {
    turn = entry.turnId ?? '';
    if (insertMany === null || !isLikeMost(entry) || db.countedOutput.has(entry.requestId)) {
      return room.recordUsage(entry);
    }
    const { usage, occurredAt, costNanoUsd } = entry;
    const key = db.sessionKey(entry.sessionId);
    const attributionId = db.attributionKey(entry.attribution);
    const { inputTokens, outputTokens, cacheReadTokens, cacheWrite5mTokens } = usage;
    const { cacheWrite1hTokens, webSearchCount } = usage;
    // One by one: a list of them would be looked into by its places, each of which takes as long as a bound value.
    const { changes } = insertMany.run(
      entry.entryId,
      key,
      entry.agentId,
      entry.turnId,
      attributionId,
      occurredAt,
      entry.recordedAt,
      inputTokens,
      outputTokens,
      cacheReadTokens,
      cacheWrite5mTokens,
      cacheWrite1hTokens,
      webSearchCount,
      costNanoUsd,
    );
    if (changes === 0) return room.recordUsage(entry);
    db.countedOutput.set(entry.requestId, rankOf(entry));
    const bucketAt = Math.floor(occurredAt / BUCKET_MS) * BUCKET_MS;
    const values: Value[] = [key, bucketAt, attributionId, 'metered', 1, 0, inputTokens];
    values.push(outputTokens, cacheReadTokens, cacheWrite5mTokens, cacheWrite1hTokens);
    values.push(webSearchCount, costNanoUsd, occurredAt, occurredAt);
    gatherLine(values);
    return 'recorded';
  };

  const threadsOf = (id: string): Map<string, Gathered<ThreadRecord>> => {
    let known = threads.get(id);
    if (!known) {
      known = new Map();
      threads.set(id, known);
    }
    return known;
  };

  const store: Store = {
    ...plain,
    immediately: (work) => work(),
    gathered: (work) => work(store),
    bulk: (work) => work(store),
    recordUsage,
    recordCorrection: (entry) => {
      turn = entry.turnId ?? '';
      return room.recordCorrection(entry);
    },
    // These know entries, totals and checkpoints only, and nothing of that is gathered.
    readOwner: base.readOwner,
    readCheckpoint: base.readCheckpoint,
    writeCheckpoint: base.writeCheckpoint,
    readCostBefore: base.readCostBefore,
    writeClientTotal: base.writeClientTotal,
    closeClientTotals: base.closeClientTotals,
    readClientRuns: base.readClientRuns,
    readSettled: base.readSettled,
    readForks: (id) => {
      flushSessions();
      return base.readForks(id);
    },
    readSession: (id) => {
      let session = sessions.get(id);
      if (session === undefined) {
        session = { value: base.readSession(id), isChanged: false };
        sessions.set(id, session);
      }
      return session.value;
    },
    writeSession: (session) => {
      const known = sessions.get(session.sessionId);
      if (known === undefined) {
        sessions.set(session.sessionId, { value: session, isChanged: true });
      } else {
        known.value = session;
        known.isChanged = true;
      }
    },
    readThread: (id, agent) => {
      const ofSession = threadsOf(id);
      let thread = ofSession.get(agent ?? '');
      if (thread === undefined) {
        thread = { value: base.readThread(id, agent), isChanged: false };
        ofSession.set(agent ?? '', thread);
      }
      return thread.value;
    },
    writeThread: (thread) => {
      const ofSession = threadsOf(thread.sessionId);
      const known = ofSession.get(thread.agentId ?? '');
      if (known === undefined) {
        ofSession.set(thread.agentId ?? '', { value: thread, isChanged: true });
      } else {
        known.value = thread;
        known.isChanged = true;
      }
    },
    addToHistory: (owner, bucket, count) => {
      let counts = histories.get(owner);
      if (!counts) {
        counts = [];
        histories.set(owner, counts);
      }
      counts[bucket] = (counts[bucket] ?? 0) + count;
    },
  };
  return { store, flush };
}

const isLikeMost = ({ provenance, flags }: UsageEntry): boolean =>
  provenance === 'metered' && !flags.unknownModel && !flags.interrupted;
