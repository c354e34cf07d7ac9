// Transactions, and how their lock is waited for. Rule: whoever writes takes the lock first; whoever waits leaves the
// processor to whoever holds it, waits while others get on, and gives up soon where the holder is stuck.
import { statSync } from 'node:fs';
import type { Driver } from './driver.ts';
import { hasWorkedSince, readLockHolder } from './lock-holder.ts';

/** How long a lock that others hold is waited for. */
export interface LockWait {
  /** While nobody writes and whoever holds the lock does not work: it is stuck. */
  readonly idleMs: number;
  /** While others get on: our turn comes. */
  readonly queueMs: number;
}

/** For whoever is in no hurry. */
export const USUAL_LOCK_WAIT: LockWait = { idleMs: 5_000, queueMs: 15_000 };

/**
 * Who waits for the lock sleeps one to three times the first, some times, and then the second; at random, so that they
 * do not move in step.
 */
const SOON_NAP_MS = 1;
const SOON_TRIES = 3;
const LATER_NAP_MS = 20;

/**
 * Takes the write lock of the ledger at `path`. Of a few hooks at once each holds it for some milliseconds, so it is
 * asked for again soon; of many, asking often would take the processor from whoever holds it, and the library's own
 * sleeps of a tenth of a second leave the lock idle.
 */
export function begin(driver: Driver, wait: LockWait, path: string): void {
  driver.exec('PRAGMA busy_timeout = 0');
  whileBusy(() => driver.exec('BEGIN IMMEDIATE'), wait, path);
}

/** Tries until others let go of the ledger. Throws SQLite's `SQLITE_BUSY` when that has taken too long. */
export function whileBusy(attempt: () => void, wait: LockWait, path: string): void {
  if (busyOf(attempt) === null) return;
  const startedAt = performance.now();
  const { idleMs, queueMs } = wait;
  let idleSince = startedAt;
  let changedAt = lastWriteAt(path);
  let holder = readLockHolder(path);
  for (let tries = 1; ; tries += 1) {
    const least = tries > SOON_TRIES ? LATER_NAP_MS : SOON_NAP_MS;
    sleep(least * (1 + 2 * Math.random()));
    const busy = busyOf(attempt);
    if (busy === null) return;
    const now = performance.now();
    if (now - startedAt > queueMs) throw busy;
    const seenAt = lastWriteAt(path);
    const isQuiet = seenAt === changedAt;
    changedAt = seenAt;
    if (isQuiet && now - idleSince <= idleMs) continue;
    // On a machine under load the holder may get no processor for seconds.
    if (isQuiet && !hasWorkedSince(holder, now - idleSince, path)) throw busy;
    idleSince = now;
    if (isQuiet) holder = readLockHolder(path);
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

/** When others wrote last, as far as the write-ahead log tells, or the ledger where there is none. */
const lastWriteAt = (path: string): number =>
  (statSync(`${path}-wal`, { throwIfNoEntry: false }) ?? statSync(path)).mtimeMs;

/** Writes what was done since `begin`. Whatever comes after it waits again by itself, and without a write-ahead log this does, too: for readers. */
export function commit(driver: Driver, wait: LockWait): void {
  driver.exec(`PRAGMA busy_timeout = ${wait.idleMs}; COMMIT`);
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
