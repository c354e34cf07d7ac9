// The short way through a tool call's hook: with a pass there is nothing to decide, so only what is new is recorded. A small
// program of its own, since most of what a hook costs is code that runs for the first time. Rule: it says nothing and
// stops nothing; whatever it cannot do it leaves to the gate, with nothing written.
import { parseEvent } from '../../agents/claude-code/events/event.ts';
import { stateHome } from '../../config/paths.ts';
import { isPassable, usePass } from '../../gate/lease.ts';
import { forgesPrompt } from '../../gate/prompt-command.ts';
import { changesNothing, type ToolCall } from '../../protection/read-only-tools.ts';
import { wirePass } from '../../wire.ts';
import { parsePass } from './lease-file.ts';

/** Taking a command apart is a file of its own: most calls are plain. */
const aimsAtGuarded = (tool: ToolCall, cwd: string, env: NodeJS.ProcessEnv): boolean =>
  (require('./protected-call.ts') as typeof import('./protected-call.ts')).aimsAtGuarded(
    tool,
    cwd,
    env,
  );

/** True when everything is done; false when the gate has to be asked. `passText` is what the pass's file holds. */
export function tryFastPath(
  text: string,
  passText: string,
  env: NodeJS.ProcessEnv,
  now: number,
): boolean {
  const event = parseEvent(text);
  const { tool } = event;
  if (tool === null || !isPassable(event)) return false;
  const kept = parsePass(passText, event, env);
  if (kept === null || forgesPrompt(tool)) return false;
  if (!changesNothing(tool) && aimsAtGuarded(tool, event.cwd, env)) return false;
  const { deps, attempt, close } = wirePass(stateHome(env), env);
  try {
    return attempt(() => usePass(kept, event, deps, now));
  } finally {
    close();
  }
}
