// The sign that a client has its watchdog: a file named after the client's process, with the watchdog's in it. Rule: a sign whose
// process is gone, another one, or stopped for good is no sign.
import { readFileSync } from 'node:fs';
import { identityOf, isAlive, isIdleForGood } from '../runtime/processes.ts';

/** Who watches a client. */
export interface WatchdogSign {
  readonly pid: number;
  /** See `identityOf`. */
  readonly identity: string;
}

export const signFile = (stateHome: string, hostPid: number): string =>
  `${stateHome}/watchdog/${hostPid}.json`;

/** The sign of a client's watchdog; `null`: there is none, or it is being written. */
export function readSign(stateHome: string, hostPid: number): WatchdogSign | null {
  try {
    const { pid, identity } = JSON.parse(readFileSync(signFile(stateHome, hostPid), 'utf8'));
    return Number.isInteger(pid) && pid > 1 ? { pid, identity } : null;
  } catch {
    return null;
  }
}

/** Whether a client is watched now. */
export function isWatched(stateHome: string, hostPid: number): boolean {
  const sign = readSign(stateHome, hostPid);
  if (sign === null || !isAlive(sign.pid) || isIdleForGood(sign.pid)) return false;
  return identityOf(sign.pid) === sign.identity;
}
