// Transactions, and how their lock is waited for. Rule: whoever writes takes the lock first; whoever waits leaves the
// processor to whoever holds it, and gives up by the clock on the wall.
import { statSync } from 'node:fs';
import type { Driver } from './driver.ts';

/** How long a lock that others hold is waited for. */
export interface LockWait {
  /** While nobody writes: whoever holds the lock is stuck. */
  readonly idleMs: number;
  /** While others take the lock one after the other: our turn comes. */
  readonly queueMs: number;
}

/** For whoever is in no hurry. */
export const USUAL_LOCK_WAIT: LockWait = { idleMs: 5_000, queueMs: 15_000 };

/**
 * Who waits for the lock sleeps one to three times the first, some times, and then the second; at random, so that they
 * do not move in step. Of sixty-four at once, with 1, 4 and 20 ms fewer end in a second than with 10.
 */
const SOON_NAP_MS = 1;
const SOON_TRIES = 3;
const LATER_NAP_MS = 10;

/**
 * Takes the write lock. Of a few hooks at once each holds it for some milliseconds, so it is asked for again soon; of
 * many, asking often would take the processor from whoever holds it, and the library's own sleeps of a tenth of a
 * second leave the lock idle. `readProgress` gives another value whenever others have written.
 */
export function begin(driver: Driver, wait: LockWait, readProgress: () => number): void {
  driver.exec('PRAGMA busy_timeout = 0');
  whileBusy(() => driver.exec('BEGIN IMMEDIATE'), wait, readProgress);
}

/** Tries until others let go of the ledger. Throws SQLite's `SQLITE_BUSY` when that has taken too long. */
export function whileBusy(attempt: () => void, wait: LockWait, readProgress: () => number): void {
  if (busyOf(attempt) === null) return;
  const startedAt = performance.now();
  let idleSince = startedAt;
  let progress = readProgress();
  for (let tries = 1; ; tries += 1) {
    const least = tries > SOON_TRIES ? LATER_NAP_MS : SOON_NAP_MS;
    sleep(least * (1 + 2 * Math.random()));
    const busy = busyOf(attempt);
    if (busy === null) return;
    const now = performance.now();
    const seen = readProgress();
    if (seen !== progress) idleSince = now;
    progress = seen;
    if (now - idleSince > wait.idleMs || now - startedAt > wait.queueMs) throw busy;
  }
}

/** The error that says that others hold the lock; `null` where the attempt succeeded. */
function busyOf(attempt: () => void): Error | null {
  try {
    attempt();
    return null;
  } catch (error) {
    const { code } = error as { code?: unknown };
    if (typeof code === 'string' && code.startsWith('SQLITE_BUSY')) return error as Error;
    throw error;
  }
}

/** When others wrote last, as far as the write-ahead log tells. */
export const logChangedAt = (path: string): number =>
  statSync(`${path}-wal`, { throwIfNoEntry: false })?.mtimeMs ?? 0;

/** Writes what was done since `begin`. Whatever comes after it waits again by itself. */
export function commit(driver: Driver, wait: LockWait): void {
  driver.exec(`COMMIT; PRAGMA busy_timeout = ${wait.idleMs}`);
}

/** Takes back what was done since `begin`, also when that did not get the lock. */
export function rollback(driver: Driver, wait: LockWait): void {
  if (driver.inTransaction) driver.exec('ROLLBACK');
  driver.exec(`PRAGMA busy_timeout = ${wait.idleMs}`);
}

/** Several reads that see one state of the ledger, whoever writes meanwhile. */
export function ofOneState<T>(driver: Driver, read: () => T): T {
  if (driver.inTransaction) return read();
  driver.exec('BEGIN');
  try {
    return read();
  } finally {
    driver.exec('COMMIT');
  }
}

function sleep(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
