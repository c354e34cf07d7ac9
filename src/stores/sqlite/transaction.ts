// Transactions, and how their lock is waited for. Rule: whoever writes takes the lock first; whoever waits leaves the
// processor to whoever holds it.
import type { Driver } from './driver.ts';

/** A write lock held elsewhere is waited for this long; below the hook's own deadline. */
export const BUSY_TIMEOUT_MS = 5_000;
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
 * second leave the lock idle.
 */
export function begin(driver: Driver, patienceMs = BUSY_TIMEOUT_MS): void {
  driver.exec('PRAGMA busy_timeout = 0');
  for (let tries = 1, sleptMs = 0; ; tries += 1) {
    try {
      driver.exec('BEGIN IMMEDIATE');
      return;
    } catch (error) {
      const isBusy = (error as { code?: unknown }).code === 'SQLITE_BUSY';
      // Sleep is counted, not time: a machine under load wakes late, and that is no reason to give up.
      if (!isBusy || sleptMs > patienceMs) throw error;
    }
    const least = tries > SOON_TRIES ? LATER_NAP_MS : SOON_NAP_MS;
    const napMs = least * (1 + 2 * Math.random());
    sleep(napMs);
    sleptMs += napMs;
  }
}

/** Writes what was done since `begin`. Whatever comes after it waits again by itself. */
export function commit(driver: Driver): void {
  driver.exec(`COMMIT; PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`);
}

/** Takes back what was done since `begin`, also when that did not get the lock. */
export function rollback(driver: Driver): void {
  if (driver.inTransaction) driver.exec('ROLLBACK');
  driver.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`);
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
