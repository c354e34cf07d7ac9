// What systems do differently with files. Rule: only Windows refuses to replace, remove or change a file that somebody has open,
// for as long as they have it, and only there trying again helps; it has no permission bits: the user's own folder is private.
import { chmodSync, renameSync, type Stats, statSync } from 'node:fs';

/** Whether permission bits keep others out. */
export const hasModes = process.platform !== 'win32';

const BUSY: ReadonlySet<unknown> = new Set(['EBUSY', 'EPERM', 'EACCES']);
/** A reader has a small file open for a moment; a virus scanner somewhat longer. */
const WAITS_MS = [1, 2, 5, 10, 20, 40, 80, 160];

/** Gives a file or folder to its owner alone, where that is done by permission bits. */
export function setMode(path: string, mode: number): void {
  if (hasModes) chmodSync(path, mode);
}

/** What is at a path; `null`: nothing that can be looked at, also where a file is in the place of its folder. */
export function statOf(path: string): Stats | null {
  try {
    return statSync(path, { throwIfNoEntry: false }) ?? null;
  } catch {
    return null;
  }
}

/** Puts a file in the place of another at once. Throws what the system says, on Windows after a third of a second. */
export function renameOver(from: string, to: string): void {
  for (const waitMs of hasModes ? [] : WAITS_MS) {
    try {
      renameSync(from, to);
      return;
    } catch (error) {
      if (!BUSY.has((error as NodeJS.ErrnoException).code)) throw error;
    }
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, waitMs);
  }
  renameSync(from, to);
}
