// `tollgate init`: puts the hooks into Claude Code's settings, and a first budget beside them.
// Rule: nothing of anybody else's is changed; what was there is kept byte for byte for `uninstall`.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { type Command, Option } from 'commander';
import {
  budgetCommandPath,
  installBudgetCommand,
} from '../../agents/claude-code/install/budget-command.ts';
import { diffText } from '../../agents/claude-code/install/diff.ts';
import { hookFilesIn } from '../../agents/claude-code/install/hook-entries.ts';
import {
  type HostVersion,
  isAtLeast,
  ON_FAILURE_SINCE,
  readHostVersion,
} from '../../agents/claude-code/install/host-version.ts';
import {
  hookEntriesHere,
  type InstallScope,
  install,
  previewInstall,
  settingsPathOf,
} from '../../agents/claude-code/install/install.ts';
import { withGateMode } from '../../agents/claude-code/install/resident-entries.ts';
import {
  addServer,
  readServer,
  removeServer,
  serverEntry,
  serverPath,
} from '../../agents/claude-code/install/resident-server.ts';
import {
  installStatusLine,
  previewStatusLine,
  statusLinePath,
} from '../../agents/claude-code/install/status-line.ts';
import { statusLineCommand } from '../../agents/claude-code/install/status-line-text.ts';
import { findProjectRoot, stateHome } from '../../config/paths.ts';
import { formatUsd } from '../../domain/money.ts';
import { TollgateError } from '../../errors.ts';
import { noteSync } from '../../ingest/sync/background.ts';
import { openLedger } from '../../wire.ts';
import { askBudget, DEFAULT_HARD, DEFAULT_SOFT } from '../ask-budget.ts';
import type { CliContext } from '../command.ts';
import { confirmed } from '../confirm.ts';
import { FAILED, FINE } from '../exit-code.ts';
import { budgetFileOf, planBudget, writeBudget } from '../first-budget.ts';

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
    .option(
      '--statusline',
      'show spend and ceiling in the status bar, beside a status line of yours',
    )
    .option(
      '--resident',
      'answer tool calls in a server that the client keeps running, not in a process each',
    )
    .option('--dry-run', 'show what would change, and change nothing')
    .option('--yes', 'ask nothing')
    .addHelpText(
      'after',
      `
project  .claude/settings.json       for everybody who works in this repository
local    .claude/settings.local.json for you, in this repository
user     ~/.claude/settings.json     for you, everywhere

Examples:
  tollgate init --session-soft 4 --session-hard 5
  tollgate init --scope user --dry-run`,
    );
}

export async function run(
  _args: readonly string[],
  options: Readonly<Record<string, unknown>>,
  context: CliContext,
): Promise<number> {
  const scope = options.scope as InstallScope;
  const root = findProjectRoot(context.cwd);
  const settingsPath = settingsPathOf(scope, root, context.env);
  const budget = await askBudget(options, context);
  const version = readHostVersion(undefined, context.env);
  const place = { settingsPath, stateHome: stateHome(context.env) };
  const plain = hookEntriesHere(hookFilesIn(hooksFolder()), version, context.env);
  if (options.resident) requireResident(version);
  const hookEntries = options.resident ? withGateMode(plain, '--resident') : plain;
  const server = { scope, projectRoot: root, environment: context.env };
  const budgetFile = budgetFileOf(scope, root, context.env);

  const preview = previewInstall({ ...place, hookEntries });
  if (preview.kind === 'failed') throw problemError(preview.problem);
  const plannedBudget = budget === null ? null : planBudget(budgetFile, budget);
  const line = options.statusline ? lineRequest(root, context) : null;
  const linePreview = line === null ? null : previewStatusLine(line);
  if (linePreview?.kind === 'failed') throw problemError(linePreview.problem);
  const changes = [
    preview.kind === 'installed' ? diffText(preview.before ?? '', preview.after, settingsPath) : '',
    plannedBudget?.changed
      ? diffText(plannedBudget.before ?? '', plannedBudget.after, budgetFile)
      : '',
    linePreview?.kind === 'installed'
      ? diffText(linePreview.before ?? '', linePreview.after, linePreview.settingsPath)
      : '',
  ].filter(Boolean);

  const wanted = options.resident ? serverEntry(process.execPath, cliFile()) : null;
  const isServerKnown = isDeepStrictEqual(readServer(server), wanted);
  if (changes.length === 0 && isServerKnown) {
    context.print(`Tollgate is in ${settingsPath} already; nothing to change.\n`);
    return FINE;
  }
  if (options.dryRun || (context.isInteractive && !options.yes)) {
    context.print(changes.map((change) => `${change.trimEnd()}\n`).join('\n'));
  }
  if (options.dryRun) {
    if (!isServerKnown) {
      const verb = wanted === null ? 'remove' : 'add-json';
      context.print(
        `\n$ claude mcp ${verb} --scope ${scope} tollgate (the resident gate's server)\n`,
      );
    }
    context.print(`\n+++ ${budgetCommandPath(scope, root, context.env)} (the /budget command)\n`);
    context.emit('tollgate: nothing was changed (--dry-run)');
    return FINE;
  }
  if (context.isInteractive && !(await confirmed('Write this?', options, context))) {
    context.emit('tollgate: nothing was changed');
    return FAILED;
  }

  // Before the hooks that call it.
  if (wanted !== null) addServer(server, wanted);
  const outcome = install({ ...place, hookEntries });
  if (outcome.kind === 'failed') throw problemError(outcome.problem);
  if (plannedBudget?.changed) writeBudget(budgetFile, plannedBudget);
  if (wanted === null) removeServer(server);
  const extras = addExtras(scope, root, options, context);
  // The ledger is made now, so that the first two hooks of a first session need not race to make it.
  openLedger(place.stateHome).close();
  noteSync(place.stateHome);

  context.print(`Hooks are in ${settingsPath}\n`);
  if (outcome.kind === 'installed' && outcome.backupFile)
    context.print(`What was there is kept in ${outcome.backupFile}\n`);
  if (budget && plannedBudget) {
    context.print(
      `Each session may spend ${formatUsd(budget.hardNanoUsd)}, and is warned at ${formatUsd(budget.softNanoUsd)} (${budgetFile})\n`,
    );
  }
  if (wanted !== null) {
    context.print(
      `Tool calls are answered by the resident gate, a server that Claude Code starts with each session (${serverPath(server)})${
        scope === 'project' ? '; it asks each person once whether it may' : ''
      }\n`,
    );
  }
  for (const extra of extras) context.print(`${extra}\n`);
  if (version === null) {
    context.emit(
      'tollgate: no Claude Code was found on PATH, so only what every version knows was written; run init again after installing it',
    );
  }
  context.print(
    wanted === null
      ? 'Running sessions pick this up within a second. Try: tollgate status\n'
      : 'Start your sessions anew: those that run now have no such server, stop at their next tool, and go on with command hooks from their next prompt. Try: tollgate status\n',
  );
  return FINE;
}

