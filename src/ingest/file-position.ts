// Whether a transcript goes on where it was read to. Rule: a file that was rewritten is read anew, whatever its name, inode and size
// say: what stands before the position must be what stood there. Cheap, for hooks ask with every new line.
import { closeSync, constants, openSync, readSync, type Stats, statSync } from 'node:fs';
import type { Unreadable } from '../agents/agent.ts';
import { textHash } from '../domain/text-hash.ts';
import type { Checkpoint } from '../stores/store.ts';

/** Bytes of the beginning and of the end that are looked at: ids and times are among them. */
const FIRST_BYTES = 64;
const LAST_BYTES = 256;

/** Opens a file for reading; never waits for the other end of a pipe. */
export const openFile = (path: string): number =>
  openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));

/** The file as it is; `null` when it is not there. Throws what the system says, and for what is no file. */
export function statFile(path: string): Stats | null {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return null;
  if (!stat.isFile())
    throw Object.assign(new Error(`${path} is not a file`), { code: 'NOT_A_FILE' });
  return stat;
}

/** What was thrown when a file was looked at or read; thrown on when the system has not thrown it. */
export function unreadable(path: string, error: unknown): Unreadable {
  const { code } = error as { code?: unknown };
  if (typeof code !== 'string' || !/^(E[A-Z0-9]+|NOT_A_FILE)$/.test(code)) throw error;
  return { path, code };
}

/** What stands before a position of an open file, as a short text that is kept with it. */
export function fingerprintBefore(fd: number, offset: number): string {
  const first = readAt(fd, 0, Math.min(FIRST_BYTES, offset));
  const start = Math.max(first.length, offset - LAST_BYTES);
  const last = readAt(fd, start, offset - start);
  return textHash(first.toString('latin1') + last.toString('latin1'))
    .map((half) => half.toString(36))
    .join('.');
}

/** As many bytes from a place of an open file as there are, at most `length`. */
export function readAt(fd: number, offset: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  return bytes.subarray(0, length === 0 ? 0 : readSync(fd, bytes, 0, length, offset));
}

/** Where a file was read to, as far as it tells whether that still holds. */
export type Position = Pick<Checkpoint, 'inode' | 'offset' | 'before' | 'writtenAt'>;

/** Whether a file goes on behind a position; `fd` is the open file, `null`: opened where it must be looked into. */
export function goesOn(position: Position, path: string, stat: Stats, fd: number | null): boolean {
  const { inode, offset, before, writtenAt } = position;
  if (inode !== stat.ino || offset > stat.size) return false;
  // Nobody has written since (a program can set back when it wrote, but not that it changed the file), or an older version
  // did not look.
  if (before === null || (offset === stat.size && writtenAt === stat.ctimeMs)) return true;
  if (fd !== null) return fingerprintBefore(fd, offset) === before;
  const own = openFile(path);
  try {
    return fingerprintBefore(own, offset) === before;
  } finally {
    closeSync(own);
  }
}
