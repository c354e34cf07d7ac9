// `tollgate uninstall`: takes the hooks out of Claude Code's settings again.
// Rule: exact bytes when nothing else changed since; else only our own entries go, and that is said.
import { type Command, Option } from 'commander';
import {
  budgetCommandPath,
  removeBudgetCommand,
} from '../../agents/claude-code/install/budget-command.ts';
import {
  type InstallScope,
  settingsPathOf,
  uninstall,
} from '../../agents/claude-code/install/install.ts';
import { removeServer } from '../../agents/claude-code/install/resident-server.ts';
import { removeStatusLine, statusLinePath } from '../../agents/claude-code/install/status-line.ts';
import { findProjectRoot, stateHome } from '../../config/paths.ts';
import type { CliContext } from '../command.ts';
import { confirmed } from '../confirm.ts';
import { knownSessions } from '../context.ts';
import { FAILED, FINE } from '../exit-code.ts';
import { budgetFileOf, removeUntouchedBudget } from '../first-budget.ts';
import { requirePerson } from '../person.ts';
import { problemError } from './init.ts';

export function describe(command: Command): void {
  command
    .addOption(
      new Option('--scope <scope>', 'whose settings')
        .choices(['project', 'local', 'user'])
        .default('project'),
    )
    .option('--yes', 'do not ask')
    .addHelpText('after', '\nThe ledger stays: what was spent was spent.');
}

export async function run(
  _args: readonly string[],
  options: Readonly<Record<string, unknown>>,
  context: CliContext,
): Promise<number> {
  const scope = options.scope as InstallScope;
  const root = findProjectRoot(context.cwd);
  const settingsPath = settingsPathOf(scope, root, context.env);
  requirePerson('uninstall', context, knownSessions(context));
  if (
    context.isInteractive &&
    !(await confirmed(`Take Tollgate out of ${settingsPath}?`, options, context))
  ) {
    context.emit('tollgate: nothing was changed');
    return FAILED;
  }
  const outcome = uninstall({ settingsPath, stateHome: stateHome(context.env) });
  removeStatusLine({
    settingsPath: statusLinePath(root, context.env),
    stateHome: stateHome(context.env),
  });
  removeServer({ scope, projectRoot: root, environment: context.env });
  const budgetFile = budgetFileOf(scope, root, context.env);
  const isBudgetGone = removeUntouchedBudget(budgetFile);
  removeBudgetCommand(budgetCommandPath(scope, root, context.env));
  switch (outcome.kind) {
    case 'failed':
      throw problemError(outcome.problem);
    case 'nothing-to-remove':
      context.print(`Tollgate is not in ${settingsPath}.\n`);
      break;
    case 'restored':
      context.print(
        outcome.fileRemoved
          ? `${settingsPath} was made by Tollgate and is gone again.\n`
          : `${settingsPath} is byte for byte what it was.\n`,
      );
      break;
    case 'entries-removed':
      context.print(
        `${settingsPath} had changed since, so only Tollgate's own entries were taken out.\n${
          outcome.backupFile ? `What was there before is in ${outcome.backupFile}\n` : ''
        }`,
      );
  }
  if (isBudgetGone) context.print(`${budgetFile} was as init wrote it, and is gone too.\n`);
  return FINE;
}
