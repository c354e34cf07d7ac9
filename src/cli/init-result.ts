// What `tollgate init` says it did: for people, as JSON, and before doing it. Rule: writes no file.
import { budgetCommandPath } from '../agents/claude-code/install/budget-command.ts';
import { readHookObstacles } from '../agents/claude-code/install/host-settings.ts';
import { inspectSettings } from '../agents/claude-code/install/inspect-settings.ts';
import { readWhenMissing } from '../agents/claude-code/install/project-launcher.ts';
import { serverPath } from '../agents/claude-code/install/resident-server.ts';
import type { CliContext } from './command.ts';
import { FINDINGS, FINE } from './exit-code.ts';
import { firstBudgetText } from './first-budget.ts';
import { type Plan, serverPlace, type Written } from './init-plan.ts';

export function endDryRun(plan: Plan, context: CliContext): void {
  const { scope, root, server, isServerKnown } = plan;
  if (!isServerKnown) {
    const verb = server === null ? 'remove' : 'add-json';
    context.print(
      `\n$ claude mcp ${verb} --scope ${scope} tollgate (the resident gate's server)\n`,
    );
  }
  if (scope === 'managed') return;
  context.print(`\n+++ ${budgetCommandPath(scope, root, context.env)} (the /budget command)\n`);
}

export function printResult(
  plan: Plan,
  written: Written,
  rehearsedCount: number,
  context: CliContext,
): void {
  const { scope, settingsPath, budgets, budgetFile, launcher, server, version, root } = plan;
  const { outcome } = written;
  const lines = [`Hooks are in ${settingsPath}; ${rehearsedCount} were run once and work here.`];
  if (outcome.kind === 'installed' && outcome.backupFile)
    lines.push(`What was there is kept in ${outcome.backupFile}`);
  const plugins = inspectSettings(root, context.env).scopes.flatMap((each) => each.plugins);
  if (plugins.length > 0)
    lines.push(
      `The plugin ${plugins.join(', ')} guards these sessions too: nothing is counted, said or refused twice, but every event starts both.`,
    );
  if (launcher !== null) {
    lines.push(
      `Commit ${launcher.path} with it: it finds Tollgate on each machine, and ${readWhenMissing(launcher.path) === 'warn' ? 'warns' : 'blocks'} where there is none.`,
    );
  }
  for (const budget of budgets) lines.push(`${firstBudgetText(budget)} (${budgetFile})`);
  if (server !== null) {
    lines.push(
      `Tool calls are answered by the resident gate, a server that Claude Code starts with each session (${serverPath(serverPlace(plan, context))})${
        scope === 'project' ? '; it asks each person once whether it may' : ''
      }`,
    );
  }
  if (written.isBudgetCommandNew)
    lines.push(
      `In Claude Code, /budget shows where the money stands (${budgetCommandPath(scope, root, context.env)})`,
    );
  if (written.statusLinePath !== null)
    lines.push(`The status line is in ${written.statusLinePath}`);
  lines.push(
    server === null
      ? 'Running sessions pick this up within a second. Try: tollgate status'
      : 'Start your sessions anew: those that run now have no such server, stop at their next tool, and go on with command hooks from their next prompt. Try: tollgate status',
  );
  context.print(`${lines.join('\n')}\n`);
  if (version === null) {
    context.emit(
      'tollgate: no Claude Code was found on PATH, so only what every version knows was written; run init again after installing it',
    );
  }
}

export function printJson(
  plan: Plan,
  written: Written | null,
  rehearsedCount: number,
  context: CliContext,
): void {
  const { outcome } = written ?? { outcome: null };
  const result = {
    schema: 'tollgate/init@1',
    changed: written !== null,
    scope: plan.scope,
    settingsFile: plan.settingsPath,
    backupFile: outcome?.kind === 'installed' ? outcome.backupFile : null,
    launcherFile: plan.launcher?.path ?? null,
    budgetFile: plan.plannedBudget === null ? null : plan.budgetFile,
    budgets: plan.budgets,
    billing: plan.billing,
    statusLineFile: plan.line?.settingsPath ?? null,
    resident: plan.server !== null,
    hostVersion: plan.version?.join('.') ?? null,
    rehearsedCount,
    obstacles: readHookObstacles(plan.root, context.env),
  };
  context.print(`${JSON.stringify(result, null, 2)}\n`);
}

/** Says what keeps Claude Code from running the hooks all the same. */
export function reportObstacles({ root }: Plan, context: CliContext): number {
  const obstacles = readHookObstacles(root, context.env);
  for (const { message } of obstacles) context.emit(`tollgate: ${message}`);
  return obstacles.length > 0 ? FINDINGS : FINE;
}
