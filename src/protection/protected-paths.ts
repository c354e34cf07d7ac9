// Which tool calls would change Tollgate's own files. Rule: refuse what plainly aims at them, and let everything be read; what only running would
// tell is not guessed, and is found by those who look afterwards.
import type { ToolCall } from '../agents/agent.ts';
import { refusedCommand } from './command-guard.ts';
import type { Guard, Refusal } from './guard.ts';
import { closeTo, targetsOf } from './path-match.ts';
import { changesNothing } from './read-only-calls.ts';
import { resolveFrom } from './shells/shell.ts';
import { homeIn } from './windows-path.ts';

/** Longer texts are contents. */
const MAX_PATH_LENGTH = 4_096;
/** What a tool call would change that only people may change; `null`: nothing. Never throws. */
export function protectedPath(tool: ToolCall, guard: Guard): Refusal | null {
  if (changesNothing(tool, guard.tools)) return null;
  const effect = guard.tools.effectOf(tool);
  if (effect === null) return null;
  for (const command of effect.commands) {
    const found = refusedCommand(command, guard);
    if (found !== null) return found;
  }
  if (effect.paths.length === 0) return null;
  const targets = targetsOf(guard.files);
  const home = homeIn(guard.variables) ?? '';
  for (const path of effect.paths) {
    if (path.length > MAX_PATH_LENGTH) continue;
    const spelled = path.startsWith('~/') ? `${home}/${path.slice(2)}` : path;
    const written = resolveFrom(guard.cwd, spelled);
    const found = targets.find(written, effect.isWhole) ?? closeTo(written, targets, guard.tools);
    if (found !== null) return { path: found, instead: null };
  }
  return null;
}
