// The ledger in one SQLite file. Rule: every write happens inside `immediately`, so that a check and
// what follows from it cannot be parted.
import type { RecordingStore } from '../recording.ts';
import type { ReportOperations, Store } from '../store.ts';
import { chainRepository } from './chains.ts';
import { checkpointRepository } from './checkpoints.ts';
import { hostTotalRepository } from './client-totals.ts';
import { type ColumnCache, columnCache, type KeepLine } from './columns/column-cache.ts';
import { connect } from './connection.ts';
import { entryRepository } from './entries.ts';
import { readPosition, readSpendSince } from './entries-since.ts';
import { haltRepository } from './halts.ts';
import { closeDriver, openDriver, prepareForBulk, wrapSqliteError } from './ledger-file.ts';
import { LEDGER_VERSION } from './ledger-version.ts';
import { poolRepository } from './pools.ts';
import { reportRepository } from './report-reads.ts';
import { reservationRepository } from './reservations.ts';
import { sessionSumRepository } from './session-sums.ts';
import { sessionRepository } from './sessions.ts';
import { tokenHistogramRepository } from './token-histograms.ts';
import { BUSY_TIMEOUT_MS, begin, commit, rollback } from './transaction.ts';
import { batchingStore, type InsertMany, prepareInsertMany } from './write-batch.ts';

/** A window that begins later than this from now was opened by a clock that was wrong. */
const BELIEVED_AHEAD_MS = 62 * 24 * 60 * 60 * 1_000;

/**
 * Opens the ledger at `path`, making it when it is not there. `lockWaitMs`: how long a transaction waits for others. Throws
 * `TollgateError`.
 */
export function openSqliteStore(path: string, lockWaitMs = BUSY_TIMEOUT_MS): Store {
  const driver = openDriver(path, lockWaitMs);
  const db = connect(driver);
  // A hook has no use for what reports need.
  let columns: ColumnCache | null = null;
  let verbs: ReportOperations | null = null;
  const columnsOf = () => {
    columns ??= columnCache(db);
    return columns;
  };
  const reports = () => {
    verbs ??= reportRepository(db, columnsOf());
    return verbs;
  };
  let insertMany: InsertMany | null = null;
  const gather = <T>(
    work: (ledger: RecordingStore) => T,
    keepLine: KeepLine,
    insert: InsertMany | null,
  ): T => {
    const gathering = batchingStore(store, db, keepLine, insert);
    const result = work(gathering.store);
    gathering.flush();
    return result;
  };
  const store: Store = {
    ...entryRepository(db),
    ...sessionRepository(db),
    ...sessionSumRepository(db),
    ...checkpointRepository(db),
    ...tokenHistogramRepository(db),
    readPosition: () => readPosition(db),
    readSpendSince: (position, now) => readSpendSince(db, position, now),
    ...poolRepository(db),
    ...reservationRepository(db),
    ...haltRepository(db),
    ...chainRepository(db),
    ...hostTotalRepository(db),

    readSpan: () => reports().readSpan(),
    readSums: (query) => reports().readSums(query),
    readRanked: (query, order) => reports().readRanked(query, order),
    refreshSums: () => reports().refreshSums(),
    readLines: (query) => reports().readLines(query),
    reattribute: (line, to, at) => reports().reattribute(line, to, at),

    immediately: (work) => {
      try {
        begin(driver, lockWaitMs);
        const result = work();
        commit(driver);
        db.limitMemory();
        return result;
      } catch (error) {
        db.forgetKeys();
        columns?.forget();
        rollback(driver);
        throw wrapSqliteError(error, path);
      }
    },
    close: () => closeDriver(driver, path, insertMany !== null),

    // A handful of lines: a report adds them to the columns when it comes.
    batched: (work) => gather(work, () => {}, null),
    bulk: (work) => {
      if (insertMany === null) {
        prepareForBulk(driver);
        insertMany = prepareInsertMany(db);
      }
      const insert = insertMany;
      return store.immediately(() =>
        columnsOf().gather((keepLine) => gather(work, keepLine, insert)),
      );
    },
    isCurrent: () => Number(db.get('PRAGMA user_version', [])?.user_version) === LEDGER_VERSION,
    readLedgerTotals: () => {
      const row = db.get(
        `SELECT coalesce(sum(request_count), 0) AS request_count,
           coalesce(sum(cost_nano_usd), 0) AS cost_nano_usd FROM rollup`,
        [],
      );
      return {
        requestCount: Number(row?.request_count ?? 0),
        costNanoUsd: Number(row?.cost_nano_usd ?? 0),
      };
    },

    readWindow: (periodKey, now) => {
      const row = db.get(
        `SELECT start_at_ms, end_at_ms, label FROM period_window
         WHERE period_key = ? AND end_at_ms > ? AND start_at_ms <= ?
         ORDER BY start_at_ms DESC LIMIT 1`,
        [periodKey, now, now + BELIEVED_AHEAD_MS],
      );
      if (!row) return null;
      return {
        startAt: Number(row.start_at_ms),
        endAt: Number(row.end_at_ms),
        label: String(row.label),
      };
    },
    writeWindow: (periodKey, { startAt, endAt, label }) => {
      db.run(
        `INSERT INTO period_window (period_key, start_at_ms, end_at_ms, label) VALUES (?, ?, ?, ?)
         ON CONFLICT DO NOTHING`,
        [periodKey, startAt, endAt, label],
      );
    },
  };
  return store;
}
