// What is kept of a guard that was lost, for whoever looks next: hooks, status, doctor. Rule: one file for each session in the
// state folder, which needs no ledger; it stays for a month after a person has been told.
import { mkdirSync, readdirSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import { DAY_MS, type EpochMs } from '../domain/time.ts';
import type { Breach } from '../domain/verdict.ts';
import { renameOver } from '../runtime/files.ts';

/** A guard that was lost. */
export interface GuardLoss {
  readonly schema: 'tollgate/guard-lost@1';
  readonly sessionId: string;
  readonly lostAt: EpochMs;
  /** When hooks ran again; `null`: they have not. */
  readonly backAt: EpochMs | null;
  /** When a person was told; absent: nobody has been. */
  readonly toldAt?: EpochMs;
  readonly breach: Extract<Breach, { code: 'GUARD_LOST' }>;
}

const KEPT_MS = 30 * DAY_MS;

const folderOf = (stateHome: string): string => `${stateHome}/guard-lost`;

/** Where the loss of a session is kept; `null` for an id that cannot be a file name. */
export function lossFile(stateHome: string, sessionId: string): string | null {
  return /^[\w.-]{1,128}$/.test(sessionId) ? `${folderOf(stateHome)}/${sessionId}.json` : null;
}

export function writeLoss(stateHome: string, loss: GuardLoss): void {
  const file = lossFile(stateHome, loss.sessionId);
  if (file === null) return;
  const aside = `${file}.${process.pid}`;
  try {
    mkdirSync(folderOf(stateHome), { recursive: true, mode: 0o700 });
    writeFileSync(aside, JSON.stringify(loss), { mode: 0o600 });
    renameOver(aside, file);
  } catch {
    // The ledger and the client's own error output are told, too.
  }
}

/** All that are kept, also those that a person was told of. */
export function readLosses(stateHome: string): readonly GuardLoss[] {
  try {
    return readdirSync(folderOf(stateHome)).flatMap((name) => {
      if (!name.endsWith('.json')) return [];
      return readLoss(stateHome, name.slice(0, -'.json'.length)) ?? [];
    });
  } catch {
    return []; // none was ever lost
  }
}

function readLoss(stateHome: string, sessionId: string): GuardLoss | null {
  const file = lossFile(stateHome, sessionId);
  if (file === null) return null;
  try {
    const loss = JSON.parse(readFileSync(file, 'utf8')) as GuardLoss;
    return loss.schema === 'tollgate/guard-lost@1' ? loss : null;
  } catch {
    return null;
  }
}

/** For when a person has been told; what was told long ago goes. */
export function markTold(stateHome: string, loss: GuardLoss, now: EpochMs): void {
  const { toldAt } = loss;
  if (toldAt === undefined) writeLoss(stateHome, { ...loss, toldAt: now });
  const file = lossFile(stateHome, loss.sessionId);
  if (file === null || now - (toldAt ?? now) < KEPT_MS) return;
  try {
    unlinkSync(file);
  } catch {
    // Another hook was quicker.
  }
}
