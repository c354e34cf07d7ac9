// Brings a ledger to the version that this program knows. Rule: under the lock, so that of many who find an old ledger
// one upgrades it; a hook loads this only when there is something to do.
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { setMode } from '../../runtime/files.ts';
import { networkDriveOf } from '../../runtime/network-drive.ts';
import { backUp } from './backup.ts';
import type { Driver } from './driver.ts';
import { APPLICATION_ID, versionOf } from './ledger-version.ts';
import { MIGRATIONS } from './migrations.ts';
import { begin, commit, type LockWait, rollback, whileBusy } from './transaction.ts';

/** Makes or upgrades the tables. Throws what the library throws. */
export function migrate(driver: Driver, path: string, wait: LockWait): void {
  // Of many who make the ledger at the same moment, some are refused at once, whatever they would wait.
  const mode = networkDriveOf(dirname(path)) === null ? 'WAL' : 'DELETE';
  whileBusy(() => driver.exec(`PRAGMA journal_mode = ${mode}`), wait, path);
  const before = versionOf(driver);
  if (before > 0) backUp(driver, path, before);
  try {
    begin(driver, wait, path);
    // Another process may have upgraded while we waited for the lock.
    const version = versionOf(driver);
    for (const step of MIGRATIONS.slice(version)) driver.exec(step);
    driver.exec(`PRAGMA application_id = ${APPLICATION_ID}`);
    driver.exec(`PRAGMA user_version = ${Math.max(version, MIGRATIONS.length)}`);
    commit(driver, wait);
  } catch (error) {
    rollback(driver, wait);
    throw error;
  }
  for (const suffix of ['', '-wal', '-shm']) {
    if (existsSync(path + suffix)) setMode(path + suffix, 0o600);
  }
}
