// A ledger that collects what many entries change and writes it together: sums, sessions, threads and histograms once
// each instead of once an entry. Rule: inside one transaction; what is read is what was written, here or before.
import type { Statement } from 'better-sqlite3';
import type { UsageEntry } from '../../domain/entry.ts';
import { bucketOf, USAGE_COLUMNS } from '../columns.ts';
import type { RecordingStore } from '../recording.ts';
import type { SessionRecord, ThreadRecord } from '../store.ts';
import { batchedSums } from './batched-sums.ts';
import type { KeepLine } from './columns/column-cache.ts';
import type { Connection, Value } from './connection.ts';
import { entryRepository, rankOf, rollupWriter } from './entries.ts';

/** Most entries by far: a request, metered, of a model with a price. What is the same for all of them is not bound. */
const INSERT_METERED = `INSERT INTO entry (entry_id, session_key, agent_id, turn_id, attribution_id,
  occurred_at_ms, recorded_at_ms, ${USAGE_COLUMNS}, cost_nano_usd,
  response_key, kind, request_count, provenance, unknown_model, interrupted)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'usage', 1, 'metered', 0, 0)
  ON CONFLICT (entry_id) DO NOTHING`;

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
  const entries = batchedEntries(db, keepLine, insertMany);
  const sessions = batchedSessions(base);
  const threads = batchedThreads(base);
  const histograms = batchedHistograms(base);
  const store: RecordingStore = {
    ...entries.operations,
    ...sessions.operations,
    ...threads.operations,
    ...histograms.operations,
    // These know entries, totals and checkpoints only, and nothing of that is collected.
    readOwner: base.readOwner,
    readCheckpoint: base.readCheckpoint,
    writeCheckpoint: base.writeCheckpoint,
    readCostBefore: base.readCostBefore,
    writeHostTotal: base.writeHostTotal,
    writeLiveHostTotal: base.writeLiveHostTotal,
    closeHostTotals: base.closeHostTotals,
    readHostRuns: base.readHostRuns,
    readSettled: base.readSettled,
  };
  const flush = () => {
    sessions.flush();
    threads.flush();
    entries.flush();
    histograms.flush();
  };
  return { store, flush };
}

type Part<Name extends keyof RecordingStore> = {
  readonly operations: Pick<RecordingStore, Name>;
  readonly flush: () => void;
};

/** Entries are written at once, their sums at the end. */
function batchedEntries(
  db: Connection,
  keepLine: KeepLine,
  insertMany: InsertMany | null,
): Part<'recordUsage' | 'recordCorrection'> {
  const sums = batchedSums();
  const writeSum = rollupWriter(db);
  let turn = '';
  const addLine = (values: readonly Value[]) => {
    sums.add(values);
    keepLine(turn, values);
  };
  const repository = entryRepository(db, addLine);
  return {
    operations: {
      recordUsage: (entry) => {
        turn = entry.turnId ?? '';
        const isNew = insertMany !== null && insertUsual(entry, db, insertMany, addLine);
        return isNew ? 'recorded' : repository.recordUsage(entry);
      },
      recordCorrection: (entry) => {
        turn = entry.turnId ?? '';
        return repository.recordCorrection(entry);
      },
    },
    flush: () => sums.flush(writeSum),
  };
}

/** Writes an entry like most; false, and nothing written, for every other one and for one that is known. */
function insertUsual(
  entry: UsageEntry,
  db: Connection,
  insertMany: InsertMany,
  addLine: (values: readonly Value[]) => void,
): boolean {
  const { provenance, flags, usage, occurredAt, costNanoUsd } = entry;
  if (provenance !== 'metered' || flags.unknownModel || flags.interrupted) return false;
  if (db.counted.has(entry.requestId)) return false;
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
    entry.responseKey,
  );
  if (changes === 0) return false;
  db.counted.set(entry.requestId, { rank: rankOf(entry), key: entry.responseKey });
  const values: Value[] = [key, bucketOf(occurredAt), attributionId, 'metered', 1, 0, inputTokens];
  values.push(outputTokens, cacheReadTokens, cacheWrite5mTokens, cacheWrite1hTokens);
  values.push(webSearchCount, costNanoUsd, occurredAt, occurredAt);
  addLine(values);
  return true;
}

/** What is known of one thing, and whether the ledger knows it, too. */
interface Cached<T> {
  value: T | null;
  isChanged: boolean;
}

function flushCached<T>(all: Iterable<Cached<T>>, write: (value: T) => void): void {
  for (const cached of all) {
    if (cached.isChanged && cached.value) write(cached.value);
    cached.isChanged = false;
  }
}

function batchedSessions(base: RecordingStore): Part<'readSession' | 'writeSession' | 'readForks'> {
  const sessions = new Map<string, Cached<SessionRecord>>();
  const flush = () => flushCached(sessions.values(), base.writeSession);
  return {
    operations: {
      readForks: (id) => {
        flush();
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
    },
    flush,
  };
}

function batchedThreads(base: RecordingStore): Part<'readThread' | 'writeThread'> {
  const threads = new Map<string, Map<string, Cached<ThreadRecord>>>();
  /** Most requests are of the thread of the request before them. */
  let latest: { readonly id: string; readonly agent: string; cached: Cached<ThreadRecord> } | null =
    null;
  /** A thread as far as it is known here; `null` where nobody has looked for it in the ledger. */
  const find = (id: string, agent: string): Cached<ThreadRecord> | null => {
    if (latest?.id === id && latest.agent === agent) return latest.cached;
    const cached = threads.get(id)?.get(agent);
    if (cached) latest = { id, agent, cached };
    return cached ?? null;
  };
  const keep = (id: string, agent: string, cached: Cached<ThreadRecord>) => {
    const ofSession = threads.get(id) ?? new Map<string, Cached<ThreadRecord>>();
    threads.set(id, ofSession.set(agent, cached));
    latest = { id, agent, cached };
  };
  return {
    operations: {
      readThread: (id, agent) => {
        const known = find(id, agent ?? '');
        if (known !== null) return known.value;
        const value = base.readThread(id, agent);
        keep(id, agent ?? '', { value, isChanged: false });
        return value;
      },
      writeThread: (thread) => {
        const { sessionId: id, agentId } = thread;
        const known = find(id, agentId ?? '');
        if (known === null) {
          keep(id, agentId ?? '', { value: thread, isChanged: true });
        } else {
          known.value = thread;
          known.isChanged = true;
        }
      },
    },
    flush: () => {
      for (const ofSession of threads.values()) flushCached(ofSession.values(), base.writeThread);
    },
  };
}

function batchedHistograms(base: RecordingStore): Part<'addToTokenHistogram'> {
  const histograms = new Map<string, number[]>();
  return {
    operations: {
      addToTokenHistogram: (owner, bucket, count) => {
        let counts = histograms.get(owner);
        if (!counts) {
          counts = [];
          histograms.set(owner, counts);
        }
        counts[bucket] = (counts[bucket] ?? 0) + count;
      },
    },
    flush: () => {
      for (const [owner, counts] of histograms) {
        // A list with holes: only the buckets that were counted.
        counts.forEach((count, bucket) => {
          base.addToTokenHistogram(owner, bucket, count);
        });
      }
      histograms.clear();
    },
  };
}
