// A ledger that gathers what many entries change and writes it together: sums, sessions, threads and
// histories once each instead of once an entry. Rule: inside one transaction, and whoever reads anything
// that was not gathered here sees everything written.
import type { SessionRecord, Store, ThreadRecord } from '../store.ts';
import type { Connection, Value } from './connection.ts';
import { entryRoom, rollupWriter } from './entries.ts';
import type { KeepLine } from './report-chunks.ts';

/** Columns of a line of the sums that are added; the two after them are its first and last instant. */
const FIRST_ADDED = 4;
const FIRST_AT = 13;
const LAST_AT = 14;

/** `flush` must be called before the transaction ends. */
export function gatheringStore(
  base: Store,
  db: Connection,
  keepLine: KeepLine,
): { readonly store: Store; readonly flush: () => void } {
  const sessions = new Map<string, SessionRecord | null>();
  const threads = new Map<string, ThreadRecord | null>();
  const changedSessions = new Set<string>();
  const changedThreads = new Set<string>();
  const sums = new Map<string, Value[]>();
  const histories = new Map<string, Map<number, number>>();
  const writeSum = rollupWriter(db);

  const gatherSum = (values: readonly Value[]) => {
    const key = `${values[0]}|${values[1]}|${values[2]}|${values[3]}`;
    const sum = sums.get(key);
    if (!sum) {
      sums.set(key, [...values]);
      return;
    }
    for (let column = FIRST_ADDED; column < FIRST_AT; column += 1) {
      sum[column] = Number(sum[column]) + Number(values[column]);
    }
    sum[FIRST_AT] = Math.min(Number(sum[FIRST_AT]), Number(values[FIRST_AT]));
    sum[LAST_AT] = Math.max(Number(sum[LAST_AT]), Number(values[LAST_AT]));
  };

  const flushSessions = () => {
    for (const id of changedSessions) {
      const session = sessions.get(id);
      if (session) base.writeSession(session);
    }
    changedSessions.clear();
  };
  const flush = () => {
    flushSessions();
    for (const key of changedThreads) {
      const thread = threads.get(key);
      if (thread) base.writeThread(thread);
    }
    for (const sum of sums.values()) writeSum(sum);
    for (const [owner, counts] of histories) {
      for (const [bucket, count] of counts) base.addToHistory(owner, bucket, count);
    }
    changedThreads.clear();
    sums.clear();
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
  const room = entryRoom(db, (values) => {
    gatherSum(values);
    keepLine(turn, values);
  });
  const ofTurn = <E extends { readonly turnId: string | null }, R>(record: (entry: E) => R) => {
    return (entry: E): R => {
      turn = entry.turnId ?? '';
      return record(entry);
    };
  };
  const threadKey = (session: string, agent: string | null) => `${session}/${agent ?? ''}`;

  const store: Store = {
    ...plain,
    immediately: (work) => work(),
    gathered: (work) => work(store),
    bulk: (work) => work(store),
    recordUsage: ofTurn(room.recordUsage),
    recordCorrection: ofTurn(room.recordCorrection),
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
        session = base.readSession(id);
        sessions.set(id, session);
      }
      return session;
    },
    writeSession: (session) => {
      sessions.set(session.sessionId, session);
      changedSessions.add(session.sessionId);
    },
    readThread: (id, agent) => {
      const key = threadKey(id, agent);
      let thread = threads.get(key);
      if (thread === undefined) {
        thread = base.readThread(id, agent);
        threads.set(key, thread);
      }
      return thread;
    },
    writeThread: (thread) => {
      const key = threadKey(thread.sessionId, thread.agentId);
      threads.set(key, thread);
      changedThreads.add(key);
    },
    addToHistory: (owner, bucket, count) => {
      let counts = histories.get(owner);
      if (!counts) {
        counts = new Map();
        histories.set(owner, counts);
      }
      counts.set(bucket, (counts.get(bucket) ?? 0) + count);
    },
  };
  return { store, flush };
}
