// Whether Claude Code itself has sent an event, or a command that its agent runs. Rule: what the system knows of processes, and
// never what an event or a variable says.
// Source: client 2.1.330, measured 2026-11-28. It starts a hook itself, or by `sh -c` with the hook's own words, and gives it a socket
// for each of stdin, stdout and stderr whose other end it holds; the Bash tool runs a shell with text of its own around the
// command, whose output goes into a file.
import { basename } from 'node:path';
import {
  ancestorsOf,
  asksQuickly,
  commandLineOf,
  fileOf,
  holdsOtherEnd,
  isAlive,
  isShell,
} from '../../../runtime/processes.ts';

export type Origin = 'client' | 'unknown' | 'elsewhere';

/** Text of a shell that does nothing but start one program. */
const ONE_COMMAND = /^[^|&;<>()`\n]+$/;

/**
 * Who has started this process to answer an event. `claimedPid`: the client as the environment names it; `knownPid`: as earlier events
 * of the session did. `elsewhere`: not that client, and not a program that it has started for its hooks.
 */
export function originOf(claimedPid: number | null, knownPid: number | null): Origin {
  if (!asksQuickly) return 'unknown';
  // A script plays the client: it has no agent that could send anything.
  const isScript =
    claimedPid !== null && (knownPid ?? claimedPid) === claimedPid && isShell(claimedPid);
  if (isScript) return 'unknown';
  const input = fileOf(process.pid, 0) ?? '';
  const isFromFile = claimedPid !== null && input.startsWith('/');
  if (isFromFile) return 'elsewhere';
  if (claimedPid === process.ppid && (knownPid ?? claimedPid) === claimedPid) return 'client';
  const above = ancestorsOf(process.pid);
  const isBelowKnown = knownPid !== null && above.includes(knownPid) && isAlive(knownPid);
  if (claimedPid === null) return isBelowKnown ? 'elsewhere' : 'unknown';
  // Nothing that runs inside of a session's client is another client of that session.
  if (isBelowKnown && claimedPid !== knownPid) return 'elsewhere';
  const distance = above.indexOf(claimedPid);
  if (distance === -1) return above.includes('unknown') ? 'unknown' : 'elsewhere';
  if (isStartedBy(claimedPid, above)) return 'client';
  // Something of the person's own may stand between: it hands on what the client gave it.
  return input.startsWith('socket:') ? 'unknown' : 'elsewhere';
}

/** Whether a client has started this process as a hook and reads what it says. Where something is to be loosened, doubt is a no. */
export function isHookOf(hostPid: number): boolean {
  return (
    isStartedBy(hostPid, ancestorsOf(process.pid)) &&
    holdsOtherEnd(hostPid, process.pid, 1) === true
  );
}

function isStartedBy(hostPid: number, above: readonly (number | 'unknown')[]): boolean {
  const [parent, next] = above;
  if (parent === hostPid) return true;
  return next === hostPid && typeof parent === 'number' && isHookShell(parent);
}

/** Whether a shell runs this hook and nothing else. */
function isHookShell(pid: number): boolean {
  const words = commandLineOf(pid);
  if (words === 'unknown' || words[1] !== '-c') return false;
  const text = words[2] ?? '';
  return ONE_COMMAND.test(text) && text.includes(basename(process.argv[1] ?? ''));
}
