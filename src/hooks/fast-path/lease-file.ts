// Decision leases as files of the state folder, one for each session, from one hook to the next. Rule: a lease counts only under
// the key it was written with; a file that cannot be read or written costs time, nothing else.
import {
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import type { AgentEvent } from '../../agents/agent.ts';
import { readStateFile } from '../../config/state-file.ts';
import type { Attribution } from '../../domain/attribution.ts';
import type { DecisionLease } from '../../domain/decision-lease.ts';
import { DAY_MS, type EpochMs } from '../../domain/time.ts';
import { VERSION } from '../../runtime/version.ts';

/** Raised when the shape of a lease changes, or what it depends on. */
const LEASE_FILE_VERSION = 2;

const WRITE_NO_LINK =
  constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | (constants.O_NOFOLLOW ?? 0);

/** What a decision depends on beside the ledger and the event's tool. */
export interface LeaseGrounds {
  readonly event: AgentEvent;
  /** Names the texts of the configuration in force; see `CachedConfig.fingerprint`. */
  readonly configFingerprint: string;
  /** The labels of the folder the event comes from. */
  readonly labels: Partial<Attribution>;
  /** The `tollgate run` of the session; `null` outside of one. */
  readonly runId: string | null;
}

/** Whether a session has a lease file. */
export function hasLease(stateHome: string, sessionId: string): boolean {
  const file = leaseFile(stateHome, sessionId);
  return file !== null && existsSync(file);
}

/** The session's lease; `null` where there is none, or it was issued on other grounds. */
export function readLease(stateHome: string, grounds: LeaseGrounds): DecisionLease | null {
  const file = leaseFile(stateHome, grounds.event.sessionId);
  if (file === null) return null;
  try {
    const { key, lease } = JSON.parse(readStateFile(file).toString()) as {
      key: string;
      lease: DecisionLease;
    };
    return key === keyOf(stateHome, grounds) ? lease : null;
  } catch {
    return null;
  }
}

/** Writes a lease in the place of the one before; `null` removes that. A reader that meets half a file finds no lease. */
export function writeLease(
  stateHome: string,
  grounds: LeaseGrounds,
  lease: DecisionLease | null,
): void {
  const file = leaseFile(stateHome, grounds.event.sessionId);
  if (file === null) return;
  if (lease === null) {
    removeFile(file);
    return;
  }
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    const handle = openSync(file, WRITE_NO_LINK, 0o600);
    try {
      writeSync(handle, JSON.stringify({ key: keyOf(stateHome, grounds), lease }));
    } finally {
      closeSync(handle);
    }
  } catch {
    removeFile(file);
  }
}

/** Removes the lease of a session that begins or ends: it may continue another one now. Leases older than a day go with it. */
export function removeLeases(stateHome: string, sessionId: string, now: EpochMs): void {
  const own = leaseFile(stateHome, sessionId);
  if (own === null) return;
  removeFile(own);
  try {
    for (const name of readdirSync(dirname(own))) {
      const file = `${dirname(own)}/${name}`;
      if (statSync(file).mtimeMs < now - DAY_MS) removeFile(file);
    }
  } catch {
    // No folder, none that can be read, or a file that went meanwhile: the next session removes what is left.
  }
}

/** The file of a session in a folder of the state folder; `null` for an id that cannot be a file name. */
export function leaseFile(
  stateHome: string,
  sessionId: string,
  folder: string = 'leases',
): string | null {
  const isName = sessionId.length < 128 && !sessionId.includes('/') && !sessionId.includes('\\');
  return isName ? `${stateHome}/${folder}/${sessionId}.json` : null;
}

/** Names everything a lease depends on; the ledger by its file, since a new one under the same path has forgotten grants and halts. */
function keyOf(
  stateHome: string,
  { event, configFingerprint, labels, runId }: LeaseGrounds,
): string {
  const { ino, birthtimeMs } = statSync(`${stateHome}/ledger.db`);
  const { sessionId, transcriptPath, cwd, agentType } = event;
  return JSON.stringify([
    ...[LEASE_FILE_VERSION, VERSION, sessionId, transcriptPath, cwd, agentType],
    ...[configFingerprint, runId, labels, ino, birthtimeMs],
  ]);
}

function removeFile(file: string): void {
  try {
    unlinkSync(file);
  } catch {
    // Not there, or not ours: whoever reads it finds that it does not hold.
  }
}