/** The `/budget` command and, when it is asked for, the status line; answers what to say of them. */
function addExtras(
  scope: InstallScope,
  root: string,
  options: Readonly<Record<string, unknown>>,
  context: CliContext,
): string[] {
  const said: string[] = [];
  const commandFile = budgetCommandPath(scope, root, context.env);
  if (installBudgetCommand(commandFile) === 'installed') {
    said.push(`In the client, /budget shows where the money stands (${commandFile})`);
  }
  if (!options.statusline) return said;
  const line = installStatusLine(lineRequest(root, context));
  if (line.kind === 'failed') throw problemError(line.problem);
  if (line.kind === 'installed') said.push(`The status line is in ${line.settingsPath}`);
  return said;
}

/** Where the status line goes, and what it runs. */
function lineRequest(root: string, context: CliContext) {
  return {
    settingsPath: statusLinePath(root, context.env),
    stateHome: stateHome(context.env),
    command: statusLineCommand(process.execPath, cliFile()),
  };
}

/** The built command line, as the client starts it. */
const cliFile = (): string => join(hooksFolder(), '..', 'cli', 'main.js');

/** What the resident gate asks of the client. */
function requireResident(version: HostVersion | null): void {
  if (isAtLeast(version, ON_FAILURE_SINCE)) return;
  const least = ON_FAILURE_SINCE.join('.');
  throw new TollgateError({
    code: 'CLIENT_TOO_OLD',
    message:
      version === null
        ? 'no Claude Code was found, and the resident gate needs one'
        : `Claude Code ${version.join('.')} cannot call a resident gate`,
    hint: `put Claude Code ${least} or later on PATH, or run init without --resident`,
  });
}

/** Where the built hooks are: beside the built command line, also when this runs from a package. */
function hooksFolder(): string {
  for (const up of [
    ['..', 'hooks'],
    ['..', '..', 'hooks'],
    ['..', '..', '..', 'dist', 'hooks'],
  ]) {
    const folder = join(import.meta.dirname, ...up);
    if (existsSync(join(folder, 'pre-tool-use.cjs'))) return folder;
  }
  throw new TollgateError({
    code: 'NOT_BUILT',
    message: 'the hooks have not been built',
    hint: 'run npm run build first',
  });
}

export function problemError(problem: {
  readonly file?: string;
  readonly path?: string;
  readonly message: string;
  readonly hint: string;
}): TollgateError {
  const where = problem.file ?? problem.path ?? '';
  return new TollgateError({
    code: 'SETTINGS_REFUSED',
    message: where ? `${where}: ${problem.message}` : problem.message,
    hint: problem.hint,
  });
}
