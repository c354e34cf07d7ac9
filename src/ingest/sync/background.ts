// Reads what sessions without hooks have written, in the background, when a session begins. Rule: at most once an
// hour, never before a person has asked for history or set Tollgate up, and no session waits for it.
import { mkdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { HOUR_MS, MINUTE_MS } from '../../domain/time.ts';
import { startDetached } from '../../runtime/detached.ts';

const EVERY_MS = HOUR_MS;

const stampOf = (stateHome: string): string => `${stateHome}/last-sync`;

/** Notes that the transcripts have been read, or are about to be for the first time in an hour. */
export function noteSync(stateHome: string): void {
  mkdirSync(stateHome, { recursive: true, mode: 0o700 });
  writeFileSync(stampOf(stateHome), '', { mode: 0o600 });
}

/**
 * Starts `tollgate sync` as a process of its own when it is time. `TOLLGATE_BACKGROUND_SYNC=off` turns it off.
 * A state folder that cannot be written to has other witnesses.
 */
export function syncWhenDue(
  stateHome: string,
  cliFile: string,
  env: NodeJS.ProcessEnv,
  now: number,
): void {
  if (env.TOLLGATE_BACKGROUND_SYNC === 'off') return;
  try {
    const stamp = statSync(stampOf(stateHome), { throwIfNoEntry: false });
    if (!stamp || now - stamp.mtimeMs < EVERY_MS) return;
    // First, so that of many sessions that begin at once one reads.
    utimesSync(stampOf(stateHome), now / 1_000, now / 1_000);
    startSync(cliFile, env);
  } catch {
    // Next hour.
  }
}

/** Starts `tollgate sync`, which restores the ledger where that is due, and reads all transcripts; once a minute at most. Never throws. */
export function syncToRestore(
  stateHome: string,
  cliFile: string,
  env: NodeJS.ProcessEnv,
  now: number,
): void {
  const stamp = `${stateHome}/restore-started`;
  try {
    const startedAt = statSync(stamp, { throwIfNoEntry: false })?.mtimeMs;
    if (startedAt !== undefined && Math.abs(now - startedAt) < MINUTE_MS) return;
    mkdirSync(stateHome, { recursive: true, mode: 0o700 });
    writeFileSync(stamp, '', { mode: 0o600 });
    startSync(cliFile, env);
  } catch {
    // A person is told, and can.
  }
}

const startSync = (cliFile: string, env: NodeJS.ProcessEnv) =>
  startDetached(process.execPath, [cliFile, 'sync', '--quiet'], { env });
