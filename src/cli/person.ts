// Whether a person is giving this command, or the agent. Rule: what loosens the guard is for people; from
// inside an agent's shell it is refused, whatever options it is given.
import { readFileSync } from 'node:fs';
import { hostname, userInfo } from 'node:os';
import { TollgateError } from '../errors.ts';
import type { SessionRecord } from '../stores/store.ts';
import type { CliContext } from './command.ts';

/** Variables the client sets for everything its agent starts. Source: client 2.1.330, seen 2026-11-21. */
const AGENT_VARIABLES = ['CLAUDECODE', 'CLAUDE_CODE_SESSION_ID', 'CLAUDE_CODE_CHILD_SESSION'];

/** Throws `TollgateError` `NOT_A_PERSON` inside an agent's shell, also one that hides its variables. */
export function requirePerson(
  what: string,
  context: CliContext,
  sessions: readonly SessionRecord[],
): void {
  const betrayed =
    AGENT_VARIABLES.some((name) => context.env[name]) ||
    ancestors(process.pid).some((pid) => sessions.some((session) => session.hostPid === pid));
  if (!betrayed) return;
  throw new TollgateError({
    code: 'NOT_A_PERSON',
    message: `tollgate ${what} is for people, and this is an agent's shell`,
    hint: 'give the command in a terminal of your own',
  });
}

/** Who gives it, for the record: `name@machine`. */
export function authorOf(): string {
  try {
    return `${userInfo().username}@${hostname()}`;
  } catch {
    return hostname(); // a container's user may have no name
  }
}

/** The processes above this one, nearest first; empty where the system does not tell. */
function ancestors(pid: number): number[] {
  const found: number[] = [];
  for (let current = pid; current > 1 && found.length < 64; ) {
    let parent: number;
    try {
      const stat = readFileSync(`/proc/${current}/stat`, 'utf8');
      // The name in parentheses may hold anything, parentheses too.
      parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
    } catch {
      break;
    }
    if (!Number.isInteger(parent)) break;
    found.push(parent);
    current = parent;
  }
  return found;
}
