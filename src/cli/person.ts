// Whether a person is giving this command, or the agent. Rule: what loosens the guard is for people; whatever an agent has
// started is refused, whatever options it is given. A terminal that a Claude Code may have opened, and cut off from itself, is nobody's.
import { hostname, userInfo } from 'node:os';
import { isAgentEnvironment } from '../agents/claude-code/environment.ts';
import type { Config } from '../config/config.ts';
import { TollgateError } from '../errors.ts';
import {
  ancestorsOf,
  controllingTerminalOf,
  environmentOf,
  holdersOfTerminal,
  isAlive,
  isRootedBefore,
  mayComeFrom,
  placeOf,
  sessionLeaderOf,
  untold,
} from '../runtime/processes.ts';
import type { SessionRecord } from '../stores/store.ts';
import type { CliContext } from './command.ts';

/** Throws `TollgateError` `NOT_A_PERSON` where an agent gives the command, or may be giving it. */
export function requirePerson(
  what: string,
  context: CliContext,
  sessions: readonly SessionRecord[],
): void {
  const hostPids = sessions.flatMap(({ hostPid }) => hostPid ?? []);
  const why = isAgentEnvironment(context.env)
    ? "this is an agent's shell"
    : agentBehind(process.pid, hostPids);
  if (why === null) return;
  throw new TollgateError({
    code: 'NOT_A_PERSON',
    message: `tollgate ${what} is for people, and ${why}`,
    hint: 'give the command in a terminal of your own',
  });
}

/** Throws `TollgateError` `GRANTS_BY_PROMPT` where the configuration lets only a prompt loosen. `typed`: what to type instead. */
export function requireGrantsHere({ grants }: Config, what: string, typed: string): void {
  if (grants !== 'prompt') return;
  throw new TollgateError({
    code: 'GRANTS_BY_PROMPT',
    message: `tollgate ${what} is refused: grants is "prompt" in the configuration`,
    hint: `type it into Claude Code, in the session: ${typed}`,
  });
}

/** Why a process may be an agent's; `null`: nothing says so. `hostPids`: the Claude Codes of all sessions known. */
export function agentBehind(pid: number, hostPids: readonly number[]): string | null {
  if (isOfAgent(pid, hostPids)) return "this is an agent's shell";
  const terminal = controllingTerminalOf(pid);
  const holders = typeof terminal === 'number' ? holdersOfTerminal(terminal) : [];
  if (holders !== 'unknown' && holders.some((holder) => isOfAgent(holder, hostPids))) {
    return 'this terminal was opened by an agent';
  }
  // An agent that cuts its command off from itself leaves no trace but that nobody is at the other end.
  if (!hostPids.some(isAlive)) return null;
  if (terminal === 'none') return 'there is no terminal, and Claude Code is running';
  if (isCutOff(pid)) return 'it was cut off from whoever gave it, and Claude Code is running';
  const isYoung = untold.includes('terminal holder')
    ? !isRootedBefore(pid, hostPids)
    : mayComeFrom(pid, hostPids);
  if (isYoung) return YOUNG_TERMINAL;
  return null;
}

const YOUNG_TERMINAL =
  'the program of this terminal was started after a Claude Code that runs, which may have done it (a new tab or window of an older one will do, and so will /budget in Claude Code)';

/** Whether a Claude Code of a session started the process, or what started it has the marks of one. */
function isOfAgent(pid: number, hostPids: readonly number[]): boolean {
  return [pid, ...ancestorsOf(pid)].some((each) => {
    if (each === 'unknown') return false;
    if (hostPids.includes(each)) return true;
    return isAgentEnvironment(
      Object.fromEntries(environmentOf(each).split('\0').map(nameAndValue)),
    );
  });
}

function nameAndValue(entry: string): [string, string] {
  const at = entry.indexOf('=');
  return [entry.slice(0, at), entry.slice(at + 1)];
}

/** Whether the shell that a process belongs to is none of those above it: its parent ended, and it was handed on. */
function isCutOff(pid: number): boolean {
  const leader = sessionLeaderOf(pid);
  const above = ancestorsOf(pid);
  return leader !== 'unknown' && leader !== pid && !above.includes(leader);
}

/** Who gives it, for the record, and where: `name@machine on pts/3 via bash, sshd`. */
export const authorOf = (): string => `${userName()}${placeOf(process.pid)}`;

function userName(): string {
  try {
    return `${userInfo().username}@${hostname()}`;
  } catch {
    return hostname(); // a container's user may have no name
  }
}
