// Whether the part of a transcript that was read still says the same, all of it. Rule: reads the whole part, so it is asked where no
// request waits: at a turn's end, and by the watchdog.
import { closeSync, readSync, type Stats, statSync } from 'node:fs';
import type { Checkpoint, ReadPart } from '../stores/store.ts';
import { openFile } from './file-position.ts';

const CHUNK_BYTES = 1024 * 1024;

/** What a file was found to be behind a position. */
export interface CheckedPart {
  /** False: it says something else than it did. */
  readonly isSame: boolean;
  /** What it says now, up to where it was asked for. */
  readonly part: ReadPart;
}

/**
 * Reads a file up to a byte, and compares what was known of its beginning. `null` where that needs no reading, because nobody
 * has written to it since, or where it cannot be read or is shorter by now, which its readers tell.
 */
export function checkPart(
  path: string,
  known: ReadPart | null,
  through: number,
): CheckedPart | null {
  try {
    const stat = statSync(path);
    if (stat.size < through || through < (known?.through ?? 0) || isUntouched(stat, known)) {
      return null;
    }
    return hashFile(path, stat, known, through);
  } catch {
    return null;
  }
}

const isUntouched = ({ ino, size, ctimeMs }: Stats, known: ReadPart | null): boolean =>
  known !== null && known.inode === ino && known.through === size && known.changedAt === ctimeMs;

function hashFile(
  path: string,
  { ino: inode, ctimeMs: changedAt }: Stats,
  known: ReadPart | null,
  through: number,
): CheckedPart | null {
  // Loaded now, because it would cost every hook some milliseconds.
  const hash = process.getBuiltinModule('node:crypto').createHash('sha256');
  const bytes = Buffer.allocUnsafe(CHUNK_BYTES);
  const fd = openFile(path);
  try {
    let offset = 0;
    const readTo = (end: number): boolean => {
      while (offset < end) {
        const length = readSync(fd, bytes, 0, Math.min(bytes.length, end - offset), offset);
        if (length === 0) return false; // cut meanwhile
        hash.update(bytes.subarray(0, length));
        offset += length;
      }
      return true;
    };
    if (!readTo(known?.through ?? 0)) return null;
    const isSame = known === null || hash.copy().digest('hex') === known.hash;
    if (!readTo(through)) return null;
    return { isSame, part: { inode, through, hash: hash.digest('hex'), changedAt } };
  } finally {
    closeSync(fd);
  }
}

/** The same for what the ledger has read of a file. */
export const checkReadPart = ({ path, offset, read }: Checkpoint): CheckedPart | null =>
  checkPart(path, read ?? null, offset);
