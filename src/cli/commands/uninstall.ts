// `tollgate uninstall`: takes the hooks out of Claude Code's settings again.
// Rule: exact bytes when nothing else changed since; else only our own entries go, and that is said.
import { type Command, Option } from 'commander';
import {
  budgetCommandPath,
  removeBudgetCommand,
} from '../../agents/claude-code/install/budget-command.ts';
import { diffText } from '../../agents/claude-code/install/diff.ts';
import { inspectSettings } from '../../agents/claude-code/install/inspect-settings.ts';
import {
  type InstallScope,
  previewUninstall,
  settingsPathOf,
  type UninstallOutcome,
  uninstall,
} from '../../agents/claude-code/install/install.ts';
import { recordRemoval } from '../../agents/claude-code/install/installation-record.ts';
import { launcherPath, removeLauncher } from '../../agents/claude-code/install/project-launcher.ts';
import { removeServer } from '../../agents/claude-code/install/resident-server.ts';
import { removeStatusLine, statusLinePath } from '../../agents/claude-code/install/status-line.ts';
import { findProjectRoot, stateHome } from '../../config/paths.ts';
import { TollgateError } from '../../errors.ts';
import type { CliContext } from '../command.ts';
import { confirmed } from '../confirm.ts';
import { knownSessions } from '../context.ts';
import { FAILED, FINE } from '../exit-code.ts';
import { budgetFileOf, isUntouchedBudget, removeUntouchedBudget } from '../first-budget.ts';
import { problemError } from '../init-plan.ts';
import { notePlace } from '../init-repair.ts';
import { requirePerson } from '../person.ts';

export function describe(command: Command): void {
  command
    .addOption(
      new Option('--scope <scope>', 'whose settings')
        .choices(['project', 'local', 'user'])
        .default('project'),
    )
    .addOption(
      new Option('--managed', "the administrator's settings of this machine").implies({
        scope: 'managed',
      }),
    )
    .option('--dry-run', 'show what would change, and change nothing')
    .option('--json', 'print the result as JSON (schema tollgate/uninstall@1)')
    .option('--yes', 'do not ask')
    .addHelpText(
      'after',
      `
The ledger stays: what was spent was spent.

Where Tollgate itself is gone already: node .claude/tollgate-hook.cjs --uninstall takes it out of
a repository; elsewhere remove the entries of settings.json whose args hold --tollgate.`,
    );
}

/** Whoever wants to be rid of Tollgate is not kept by a ledger that cannot be read: the check then goes by what started the command alone. */
function sessionsIfReadable(context: CliContext): ReturnType<typeof knownSessions> {
  try {
    return knownSessions(context);
  } catch (error) {
    if (error instanceof TollgateError) return [];
    throw error;
  }
}

interface Place {
  readonly scope: InstallScope;
  readonly root: string;
  readonly settingsPath: string;
  readonly budgetFile: string;
}

export async function run(
  _args: readonly string[],
  options: Readonly<Record<string, unknown>>,
  context: CliContext,
): Promise<number> {
  const scope = options.scope as InstallScope;
  const root = findProjectRoot(context.cwd);
  const settingsPath = settingsPathOf(scope, root, context.env);
  const place = { scope, root, settingsPath, budgetFile: budgetFileOf(scope, root, context.env) };
  if (options.dryRun) return showPlan(place, options, context);
  requirePerson('uninstall', context, sessionsIfReadable(context));
  if (
    context.isInteractive &&
    !(await confirmed(`Take Tollgate out of ${settingsPath}?`, options, context))
  ) {
    context.emit('tollgate: nothing was changed');
    return FAILED;
  }
  // Noted first: running sessions refuse a change of the settings that no person has asked for.
  recordRemoval(stateHome(context.env), settingsPath, context.now);
  const outcome = uninstall({ settingsPath, stateHome: stateHome(context.env) });
  removeStatusLine({
    settingsPath: statusLinePath(root, context.env),
    stateHome: stateHome(context.env),
  });
  removeServer({ scope, projectRoot: root, environment: context.env });
  if (scope === 'project') removeLauncher(launcherPath(root));
  const isBudgetGone = removeUntouchedBudget(place.budgetFile);
  if (scope !== 'managed') removeBudgetCommand(budgetCommandPath(scope, root, context.env));
  if (outcome.kind === 'failed') {
    const projectRoot = scope === 'user' ? null : root;
    notePlace({ settingsPath, projectRoot }, context);
    throw problemError(outcome.problem);
  }
  if (options.json) printJson(place, outcome, isBudgetGone, context);
  else printOutcome(place, outcome, isBudgetGone, context);
  for (const plugin of inspectSettings(root, context.env).scopes.flatMap((each) => each.plugins)) {
    context.emit(
      `tollgate: the plugin ${plugin} stays; to remove it: claude plugin uninstall ${plugin}`,
    );
  }
  return FINE;
}

function showPlan(
  { settingsPath, budgetFile }: Place,
  options: Readonly<Record<string, unknown>>,
  context: CliContext,
): number {
  const preview = previewUninstall({ settingsPath, stateHome: stateHome(context.env) });
  if (preview.kind === 'failed') throw problemError(preview.problem);
  const isBudgetGone = isUntouchedBudget(budgetFile);
  if (options.json) {
    const { before, after } =
      preview.kind === 'installed' ? preview : { before: null, after: null };
    const result = { schema: 'tollgate/uninstall@1', changed: false, settingsFile: settingsPath };
    context.print(`${JSON.stringify({ ...result, before, after, isBudgetGone }, null, 2)}\n`);
    return FINE;
  }
  if (preview.kind === 'installed') {
    context.print(diffText(preview.before ?? '', preview.after, settingsPath));
  } else context.print(`Tollgate is not in ${settingsPath}.\n`);
  if (isBudgetGone) context.print(`${budgetFile} is as init wrote it, and would go too.\n`);
  context.emit('tollgate: nothing was changed (--dry-run)');
  return FINE;
}

function printJson(
  { scope, settingsPath, budgetFile }: Place,
  outcome: Exclude<UninstallOutcome, { kind: 'failed' }>,
  isBudgetGone: boolean,
  context: CliContext,
): void {
  const result = {
    schema: 'tollgate/uninstall@1',
    changed: outcome.kind !== 'nothing-to-remove',
    scope,
    settingsFile: settingsPath,
    outcome: outcome.kind,
    backupFile: outcome.kind === 'entries-removed' ? outcome.backupFile : null,
    removedBudgetFile: isBudgetGone ? budgetFile : null,
  };
  context.print(`${JSON.stringify(result, null, 2)}\n`);
}

function printOutcome(
  { settingsPath, budgetFile }: Place,
  outcome: Exclude<UninstallOutcome, { kind: 'failed' }>,
  isBudgetGone: boolean,
  context: CliContext,
): void {
  switch (outcome.kind) {
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
}
