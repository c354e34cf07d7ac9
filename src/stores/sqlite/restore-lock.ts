// One restoration of a ledger at a time. Rule: SQLite's own lock, so that a process that is ended lets go of it.
import { chmodSync } from 'node:fs';
import { sqliteLibrary } from './sqlite-library.ts';
import { begin, type LockWait, rollback } from './transaction.ts';

/** Runs `work` while nobody else restores the ledger at `path`. Throws what the library throws. */
export function whileRestoring<T>(path: string, wait: LockWait, work: () => T): T {
  const file = `${path}.restoring`;
  const driver = sqliteLibrary().open(file, wait.idleMs);
  try {
    chmodSync(file, 0o600);
    begin(driver, wait, file);
    return work();
  } finally {
    rollback(driver, wait);
    driver.close();
  }
}
