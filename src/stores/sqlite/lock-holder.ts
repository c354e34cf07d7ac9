// The process that holds the ledger's write lock, and whether it gets on. Linux tells; elsewhere the holder is not known.
import { statSync } from 'node:fs';
import type { ProcessWork } from '../../runtime/processes/process-table.ts';
import { fileLockHolder, workOf } from '../../runtime/processes.ts';

/** SQLite locks this byte of the shared-memory file for writing. */
const WRITE_LOCK_BYTE = 120;

/** Share of the time for which a process that gets on has the processor. */
const LEAST_SHARE = 0.1;

/** Whoever holds the lock, with the work it had done when that was seen. */
export interface LockHolder extends ProcessWork {
  readonly pid: number;
}

/** Who holds the write lock; `null` where nobody does or the system does not tell. */
export function readLockHolder(path: string): LockHolder | null {
  try {
    const pid = fileLockHolder(statSync(`${path}-shm`).ino, WRITE_LOCK_BYTE);
    const work = pid === null ? null : workOf(pid);
    return pid === null || work === null ? null : { pid, ...work };
  } catch {
    return null; // not on this system, or it has just ended
  }
}

/** Whether the lock has changed hands since `before` was seen, or its holder has worked or waits for the processor only. */
export function hasWorkedSince(
  before: LockHolder | null,
  elapsedMs: number,
  path: string,
): boolean {
  const holder = readLockHolder(path);
  if (holder?.pid !== before?.pid) return true;
  if (holder === null || before === null) return false;
  return holder.isRunnable || holder.cpuMs - before.cpuMs >= LEAST_SHARE * elapsedMs;
}
