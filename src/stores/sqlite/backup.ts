// A copy of the ledger as it was before an upgrade. Rule: no ledger is upgraded without one, and a copy is whole or not there.
import { readdirSync, rmSync, statSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { EpochMs } from '../../domain/time.ts';
import { DAY_MS } from '../../domain/time.ts';
import { renameOver, setMode } from '../../runtime/files.ts';
import type { Driver } from './driver.ts';

/** As long as somebody may want to go back to the version before. */
const KEPT_MS = 30 * DAY_MS;

const backupOf = (path: string, version: number): string => `${path}.before-v${version + 1}`;

/** Writes what a ledger of this version holds beside it. Throws what the library throws. */
export function backUp(driver: Driver, path: string, version: number): void {
  const file = backupOf(path, version);
  const unfinished = `${file}.${process.pid}`;
  rmSync(unfinished, { force: true });
  try {
    driver.exec(`VACUUM INTO '${unfinished.replaceAll("'", "''")}'`);
    setMode(unfinished, 0o600);
    renameOver(unfinished, file);
  } finally {
    rmSync(unfinished, { force: true });
  }
}

/** Removes copies that nobody goes back to any more, and what a process left that was ended while it copied. */
export function forgetBackups(path: string, now: EpochMs): void {
  try {
    const folder = dirname(path);
    for (const name of readdirSync(folder)) {
      if (!name.startsWith(`${basename(path)}.before-v`)) continue;
      const file = `${folder}/${name}`;
      const isUnfinished = /\.before-v\d+\.\d+$/.test(name);
      const before = now - (isUnfinished ? DAY_MS : KEPT_MS);
      if (statSync(file).mtimeMs < before) rmSync(file);
    }
  } catch {
    // Another process was quicker, or a folder that nobody may write to.
  }
}
