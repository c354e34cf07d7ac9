// The command file that makes `/budget` known to Claude Code. Rule: its text is never sent, because our hook answers the
// prompt first; a file somebody has changed is theirs, and stays.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { claudeFolder } from '../paths.ts';
import { removeEmptyFolders } from './files.ts';
import type { InstallScope } from './install.ts';

/** `disable-model-invocation`: only what is typed counts. The body is what the model reads where no hook answers. */
const BUDGET_COMMAND_TEXT = `---
description: What this session has spent; raise its ceiling, halt it, resume it
argument-hint: "[raise <usd> [why] | halt [why] | resume]"
disable-model-invocation: true
---

Tollgate answers /budget before any request is made. You read this, so its hooks are not running here. Do not do anything
else: tell the person in one sentence to run \`tollgate init\`, and that $ARGUMENTS was not done.
`;

/** Where the file belongs. */
export function budgetCommandPath(
  scope: InstallScope,
  projectRoot: string,
  environment: NodeJS.ProcessEnv,
): string {
  // There is no local scope for commands; a person's own folder is the private one.
  const folder = scope === 'project' ? join(projectRoot, '.claude') : claudeFolder(environment);
  return join(folder, 'commands', 'budget.md');
}

/** Writes it; `kept` when there is another of that name, which is somebody's own. */
export function installBudgetCommand(path: string): 'installed' | 'unchanged' | 'kept' {
  if (existsSync(path)) {
    return readFileSync(path, 'utf8') === BUDGET_COMMAND_TEXT ? 'unchanged' : 'kept';
  }
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, BUDGET_COMMAND_TEXT);
  return 'installed';
}

/** Takes it out again if it is as we wrote it, and its folder and the one around it when they are empty then. */
export function removeBudgetCommand(path: string): 'removed' | 'kept' | 'absent' {
  if (!existsSync(path)) return 'absent';
  if (readFileSync(path, 'utf8') !== BUDGET_COMMAND_TEXT) return 'kept';
  rmSync(path);
  removeEmptyFolders(dirname(path), dirname(dirname(path)));
  return 'removed';
}
