// Files as install needs them: links followed, whole or not at all, one process at a time.
// Rule: a file is never half written, a link stays a link, and a read-only file stays as it is.
import { randomBytes } from 'node:crypto';
import {
  accessSync,
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fsyncSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmdirSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { TollgateError } from '../../../errors.ts';
import { renameOver } from '../../../runtime/files.ts';
import { shortPath } from '../../../runtime/local-path.ts';

/** What the system refused, as `ENOENT`, `EACCES`, … */
export function errorCode(error: unknown): string {
  return (error as NodeJS.ErrnoException | null)?.code ?? 'EUNKNOWN';
}

const MAX_LINKS = 40;

/** The file behind a path, links followed, also one that leads to a file that is not there yet. */
export function targetOf(path: string, links = 0): string {
  try {
    return realpathSync(path);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT' || links > MAX_LINKS) throw error;
  }
  const folder = dirname(path);
  const here = folder === path ? path : join(targetOf(folder, links), basename(path));
  if (!isLink(here)) return here;
  return targetOf(resolve(dirname(here), readlinkSync(here)), links + 1);
}

function isLink(path: string): boolean {
  try {
    return lstatSync(path).isSymbolicLink();
  } catch {
    return false;
  }
}

/** The bytes of a file; `null` when it is not there. Throws for anything else. */
export function readBytes(file: string): Buffer | null {
  try {
    return readFileSync(file);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return null;
    throw error;
  }
}

/** Permission bits of a file; `null` when it is not there. */
export function modeOf(file: string): number | null {
  try {
    return statSync(file).mode & 0o7777;
  } catch {
    return null;
  }
}

/** Whether someone has closed this file to writing; renaming another into its place would get round that. */
export function isReadOnly(file: string): boolean {
  const mode = modeOf(file);
  if (mode === null) return false;
  if ((mode & 0o222) === 0) return true;
  try {
    accessSync(file, constants.W_OK);
    accessSync(dirname(file), constants.W_OK);
    return false;
  } catch {
    return true;
  }
}

/** Makes a folder; gives the outermost one that was not there before, or `null`. Throws `TollgateError` `FOLDER_BLOCKED` where a file is in its place. */
export function makeFolder(folder: string, mode?: number): string | null {
  try {
    const made = mkdirSync(folder, { recursive: true, ...(mode === undefined ? {} : { mode }) });
    // Windows gives it as `\\?\C:\…`.
    return made === undefined ? null : shortPath(made);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code !== 'EEXIST' && code !== 'ENOTDIR') throw cause;
    throw new TollgateError({
      code: 'FOLDER_BLOCKED',
      message: `the folder ${folder} cannot be made: a file is in its place`,
      hint: 'move the file away, and give the command again',
      cause,
    });
  }
}

/** Removes the folders from `folder` up to `outermost` as long as they are empty. */
export function removeEmptyFolders(folder: string, outermost: string): void {
  for (let here = folder; here.startsWith(outermost); here = dirname(here)) {
    try {
      rmdirSync(here);
    } catch {
      return; // somebody else's file is in it
    }
  }
}

/** Puts bytes in the place of a file: written beside it, synced, renamed. Owner and mode stay. */
export function replaceFile(file: string, bytes: Uint8Array, mode: number): void {
  const folder = dirname(file);
  const temporary = join(folder, `.${basename(file)}.${randomBytes(6).toString('hex')}.tollgate`);
  const handle = openSync(temporary, 'wx', 0o600);
  try {
    try {
      writeFileSync(handle, bytes);
      keepOwner(handle, file);
      fchmodSync(handle, mode);
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
    renameOver(temporary, file);
  } catch (error) {
    unlinkSync(temporary);
    throw error;
  }
  syncFolder(folder);
}

/** Only the administrator can give files away, so only they would change an owner by replacing a file. */
function keepOwner(handle: number, file: string): void {
  if (process.getuid?.() !== 0) return;
  try {
    const { uid, gid } = statSync(file);
    fchownSync(handle, uid, gid);
  } catch {
    // A new file has no owner to keep.
  }
}

/** Removes a file; fine when it is gone already. */
export function removeFile(file: string): void {
  try {
    unlinkSync(file);
    syncFolder(dirname(file));
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
  }
}

function syncFolder(folder: string): void {
  try {
    const handle = openSync(folder, 'r');
    try {
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
  } catch {
    // Not every file system lets a folder be synced; the rename itself is whole either way.
  }
}

const WAIT_FOR_LOCK_MS = 15_000;
const LOOK_AGAIN_MS = 20;
const STALE_AFTER_MS = 60_000;

/** Does `work` while no other process does any under the same lock file; `null` when its turn never came. */
export function withLock<T>(lockFile: string, work: () => T): { readonly done: T } | null {
  makeFolder(dirname(lockFile), 0o700);
  const token = `${process.pid} ${randomBytes(8).toString('hex')}`;
  const giveUpAt = Date.now() + WAIT_FOR_LOCK_MS;
  while (!takeLock(lockFile, token)) {
    dropStaleLock(lockFile);
    if (Date.now() > giveUpAt) return null;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, LOOK_AGAIN_MS);
  }
  try {
    return { done: work() };
  } finally {
    if (readText(lockFile) === token) removeFile(lockFile);
  }
}

/** The lock appears with its content in one step, so nobody ever reads an empty one. */
function takeLock(lockFile: string, token: string): boolean {
  const own = `${lockFile}.${randomBytes(6).toString('hex')}`;
  writeFileSync(own, token, { flag: 'wx', mode: 0o600 });
  try {
    linkSync(own, lockFile);
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    throw error;
  } finally {
    unlinkSync(own);
  }
}

/** A lock whose process is gone, or that is older than any run can be. */
function dropStaleLock(lockFile: string): void {
  const token = readText(lockFile);
  if (token === null || !isStale(lockFile, token)) return;
  const aside = `${lockFile}.${randomBytes(6).toString('hex')}`;
  try {
    renameSync(lockFile, aside);
    // Somebody may have taken a fresh lock between our look and our move: then it is given back.
    if (readText(aside) !== token) linkSync(aside, lockFile);
    unlinkSync(aside);
  } catch {
    // Another process was quicker.
  }
}

function isStale(lockFile: string, token: string): boolean {
  try {
    if (Date.now() - statSync(lockFile).mtimeMs > STALE_AFTER_MS) return true;
    process.kill(Number.parseInt(token, 10), 0);
    return false;
  } catch (error) {
    return errorCode(error) === 'ESRCH';
  }
}

function readText(file: string): string | null {
  return readBytes(file)?.toString('utf8') ?? null;
}
