// Whether a person sits at the client that a hook belongs to. Rule: what the client says of itself, then what the system
// knows of its process; any doubt is a no, because a terminal of one's own is always there to give the command in.
// Source of the variables: client 2.1.330, seen 2026-11-21.
import { type SessionId, sessionId } from '../../../domain/ids.ts';
import { type EpochMs, SECOND_MS } from '../../../domain/time.ts';
import {
  ancestorsOf,
  environmentOf,
  isRootedBefore,
  placeOf,
  terminalOf,
  untold,
} from '../../../runtime/processes.ts';
import { isHookOf } from './origin.ts';

/** A person is there, or why that is not certain. */
export type HostPresence =
  /** `where`: the terminal, and the programs above the client; empty where the system does not tell. */
  | { readonly kind: 'person'; readonly where: string }
  | { readonly kind: 'nobody'; readonly why: string };

/**
 * How lately a key must have been pressed. The kernel notes the reading of a terminal to within eight seconds, and a hook
 * may be slow to start. A prompt that the agent scheduled for itself looks like a typed one but for this.
 */
const KEYBOARD_MS = 12 * SECOND_MS;

/** Marks that an agent leaves on everything it starts. */
const isOfAgent = (marks: string): boolean =>
  /(?:^|\0)(?:CLAUDECODE|CLAUDE_CODE_SESSION_ID|CLAUDE_CODE_CHILD_SESSION)=./.test(marks);

/** Whether a hidden environment is usual here, and nothing says that another client has started this one. */
const mayHide = (pid: number, hostPids: readonly number[]): boolean =>
  untold.includes('environment') &&
  isRootedBefore(
    pid,
    hostPids.filter((each) => each !== pid),
  );

/** The session whose tool has started this client, as its environment names it; `null`: none, or nobody can tell. */
export function sessionAround(hostPid: number): SessionId | null {
  const named = /(?:^|\0)CLAUDE_CODE_SESSION_ID=([^\0]+)/.exec(environmentOf(hostPid))?.[1];
  return named === undefined ? null : sessionId(named);
}

/** Whether the client says that it was started with a keyboard: no print mode, and driven by no program. */
export const claimsKeyboard = (env: NodeJS.ProcessEnv): boolean =>
  (env.CLAUDE_CODE_ENTRYPOINT ?? 'cli') === 'cli';

/** Looks. `hostPids`: the clients of all sessions known; another one above this client is an agent at work. */
export function readPresence(
  env: NodeJS.ProcessEnv,
  hostPids: readonly number[],
  now: EpochMs,
): HostPresence {
  const nobody = (why: string): HostPresence => ({ kind: 'nobody', why });
  if (!claimsKeyboard(env) || env.CLAUDE_CODE_SESSION_ATTENDED === '0') {
    return nobody('this session has no keyboard (print mode, or driven by a program)');
  }
  const pid = Number(env.CLAUDE_PID);
  if (!Number.isInteger(pid) || pid <= 1)
    return nobody('the client does not say which process it is');
  if (untold.includes('keyboard'))
    return nobody('this system does not tell who sits at a keyboard');
  if (!isHookOf(pid)) return nobody('it did not come from Claude Code itself');
  const marks = environmentOf(pid);
  // Where a client's environment is hidden, it has to be as old as its terminal is.
  const isNested = marks === 'unknown' ? !mayHide(pid, hostPids) : isOfAgent(marks);
  if (isNested) return nobody('another agent may have started this client');
  if (ancestorsOf(pid).some((above) => above !== 'unknown' && hostPids.includes(above))) {
    return nobody('another agent has started this client');
  }
  const terminal = terminalOf(pid);
  if (terminal === 'none' || terminal === 'unknown')
    return nobody('the client is not at a terminal');
  if (now - terminal.readAt > KEYBOARD_MS) {
    return nobody('no key was pressed just now (a scheduled prompt?)');
  }
  return { kind: 'person', where: placeOf(pid) };
}
