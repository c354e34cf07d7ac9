// The ledger in one SQLite file. Rule: every write happens inside `immediately`, so that a check and
// what follows from it cannot be parted.
import type { RecordingStore } from '../recording.ts';
import type { ReportOperations } from '../reporting.ts';
import type { SealPlaces } from '../seal/seal-file.ts';
import type { SealableStore } from '../sealing.ts';
import type { Store } from '../store.ts';
import { activityRepository } from './activities.ts';
import { chainRepository } from './chains.ts';
import { checkpointRepository } from './checkpoints.ts';
import { hostTotalRepository } from './client-totals.ts';
import { type ColumnCache, columnCache, type KeepLine } from './columns/column-cache.ts';
import { type Connection, connect } from './connection.ts';
import { entryRepository } from './entries.ts';
import { readPosition, readSpendSince } from './entries-since.ts';
import { exchangeRepository } from './exchange.ts';
import { grantRepository } from './grants.ts';
import { haltRepository } from './halts.ts';
import { holdRepository } from './holds.ts';
import { closeAtExit, openDriver, prepareForBulk, wrapSqliteError } from './ledger-file.ts';
import { LEDGER_VERSION } from './ledger-version.ts';
import { nestingRepository } from './nesting.ts';
import { outboxRepository } from './outbox.ts';
import { planReadingRepository } from './plan-readings.ts';
import { poolRepository } from './pools.ts';
import { reportRepository } from './report-reads.ts';
import { repriceRepository } from './reprice.ts';
import { reroutingRepository } from './reroutings.ts';
import { reservationRepository } from './reservations.ts';
import { sealWrites } from './sealed-writes.ts';
import { sessionSumRepository } from './session-sums.ts';
import { sessionRepository } from './sessions.ts';
import { statementRepository } from './statements.ts';
import { teamRepository } from './team.ts';
import { threadCostRepository } from './thread-costs.ts';
import { tokenHistogramRepository } from './token-histograms.ts';
import { begin, commit, type LockWait, rollback, USUAL_LOCK_WAIT } from './transaction.ts';
import { unseenHoldRepository } from './unseen-holds.ts';
import { windowRepository } from './windows.ts';
import { batchingStore, type InsertMany, prepareInsertMany } from './write-batch.ts';

/** What a ledger that is sealed knows of its seal. */
export interface SealUse {
  /** Whether a ledger was here before; asked where there is none. */
  readonly isExpected?: () => boolean;
  /** Where changes are sealed; absent: nowhere. */
  readonly places?: SealPlaces;
}

/**
 * Opens the ledger at `path`, making it when it is not there. `wait`: how long a transaction waits for others. Throws
 * `TollgateError`.
 */
export function openSqliteStore(
  path: string,
  wait: LockWait = USUAL_LOCK_WAIT,
  { isExpected, places }: SealUse = {},
): Store {
  const driver = openDriver(path, wait, isExpected);
  const db = connect(driver);
  // A hook has no use for what reports need.
  let columns: ColumnCache | null = null;
  let reports: ReportOperations | null = null;
  const columnsOf = () => {
    columns ??= columnCache(db);
    return columns;
  };
  let insertMany: InsertMany | null = null;
  const store: Omit<Store, keyof SealableStore> = {
    ...entryRepository(db),
    ...sessionRepository(db),
    ...sessionSumRepository(db),
    ...checkpointRepository(db),
    ...tokenHistogramRepository(db),
    readPosition: () => readPosition(db),
    readSpendSince: (position, now) => readSpendSince(db, position, now),
    ...poolRepository(db),
    ...grantRepository(db),
    ...windowRepository(db),
    ...gateRepositories(db),
    ...outwardRepositories(db, path),
    ...planReadingRepository(db),
    ...outboxRepository(db),
    ...chainRepository(db),
    ...nestingRepository(db),
    ...costRepositories(db),
    ...versions(db),

    ...lazyReports(() => {
      reports ??= reportRepository(db, columnsOf());
      return reports;
    }),

    immediately: (work) => inTransaction(db, path, wait, work, () => columns?.forget()),
    close: () => driver.close(),
    closeAtExit: () => closeAtExit(driver, path),

    // A handful of lines: a report adds them to the columns when it comes.
    batched: (work) => inBatch(store, db, work, () => {}, null),
    bulk: (work) => {
      if (insertMany === null) {
        prepareForBulk(driver);
        insertMany = prepareInsertMany(db);
      }
      const insert = insertMany;
      return store.immediately(() =>
        columnsOf().gather((keepLine) => inBatch(store, db, work, keepLine, insert)),
      );
    },
    readLedgerTotals: () => readLedgerTotals(db),
  };
  return sealWrites(store, db, path, places);
}

/** What others get, and give. */
const outwardRepositories = (db: Connection, path: string) => ({
  ...teamRepository(db, path),
  ...statementRepository(db),
  ...exchangeRepository(db),
});

/** Which version of its tables the ledger has, and which of its content. */
const versions = (db: Connection): Pick<Store, 'isCurrent' | 'readVersion'> => ({
  isCurrent: () => Number(db.get('PRAGMA user_version', [])?.user_version) === LEDGER_VERSION,
  readVersion: () => Number(db.get('PRAGMA data_version', [])?.data_version),
});

/** What is held, halted and watched. */
const gateRepositories = (db: Connection) => ({
  ...holdRepository(db),
  ...reservationRepository(db),
  ...unseenHoldRepository(db),
  ...haltRepository(db),
  ...activityRepository(db),
  ...reroutingRepository(db),
});

/** What threads and sessions have cost, and what corrects it. */
const costRepositories = (db: Connection) => ({
  ...threadCostRepository(db),
  ...hostTotalRepository(db),
  ...repriceRepository(db),
});

/** Runs work on a ledger that collects what many entries change, and writes it together at the end. */
function inBatch<T>(
  store: RecordingStore,
  db: Connection,
  work: (ledger: RecordingStore) => T,
  keepLine: KeepLine,
  insert: InsertMany | null,
): T {
  const batching = batchingStore(store, db, keepLine, insert);
  const result = work(batching.store);
  batching.flush();
  return result;
}

/** Everything in the ledger, added up. */
function readLedgerTotals(db: Connection): ReturnType<Store['readLedgerTotals']> {
  const row = db.get(
    `SELECT coalesce(sum(request_count), 0) AS request_count,
       coalesce(sum(cost_nano_usd), 0) AS cost_nano_usd FROM rollup`,
    [],
  );
  return {
    requestCount: Number(row?.request_count ?? 0),
    costNanoUsd: Number(row?.cost_nano_usd ?? 0),
  };
}

/** What reports read, by functions that are made at the first call. */
const lazyReports = (made: () => ReportOperations): ReportOperations => ({
  readSpan: () => made().readSpan(),
  readSums: (query) => made().readSums(query),
  readRanked: (query, order) => made().readRanked(query, order),
  refreshSums: () => made().refreshSums(),
  readLines: (query) => made().readLines(query),
  reattribute: (line, to, at) => made().reattribute(line, to, at),
});

/** Runs work in a transaction of its own. What fails is rolled back, and what was remembered meanwhile is forgotten. */
function inTransaction<T>(
  db: Connection,
  path: string,
  wait: LockWait,
  work: () => T,
  onFailure: () => void,
): T {
  try {
    begin(db.driver, wait, path);
    const result = work();
    commit(db.driver, wait);
    db.limitMemory();
    return result;
  } catch (error) {
    db.forgetKeys();
    onFailure();
    rollback(db.driver, wait);
    throw wrapSqliteError(error, path);
  }
}
