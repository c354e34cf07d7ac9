// What keeps a ledger from being used, in words for whoever has to mend it. Rule: each cause has a hint of its own, and a
// cause is looked for only after something has failed.
import { accessSync, constants, existsSync, statfsSync, statSync } from 'node:fs';
import { userInfo } from 'node:os';
import { dirname } from 'node:path';
import type { TollgateErrorDetails } from '../../errors.ts';
import { readLockHolder } from './lock-holder.ts';

/** Below this a disk counts as full: a transaction may need as much. */
const FULL_BELOW_BYTES = 1024 * 1024;

/** A cause, and what a person can do about it. */
interface Fault {
  readonly code: 'LEDGER_UNREADABLE' | 'LEDGER_DAMAGED';
  readonly why: string;
  readonly hint: string;
  readonly retryable?: boolean;
}

/** What a failure of SQLite is, by its code and the file it is about. */
export function ledgerFault(
  { code, message }: { readonly code: string; readonly message: string },
  path: string,
): TollgateErrorDetails {
  const { why, hint, retryable, ...fault } = causeOf(code, message, path);
  return {
    code: fault.code,
    message: `the ledger ${path} cannot be used: ${why} (${message}, ${code})`,
    hint,
    retryable: retryable ?? false,
  };
}

/** Our statements name no other tables and columns than those that every ledger has. */
const BROKEN_SCHEMA = /^(malformed database schema|no such (table|column))/;

function causeOf(code: string, message: string, path: string): Fault {
  if (code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED')) return locked(path);
  const isDamaged = code === 'SQLITE_NOTADB' || code.startsWith('SQLITE_CORRUPT');
  if (isDamaged || BROKEN_SCHEMA.test(message)) {
    const hint = 'run tollgate status: it sets the ledger aside and restores it from its seal';
    return { code: 'LEDGER_DAMAGED', why: 'it is damaged', hint };
  }
  const folder = dirname(path);
  return (
    fullDisk(code, folder) ??
    readOnly(folder) ??
    noRights(path, folder) ?? {
      code: 'LEDGER_UNREADABLE',
      why: code.startsWith('SQLITE_IOERR') ? 'the disk reports an error' : 'SQLite refuses it',
      hint: `look for errors of the disk that holds ${folder} (dmesg), then run tollgate doctor`,
    }
  );
}

function locked(path: string): Fault {
  const holder = readLockHolder(path);
  const name = holder === null ? 'another process' : `process ${holder.pid} (${holder.program})`;
  const why = `${name} holds it`;
  const hint =
    holder === null
      ? 'try again in a moment'
      : `wait for process ${holder.pid}, or end it: kill ${holder.pid}`;
  return { code: 'LEDGER_UNREADABLE', why, hint, retryable: true };
}

function fullDisk(code: string, folder: string): Fault | null {
  if (code !== 'SQLITE_FULL' && freeBytes(folder) >= FULL_BELOW_BYTES) return null;
  const hint = `make space on the disk that holds ${folder} (df -h '${folder}' shows it)`;
  return { code: 'LEDGER_UNREADABLE', why: 'the disk is full', hint, retryable: true };
}

function freeBytes(folder: string): number {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}

function readOnly(folder: string): Fault | null {
  if (refusalOf(folder, constants.W_OK) !== 'EROFS') return null;
  const hint = `make the file system writable (findmnt -T '${folder}' shows it), or set TOLLGATE_HOME to a folder that is`;
  return { code: 'LEDGER_UNREADABLE', why: 'its file system is read-only', hint };
}

function noRights(path: string, folder: string): Fault | null {
  const inFolder = refusalOf(folder, constants.R_OK | constants.W_OK | constants.X_OK);
  const files = ['', '-wal', '-shm'].map((suffix) => path + suffix).filter(existsSync);
  const file = files.find((each) => refusalOf(each, constants.R_OK | constants.W_OK) !== null);
  const refused = inFolder === null ? file : folder;
  if (refused === undefined) return null;
  const mode = refused === folder ? '700' : '600';
  const isOwn = statSync(refused, { throwIfNoEntry: false })?.uid === process.getuid?.();
  const hint = isOwn
    ? `chmod ${mode} '${refused}'`
    : `sudo chown -R ${userInfo().username} '${folder}', or set TOLLGATE_HOME to a folder of your own`;
  return { code: 'LEDGER_UNREADABLE', why: `you may not write ${refused}`, hint };
}

/** The system's code where it refuses; `null`: it does not. */
function refusalOf(path: string, mode: number): string | null {
  try {
    accessSync(path, mode);
    return null;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'UNKNOWN';
  }
}
