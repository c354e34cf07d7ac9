// How a ledger is, looked at from outside. Rule: nothing is made, upgraded or mended by looking.
import { dirname } from 'node:path';
import { TollgateError } from '../../errors.ts';
import { hasModes, statOf } from '../../runtime/files.ts';
import { networkDriveOf } from '../../runtime/network-drive.ts';
import { refuseForeign, wrapSqliteError } from './ledger-file.ts';
import { sqliteLibrary } from './sqlite-library.ts';

/** A file or folder that others than its owner may read or write. */
export interface OpenPath {
  readonly path: string;
  /** Permission bits in octal. */
  readonly mode: string;
  readonly wanted: number;
}

export interface LedgerHealth {
  readonly path: string;
  readonly exists: boolean;
  /** `ok`, or what SQLite said; empty where it was not asked. */
  readonly integrity: string;
  readonly bytes: number;
  readonly logBytes: number;
  readonly open: readonly OpenPath[];
  /** The file system of another machine that it is on; `null`: this machine's own. */
  readonly networkDrive: string | null;
  /** When a session was last heard of, epoch ms; `null`: never. */
  readonly lastSeenAt: number | null;
  /** Why it could not be read. */
  readonly failure: TollgateError | null;
}

const LOCK_WAIT_MS = 2_000;

export function readLedgerHealth(path: string): LedgerHealth {
  const open = openPaths(path);
  const bytes = sizeOf(path);
  const exists = bytes !== null;
  const sizes = {
    path,
    exists,
    bytes: bytes ?? 0,
    logBytes: sizeOf(`${path}-wal`) ?? 0,
    open,
    networkDrive: networkDriveOf(dirname(path)),
  };
  if (!exists) return { ...sizes, integrity: '', lastSeenAt: null, failure: null };
  try {
    return { ...sizes, ...look(path), failure: null };
  } catch (error) {
    const failure = wrapSqliteError(error, path);
    if (!(failure instanceof TollgateError)) throw failure;
    return { ...sizes, integrity: '', lastSeenAt: null, failure };
  }
}

function look(path: string): Pick<LedgerHealth, 'integrity' | 'lastSeenAt'> {
  const driver = sqliteLibrary().open(path, LOCK_WAIT_MS);
  try {
    refuseForeign(driver, path);
    const check = driver.prepare('PRAGMA quick_check(1)').get() as { quick_check: string };
    const integrity = check.quick_check;
    const hasTables = driver.prepare("SELECT 1 FROM sqlite_master WHERE name = 'session'").get();
    if (!hasTables) return { integrity, lastSeenAt: null };
    const row = driver.prepare('SELECT max(last_seen_at_ms) AS at FROM session').get();
    return { integrity, lastSeenAt: (row as { at: number | null }).at };
  } finally {
    driver.close();
  }
}

function openPaths(path: string): OpenPath[] {
  const wanted = [
    [dirname(path), 0o700],
    [path, 0o600],
    [`${path}-wal`, 0o600],
    [`${path}-shm`, 0o600],
  ] as const;
  // Windows has no such bits.
  if (!hasModes) return [];
  return wanted.flatMap(([each, mode]) => {
    const found = statOf(each);
    if (found === null || (found.mode & 0o077) === 0) return [];
    return [{ path: each, mode: (found.mode & 0o777).toString(8), wanted: mode }];
  });
}

const sizeOf = (path: string): number | null => statOf(path)?.size ?? null;
