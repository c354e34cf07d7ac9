// A ledger that gathers what many entries change and writes it together: sums, sessions, threads and
// histories once each instead of once an entry. Rule: inside one transaction; what is read is what was written, here or
// before.
import type { Statement } from 'better-sqlite3';
import type { UsageEntry } from '../../domain/entry.ts';
import type { RecordingStore } from '../recording.ts';
import type { SessionRecord, ThreadRecord } from '../store.ts';
import type { KeepLine } from './columns/column-cache.ts';
import type { Connection, Value } from './connection.ts';
import { entryRepository, rankOf, rollupWriter } from './entries.ts';
import { batchedSums } from './gathered-sums.ts';
import { bucketOf, USAGE_COLUMNS } from './rows.ts';

/** Most entries by far: a request, metered, of a model with a price. What is the same for all of them is not bound. */
export const INSERT_METERED = `INSERT INTO entry (entry_id, session_key, agent_id, turn_id, attribution_id,
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
export function batchingStore(
  base: RecordingStore,
  db: Connection,
  keepLine: KeepLine,
  insertMany: InsertMany | null,
): { readonly store: RecordingStore; readonly flush: () => void } {
  const sessions = new Map<string, Gathered<SessionRecord>>();
  const threads = new Map<string, Map<string, Gathered<ThreadRecord>>>();
  const sums = batchedSums();
  const histories = new Map<string, number[]>();
  const writeSum = rollupWriter(db);
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
    sums.flush(writeSum);
    for (const [owner, counts] of histories) {
      // A list with holes: only the buckets that were counted.
      counts.forEach((count, bucket) => {
        base.addToTokenHistogram(owner, bucket, count);
      });
    }
    histories.clear();
  };

  let turn = '';
  const gatherLine = (values: readonly Value[]) => {
    sums.add(values);
    keepLine(turn, values);
  };
  const room = entryRepository(db, gatherLine);

  /** As the room's own, for an entry like most and not told before; every other one is left to the room. */
  const recordUsage: RecordingStore['recordUsage'] = (entry) => {
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
    const bucketAt = bucketOf(occurredAt);
    const values: Value[] = [key, bucketAt, attributionId, 'metered', 1, 0, inputTokens];
    values.push(outputTokens, cacheReadTokens, cacheWrite5mTokens, cacheWrite1hTokens);
    values.push(webSearchCount, costNanoUsd, occurredAt, occurredAt);
    gatherLine(values);
    return 'recorded';
  };

  let latestThread: {
    readonly id: string;
    readonly agent: string;
    at: Gathered<ThreadRecord>;
  } | null = null;
  /** A thread as far as it is known here; `null` where nobody has looked for it in the ledger. */
  const threadOf = (id: string, agent: string): Gathered<ThreadRecord> | null => {
    if (latestThread?.id === id && latestThread.agent === agent) return latestThread.at;
    const at = threads.get(id)?.get(agent);
    if (at) latestThread = { id, agent, at };
    return at ?? null;
  };
  const keepThread = (id: string, agent: string, at: Gathered<ThreadRecord>) => {
    let ofSession = threads.get(id);
    if (!ofSession) {
      ofSession = new Map();
      threads.set(id, ofSession);
    }
    ofSession.set(agent, at);
    latestThread = { id, agent, at };
  };

  const store: RecordingStore = {
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
    writeHostTotal: base.writeHostTotal,
    writeLiveHostTotal: base.writeLiveHostTotal,
    closeHostTotals: base.closeHostTotals,
    readHostRuns: base.readHostRuns,
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
      const known = threadOf(id, agent ?? '');
      if (known !== null) return known.value;
      const value = base.readThread(id, agent);
      keepThread(id, agent ?? '', { value, isChanged: false });
      return value;
    },
    writeThread: (thread) => {
      const { sessionId: id, agentId } = thread;
      const known = threadOf(id, agentId ?? '');
      if (known === null) {
        keepThread(id, agentId ?? '', { value: thread, isChanged: true });
      } else {
        known.value = thread;
        known.isChanged = true;
      }
    },
    addToTokenHistogram: (owner, bucket, count) => {
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
