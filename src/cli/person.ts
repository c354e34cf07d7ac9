// Whether a person is giving this command, or the agent. Rule: what loosens the guard is for people; from
// inside an agent's shell it is refused, whatever options it is given.
import { hostname, userInfo } from 'node:os';
import { TollgateError } from '../errors.ts';
import { ancestorsOf } from '../runtime/processes.ts';
import type { SessionRecord } from '../stores/store.ts';
import type { CliContext } from './command.ts';

/** Variables Claude Code sets for everything its agent starts. Source: Claude Code 2.1.330, seen 2026-11-21. */
const AGENT_VARIABLES = ['CLAUDECODE', 'CLAUDE_CODE_SESSION_ID', 'CLAUDE_CODE_CHILD_SESSION'];

/** Throws `TollgateError` `NOT_A_PERSON` inside an agent's shell, also one that hides its variables. */
export function requirePerson(
  what: string,
  context: CliContext,
  sessions: readonly SessionRecord[],
): void {
  const isAgent =
    AGENT_VARIABLES.some((name) => context.env[name]) ||
    ancestorsOf(process.pid).some((pid) => sessions.some((session) => session.hostPid === pid));
  if (!isAgent) return;
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
