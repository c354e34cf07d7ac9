// Last totals as files of the state folder, one for each session. Rule: they are read only where the ledger cannot be used; a
// file that cannot be read or written is one that is not there.
import { readdirSync, statSync, unlinkSync } from 'node:fs';
import { readStateFile, writeStateFile } from '../config/state-file.ts';
import { DAY_MS, type EpochMs } from '../domain/time.ts';
import type { LastTotals } from '../gate/last-totals.ts';
import { leaseFile } from './fast-path/lease-file.ts';

const SCHEMA = 'tollgate/last-totals@1';
/** No window that was open longer ago is open now. */
const KEPT_MS = 40 * DAY_MS;

const folderOf = (stateHome: string): string => `${stateHome}/last-totals`;

export function writeLastTotals(stateHome: string, totals: LastTotals): void {
  const file = leaseFile(stateHome, totals.sessionId, 'last-totals');
  if (file === null) return;
  writeStateFile(file, () => JSON.stringify({ schema: SCHEMA, ...totals }), false);
}

/** All that are kept, in no particular order. */
export function readLastTotals(stateHome: string): readonly LastTotals[] {
  return filesOf(stateHome).flatMap((file) => {
    try {
      const read = JSON.parse(readStateFile(file).toString()) as LastTotals & { schema: string };
      return read.schema === SCHEMA ? [read] : [];
    } catch {
      return [];
    }
  });
}

/** Removes those of long ago. */
export function forgetLastTotals(stateHome: string, now: EpochMs): void {
  for (const file of filesOf(stateHome)) {
    try {
      if (statSync(file).mtimeMs < now - KEPT_MS) unlinkSync(file);
    } catch {
      // Another process was quicker.
    }
  }
}

function filesOf(stateHome: string): readonly string[] {
  const folder = folderOf(stateHome);
  try {
    return readdirSync(folder).flatMap((name) =>
      name.endsWith('.json') ? [`${folder}/${name}`] : [],
    );
  } catch {
    return []; // none was ever written
  }
}
