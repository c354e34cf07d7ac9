// The sign that a client has its watchdog: a file named after the client's process, with the watchdog's in it. Rule: a sign whose
// process is gone, another one, or stopped for good is no sign.
import { readFileSync } from 'node:fs';
import { commandLineOf, identityOf, isAlive, isIdleForGood } from '../runtime/processes.ts';

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

/** Ends the watchdog that a sign names, where it was stopped and another one takes its place. A process that is not surely ours is left alone. */
export function endStopped(stateHome: string, hostPid: number): void {
  const sign = readSign(stateHome, hostPid);
  if (sign === null || !isIdleForGood(sign.pid) || identityOf(sign.pid) !== sign.identity) return;
  const words = commandLineOf(sign.pid);
  if (words === 'unknown' || !words.some((word) => word.endsWith('watchdog.cjs'))) return;
  try {
    process.kill(sign.pid, 'SIGKILL'); // the only signal that a stopped process does not put off
  } catch {
    // It has just ended.
  }
}
