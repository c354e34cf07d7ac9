// Opens the ledger's file. Rule: private to its owner, never newer than this
// program, never somebody else's database, and said clearly when it is one of these.
import { existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { TollgateError } from '../../errors.ts';
import type { Driver } from './driver.ts';
import { ledgerFault } from './ledger-fault.ts';
import { APPLICATION_ID, applicationOf, LEDGER_VERSION, versionOf } from './ledger-version.ts';
import { migrate } from './migrate.ts';
import { securePaths } from './private-files.ts';
import { sqliteLibrary } from './sqlite-library.ts';
import { type LockWait, USUAL_LOCK_WAIT } from './transaction.ts';

/** The write-ahead log is folded back once it is this large … */
const FOLD_WAL_BYTES = 256 * 1024;
/** … by one process in eight, so that a burst of hooks does not queue for the exclusive lock … */
const FOLD_LOTTERY = 8;
/** … and by everybody when it is far too large. */
const FOLD_ALWAYS_BYTES = 8 * 1024 * 1024;
/** Bulk work keeps this much of the ledger in memory … */
const BULK_CACHE_KIB = 32 * 1024;
/** … and folds the log back every 64 MiB instead of every 4: pages that change again and again are folded once. */
const BULK_FOLD_PAGES = 16_000;

/** SQLite's name of a database that has no file. */
export const IN_MEMORY = ':memory:';

/**
 * Opens (and creates or upgrades) the ledger at `path`. `isExpected` says whether one has been there before: then a missing or
 * empty file is not a new ledger. Throws `TollgateError` when that is impossible.
 */
export function openDriver(
  path: string,
  wait: LockWait = USUAL_LOCK_WAIT,
  isExpected: () => boolean = () => false,
): Driver {
  if (path !== IN_MEMORY && !securePaths(path)) {
    if (isExpected()) throw isGone(path, 'it is not there');
    prepareFolder(dirname(path));
  }
  let driver: Driver | null = null;
  try {
    driver = sqliteLibrary().open(path, wait.idleMs);
    prepareTables(driver, path, wait, isExpected);
    // `synchronous` is NORMAL, which the library is compiled to use with a write-ahead log: at worst the last
    // moments are lost at a power cut, and the transcript tells them again.
    return driver;
  } catch (error) {
    driver?.close();
    throw wrapSqliteError(error, path);
  }
}

/** Makes or upgrades the tables of a ledger; refuses what is none of ours. */
function prepareTables(
  driver: Driver,
  path: string,
  wait: LockWait,
  isExpected: () => boolean,
): void {
  let version = refuseForeign(driver, path);
  if (version === 0 && isExpected()) throw isGone(path, 'it is empty');
  if (version < LEDGER_VERSION) {
    migrate(driver, path, wait);
    // A newer program may have been quicker.
    version = versionOf(driver);
  }
  if (version > LEDGER_VERSION) throw isNewer(path, version);
}

/** The version of a ledger, 0 for an empty file. Throws `TollgateError` `LEDGER_FOREIGN` for another program's database. */
export function refuseForeign(driver: Driver, path: string): number {
  const version = versionOf(driver);
  if (version === 0 ? hasTables(driver) : applicationOf(driver) !== APPLICATION_ID) {
    throw isForeign(path);
  }
  return version;
}

const hasTables = (driver: Driver): boolean =>
  driver.prepare('SELECT 1 FROM sqlite_master LIMIT 1').get() !== undefined;

/**
 * Makes room for thousands of entries: pages stay in memory, and the log is folded back less often. Whether the session
 * and the labels of an entry are there is not asked again: the store has just written or found them, and asking takes
 * a quarter of the time.
 */
export function prepareForBulk(driver: Driver): void {
  driver.exec('PRAGMA foreign_keys = OFF');
  driver.exec(`PRAGMA cache_size = -${BULK_CACHE_KIB}`);
  driver.exec(`PRAGMA wal_autocheckpoint = ${BULK_FOLD_PAGES}`);
}

/**
 * Closes for a process that ends now, when its write-ahead log is due to be folded back. Otherwise the end of the process
 * lets go of the file: closing takes an exclusive lock, for which all others that start at this moment would wait.
 */
export function closeAtExit(driver: Driver, path: string): void {
  const walBytes = statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0;
  const isDrawn = process.pid % FOLD_LOTTERY === 0;
  if (walBytes > FOLD_ALWAYS_BYTES || (walBytes > FOLD_WAL_BYTES && isDrawn)) driver.close();
}

const isNewer = (path: string, version: number): TollgateError =>
  new TollgateError({
    code: 'LEDGER_NEWER',
    message: `the ledger ${path} was written by a newer Tollgate (version ${version}, this one knows ${LEDGER_VERSION})`,
    hint: 'update Tollgate (npm install -g tollgate@latest), or point TOLLGATE_HOME at another folder',
  });

const isForeign = (path: string): TollgateError =>
  new TollgateError({
    code: 'LEDGER_FOREIGN',
    message: `${path} is a database of another program, and not a ledger`,
    hint: `move ${path} away, or point TOLLGATE_HOME at another folder`,
  });

const isGone = (path: string, why: string): TollgateError =>
  new TollgateError({
    code: 'LEDGER_GONE',
    message: `the ledger ${path} was here before: ${why}`,
    hint: 'run tollgate status: it restores the ledger from its seal',
  });

function prepareFolder(folder: string): void {
  if (existsSync(folder)) return;
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw new TollgateError({
      code: 'LEDGER_UNREADABLE',
      message: `the state folder ${folder} cannot be made: ${(cause as Error).message}`,
      hint: 'make it writable for you, or set TOLLGATE_HOME to a folder that is',
      cause,
    });
  }
}

/** What opens the ledger on this machine. */
export interface DriverFacts {
  readonly name: 'better-sqlite3' | 'node:sqlite';
  /** Of better-sqlite3, or of Node; empty where it cannot be told. */
  readonly version: string;
  readonly sqliteVersion: string;
}

/** Tries what opens the ledger, on a database in memory. Throws `TollgateError` `LEDGER_DRIVER`. */
export function readDriverFacts(): DriverFacts {
  const library = sqliteLibrary();
  const driver = library.open(':memory:', 0);
  const row = driver.prepare('SELECT sqlite_version() AS version').get() as { version: string };
  driver.close();
  return { name: library.name, version: library.version(), sqliteVersion: row.version };
}

/** A failure of SQLite as a `TollgateError`; any other error as it is. */
export function wrapSqliteError(error: unknown, path: string): unknown {
  if (error instanceof TollgateError || !(error instanceof Error)) return error;
  const { code } = error as { code?: unknown };
  if (typeof code !== 'string' || !code.startsWith('SQLITE_')) return error;
  return new TollgateError({
    ...ledgerFault({ code, message: error.message }, path),
    cause: error,
  });
}
