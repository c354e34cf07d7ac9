// What Tollgate writes down about itself, for whoever has to find out why. Rule: never what was typed,
// never a key; never through a link or into another's file; and never loaded by a hook that has nothing to complain of.
import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
} from 'node:fs';
import { join } from 'node:path';
import pino from 'pino';
import { isOwnUid } from './owners.ts';

const APPEND_NO_LINK =
  constants.O_WRONLY |
  constants.O_APPEND |
  constants.O_CREAT |
  (constants.O_NOFOLLOW ?? 0) |
  (constants.O_NONBLOCK ?? 0);

/** Appends one line to `tollgate.log` in the state folder; a log that cannot be written is no failure. */
export function logFailure(
  stateHome: string,
  error: unknown,
  about: Record<string, unknown>,
): void {
  try {
    mkdirSync(stateHome, { recursive: true, mode: 0o700 });
    if (!lstatSync(stateHome).isDirectory()) return;
    const handle = openSync(join(stateHome, 'tollgate.log'), APPEND_NO_LINK, 0o600);
    try {
      if (isOwn(handle)) append(handle, error, about);
    } finally {
      closeSync(handle);
    }
  } catch {
    // The caller tells the person anyway; the log is a second witness.
  }
}

function append(handle: number, error: unknown, about: Record<string, unknown>): void {
  const destination = pino.destination({ dest: handle, sync: true });
  const redact = { paths: ['*.apiKey', '*.token', '*.authorization'], censor: '[removed]' };
  pino({ base: null, redact }, destination).error({ err: error, ...about }, 'failed');
}

/** Whether an open file is this user's alone; made so where others may only read it. */
function isOwn(handle: number): boolean {
  const stat = fstatSync(handle);
  if (!stat.isFile()) return false;
  if (process.getuid === undefined) return true;
  if (!isOwnUid(stat.uid) || stat.nlink > 1) return false;
  if ((stat.mode & 0o077) !== 0) fchmodSync(handle, 0o600);
  return true;
}
