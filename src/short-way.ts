// The short way through a tool call's hook: with a pass there is nothing to decide, so only what is new is recorded. A small
// program of its own, since most of what a hook costs is code that runs for the first time. Rule: it says nothing and
// stops nothing; whatever it cannot do it leaves to the gate, with nothing written.
import { parseEvent } from './agents/claude-code/event.ts';
import { stateHome } from './config/places.ts';
import { isPassable, usePass } from './gate/pass.ts';
import { changesNothing, type ToolCall } from './gate/plain-tools.ts';
import { forgesPrompt } from './gate/prompt-command.ts';
import { parsePass } from './pass-file.ts';
import { wirePass } from './wire.ts';

/** Taking a command apart is a file of its own: most calls are plain. */
const aimsAtGuarded = (tool: ToolCall, cwd: string, env: NodeJS.ProcessEnv): boolean =>
  (require('./guarded-call.ts') as typeof import('./guarded-call.ts')).aimsAtGuarded(
    tool,
    cwd,
    env,
  );

/** True when everything is done; false when the gate has to be asked. `passText` is what the pass's file holds. */
export function takeShortWay(
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
