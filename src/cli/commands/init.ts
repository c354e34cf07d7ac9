// `tollgate init`: puts the hooks into Claude Code's settings, and first budgets beside them, and proves that they work.
// Rule: nothing of anybody else's is changed; what was there is kept byte for byte, and comes back when a proof fails.
import { type Command, Option } from 'commander';
import { recordInstallPath } from '../../agents/claude-code/install/project-launcher.ts';
import { removeServer } from '../../agents/claude-code/install/resident-server.ts';
import { takeSnapshot } from '../../agents/claude-code/install/snapshot.ts';
import { noteSync } from '../../ingest/sync/background.ts';
import { pluginRoot } from '../../runtime/plugin-root.ts';
import { DEFAULT_HARD, DEFAULT_SOFT, PLAN_DEFAULTS } from '../ask-budget.ts';
import type { CliContext } from '../command.ts';
import { confirmed } from '../confirm.ts';
import { knownSessions } from '../context.ts';
import { FAILED, FINE } from '../exit-code.ts';
import { initFromPlugin } from '../init-from-plugin.ts';
import { mayWriteManaged, printManaged, warnOfOwners } from '../init-managed.ts';
import {
  changesOf,
  type Options,
  type Plan,
  packageFolder,
  planInit,
  refuseCache,
  serverPlace,
  type Written,
} from '../init-plan.ts';
import { notePlace, repairInstallation } from '../init-repair.ts';
import { endDryRun, printJson, printResult, reportObstacles } from '../init-result.ts';
import { prove, proveLedger, write, writtenFiles } from '../init-write.ts';
import { requirePerson } from '../person.ts';
import { requireConfig } from '../read-config.ts';
import { acceptWritten } from './accept.ts';

const MANAGED = new Option(
  '--managed',
  "for everybody on this machine: the administrator's settings, which no other file switches off",
).implies({ scope: 'managed' });

const HELP = `
Scopes:
  project  for everybody who works in this repository: .claude/settings.json
  local    for you, in this repository: .claude/settings.local.json
  user     for you, everywhere: ~/.claude/settings.json

--managed writes Claude Code's managed settings and budgets for everybody: give it as an
administrator. Who may not write there is shown what an administrator is to write.

The project's files name no path of this machine: commit them, .claude/tollgate-hook.cjs
included. Where Tollgate is not installed, that file blocks (--missing block, the default)
or warns, and names the command that installs it.

With a plan (Pro, Max, Team) nobody bills dollars: ceilings are shares of the plan's windows, and the
status line comes with them, because Claude Code tells of a plan nowhere else.

/clear begins a new session: a session's ceiling starts again, a day's goes on counting.

Examples:
  tollgate init --session-soft 4 --session-hard 5 --day-hard 20
  tollgate init --billing plan --five-hour-hard 90% --seven-day-hard 95%
  tollgate init --scope user --dry-run`;

const PLAN_OPTIONS = [
  new Option('--billing <how>', 'how Claude Code is paid; default: as its account says').choices([
    ...['plan', 'api'],
  ]),
  new Option(
    '--five-hour-hard <share>',
    `what of a plan's five-hour window may be used at most (default with a plan ${PLAN_DEFAULTS['five-hour'].hard})`,
  ),
  new Option('--five-hour-soft <share>', 'from which share on it warns'),
  new Option(
    '--seven-day-hard <share>',
    `the same of the seven-day window (default with a plan ${PLAN_DEFAULTS['seven-day'].hard})`,
  ),
  new Option('--seven-day-soft <share>', 'from which share on it warns'),
];

export function describe(command: Command): void {
  command
    .addOption(
      new Option('--scope <scope>', 'whose settings')
        .choices(['project', 'local', 'user'])
        .default('project'),
    )
    .option(
      '--session-soft <usd>',
      `what a session may spend before it is warned (default ${DEFAULT_SOFT})`,
    )
    .option('--session-hard <usd>', `what a session may spend at most (default ${DEFAULT_HARD})`)
    .option('--day-soft <usd>', 'what all sessions of a day may spend before they are warned')
    .option('--day-hard <usd>', 'what all sessions of a day may spend at most')
    .addOption(
      new Option('--missing <what>', 'project: what a machine without Tollgate does').choices([
        'block',
        'warn',
      ]),
    )
    .option('--strip-comments', 'take comments out of the settings: Claude Code reads none')
    .option(
      '--statusline',
      'show spend and ceiling in the status bar, beside a status line of yours',
    )
    .option(
      '--resident',
      'answer tool calls in a server that Claude Code keeps running, not in a process each',
    )
    .addOption(MANAGED)
    .option('--repair', 'put back the hooks that were installed here and are gone or changed')
    .option('--dry-run', 'show what would change, and change nothing')
    .option('--json', 'print the result as JSON (schema tollgate/init@1)')
    .option('--yes', 'ask nothing')
    .addHelpText('after', HELP);
  for (const option of PLAN_OPTIONS) command.addOption(option);
}

export async function run(
  _args: readonly string[],
  options: Options,
  context: CliContext,
): Promise<number> {
  refuseCache();
  requireConfig(context);
  if (!options.dryRun) requirePerson('init', context, knownSessions(context));
  if (options.repair) return repairInstallation(options, context);
  if (pluginRoot() !== null) return initFromPlugin(options, context);
  const plan = await planInit(options, context);
  const changes = changesOf(plan);
  if (plan.scope === 'managed' && !options.dryRun && !mayWriteManaged(plan)) {
    return printManaged(plan, context);
  }
  if (changes.length === 0 && plan.isServerKnown) {
    recordInstallPath(plan.stateHome, packageFolder());
    recordPlan(plan, context);
    if (options.json) printJson(plan, null, 0, context);
    else context.print(`Tollgate is in ${plan.settingsPath} already; nothing to change.\n`);
    return reportObstacles(plan, context);
  }
  if (!options.json && (options.dryRun || (context.isInteractive && !options.yes))) {
    context.print(changes.map((change) => `${change.trimEnd()}\n`).join('\n'));
  }
  if (options.dryRun) {
    if (options.json) printJson(plan, null, 0, context);
    else endDryRun(plan, context);
    context.emit('tollgate: nothing was changed (--dry-run)');
    return FINE;
  }
  if (context.isInteractive && !(await confirmed('Write this?', options, context))) {
    context.emit('tollgate: nothing was changed');
    return FAILED;
  }
  proveLedger(plan.stateHome, context.env);
  const undo = takeSnapshot(writtenFiles(plan, context));
  let written: Written;
  let rehearsedCount: number;
  try {
    written = write(plan, context);
    if (context.isInteractive) context.emit('tollgate: trying each hook as Claude Code would …');
    rehearsedCount = await prove(plan, context);
  } catch (error) {
    if (plan.server !== null && !plan.isServerKnown) removeServer(serverPlace(plan, context));
    undo();
    throw error;
  }
  recordPlan(plan, context);
  if (plan.scope === 'managed') warnOfOwners(context);
  noteSync(plan.stateHome);
  await acceptWritten(context);
  if (options.json) printJson(plan, written, rehearsedCount, context);
  else printResult(plan, written, rehearsedCount, context);
  return reportObstacles(plan, context);
}

function recordPlan({ settingsPath, scope, root }: Plan, context: CliContext): void {
  notePlace({ settingsPath, projectRoot: scope === 'user' ? null : root }, context);
}
