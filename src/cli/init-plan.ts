// What `tollgate init` is going to do, found out before anything is written. Rule: reads and refuses only.

import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { diffText } from '../agents/claude-code/install/diff.ts';
import { hookFilesIn } from '../agents/claude-code/install/hook-entries.ts';
import type { HookEntry } from '../agents/claude-code/install/hook-entry.ts';
import {
  type HostVersion,
  isAtLeast,
  ON_FAILURE_SINCE,
  readHostVersion,
} from '../agents/claude-code/install/host-version.ts';
import {
  hookEntriesHere,
  type InstallOutcome,
  type InstallScope,
  previewRewrite,
  projectHookEntries,
  type RewritePlan,
  settingsPathOf,
} from '../agents/claude-code/install/install.ts';
import {
  installLauncher,
  launcherPath,
  launcherText,
  readWhenMissing,
  type WhenMissing,
} from '../agents/claude-code/install/project-launcher.ts';
import { withGateMode } from '../agents/claude-code/install/resident-entries.ts';
import {
  projectServerEntry,
  readServer,
  type ServerEntry,
  serverEntry,
} from '../agents/claude-code/install/resident-server.ts';
import { planInstall } from '../agents/claude-code/install/settings-text.ts';
import { previewStatusLine, statusLinePath } from '../agents/claude-code/install/status-line.ts';
import { statusLineCommand } from '../agents/claude-code/install/status-line-text.ts';
import { isStrictJson, toStrictJson } from '../agents/claude-code/install/strict-json.ts';
import { findProjectRoot, stateHome } from '../config/paths.ts';
import { TollgateError } from '../errors.ts';
import { askBudgets } from './ask-budget.ts';
import type { CliContext } from './command.ts';
import { confirmed } from './confirm.ts';
import {
  budgetFileOf,
  type FirstBudget,
  type FirstSettings,
  type PlannedBudget,
  planBudgets,
} from './first-budget.ts';

/** Everything that was found before anything is written. */
export interface Plan {
  readonly scope: InstallScope;
  readonly root: string;
  readonly settingsPath: string;
  readonly stateHome: string;
  readonly version: HostVersion | null;
  readonly hookEntries: readonly HookEntry[];
  /** From the settings as they are to the settings with the hooks. */
  readonly settingsPlan: RewritePlan;
  readonly preview: InstallOutcome;
  readonly budgets: readonly FirstBudget[];
  /** What is written about how Claude Code is paid; `null`: nothing. */
  readonly billing: FirstSettings['billing'];
  readonly budgetFile: string;
  readonly plannedBudget: PlannedBudget | null;
  readonly launcher: { readonly path: string; readonly text: string } | null;
  readonly line: ReturnType<typeof lineRequest> | null;
  readonly linePreview: InstallOutcome | null;
  readonly server: ServerEntry | null;
  readonly isServerKnown: boolean;
}

export interface Written {
  readonly outcome: InstallOutcome;
  readonly isBudgetCommandNew: boolean;
  readonly statusLinePath: string | null;
}

export type Options = Readonly<Record<string, unknown>>;

export async function planInit(options: Options, context: CliContext): Promise<Plan> {
  const scope = options.scope as InstallScope;
  const { env } = context;
  const root = findProjectRoot(context.cwd);
  const settingsPath = settingsPathOf(scope, root, env);
  const home = stateHome(env);
  const strips = await stripsComments(settingsPath, options, context);
  const first = await askBudgets(options, context);
  const { budgets, billing } = first;
  const version = readHostVersion(undefined, env);
  if (options.resident) requireResident(version, scope);
  const isProject = scope === 'project';
  const commandEntries = isProject
    ? projectHookEntries(version)
    : hookEntriesHere(hookFilesIn(hooksFolder()), version, env);
  const hookEntries = options.resident
    ? withGateMode(commandEntries, '--resident')
    : commandEntries;
  const settingsPlan: RewritePlan = (settings) => {
    const { text } = settings;
    return planInstall({
      ...settings,
      text: strips && text ? toStrictJson(text) : text,
      hookEntries,
    });
  };
  const preview = requireDone(previewRewrite({ settingsPath, stateHome: home }, settingsPlan));
  const budgetFile = budgetFileOf(scope, root, env);
  const line = plannedLine(first, options, root, context);
  const serverWanted = isProject ? projectServerEntry() : serverEntry(process.execPath, cliFile());
  const server = options.resident ? serverWanted : null;
  const place = { scope, projectRoot: root, environment: env };
  return {
    scope,
    root,
    settingsPath,
    stateHome: home,
    version,
    hookEntries,
    settingsPlan,
    preview,
    budgets,
    billing,
    budgetFile,
    plannedBudget: budgets.length === 0 && billing === null ? null : planBudgets(budgetFile, first),
    launcher: isProject ? plannedLauncher(root, options) : null,
    line,
    linePreview: line === null ? null : requireDone(previewStatusLine(line)),
    server,
    isServerKnown: isDeepStrictEqual(readServer(place), server),
  };
}

/** Whether comments are to go; throws where they may not and the file would be skipped. */
async function stripsComments(
  settingsPath: string,
  options: Options,
  context: CliContext,
): Promise<boolean> {
  const text = existsSync(settingsPath) ? readFileSync(settingsPath, 'utf8') : null;
  // What is no JSON with comments either is refused later, with its place.
  if (isStrictJson(text) || (text !== null && !isStrictJson(toStrictJson(text)))) return false;
  if (options.stripComments) return true;
  const question =
    'Claude Code skips a settings file with comments or trailing commas. Take them out? (The original is kept for uninstall.)';
  if (context.isInteractive && !options.yes && (await confirmed(question, options, context))) {
    return true;
  }
  throw new TollgateError({
    code: 'SETTINGS_COMMENTS',
    message: `${settingsPath} has comments or trailing commas, and Claude Code skips such a file, hooks included`,
    hint: 'add --strip-comments (the original is kept for uninstall), or choose another --scope',
  });
}

function plannedLauncher(root: string, options: Options): NonNullable<Plan['launcher']> {
  const path = launcherPath(root);
  const source = readFileSync(join(hooksFolder(), '..', 'project-launcher.cjs'), 'utf8');
  const missing = (options.missing as WhenMissing | undefined) ?? readWhenMissing(path) ?? 'block';
  return { path, text: launcherText(source, missing) };
}

/** Puts a project's launcher back; its path, or `null` where it is as it should be. */
export function restoreLauncher(root: string, options: Options): string | null {
  const { path, text } = plannedLauncher(root, options);
  return installLauncher(path, text) === 'installed' ? path : null;
}

export function changesOf(plan: Plan): string[] {
  const { preview, settingsPath, plannedBudget, budgetFile, linePreview, launcher } = plan;
  const isLauncherNew =
    launcher !== null &&
    !(existsSync(launcher.path) && readFileSync(launcher.path, 'utf8') === launcher.text);
  return [
    preview.kind === 'installed' ? diffText(preview.before ?? '', preview.after, settingsPath) : '',
    plannedBudget?.changed
      ? diffText(plannedBudget.before ?? '', plannedBudget.after, budgetFile)
      : '',
    linePreview?.kind === 'installed'
      ? diffText(linePreview.before ?? '', linePreview.after, linePreview.settingsPath)
      : '',
    isLauncherNew
      ? `+++ ${launcher.path} (runs the hooks from wherever Tollgate is installed)`
      : '',
  ].filter(Boolean);
}

/** What the resident gate asks of the client. */
function requireResident(version: HostVersion | null, scope: InstallScope): void {
  if (scope === 'managed') {
    throw new TollgateError({
      code: 'NOT_FOR_EVERYBODY',
      message:
        'a resident gate is added to the settings of one person or project, not to those of the machine',
      hint: 'run tollgate init --managed without --resident',
    });
  }
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

/** Hooks in the cache of `npx` are gone when npm tidies up. */
export function refuseCache(): void {
  if (!/[\\/]_npx[\\/]/.test(hooksFolder())) return;
  throw new TollgateError({
    code: 'NOT_INSTALLED',
    message: 'npx keeps Tollgate in a cache that npm empties, and the hooks would end with it',
    hint: 'npm install -g tollgate, then tollgate init',
  });
}

export function requireDone<T extends InstallOutcome>(outcome: T): T {
  if (outcome.kind === 'failed') throw problemError(outcome.problem);
  return outcome;
}

/** The status line that is asked for; of a plan's windows Claude Code tells nothing else, so budgets in them bring it. */
function plannedLine(
  { budgets }: FirstSettings,
  { statusline, scope }: Options,
  root: string,
  context: CliContext,
) {
  if (statusline) return lineRequest(root, context);
  if (!budgets.some((budget) => 'plan' in budget)) return null;
  if (scope === 'managed') {
    context.emit(
      'tollgate: Claude Code tells of a plan to its status line only: each person runs tollgate init --scope user --statusline once',
    );
    return null;
  }
  try {
    return lineRequest(root, context);
  } catch (refused) {
    if (!(refused instanceof TollgateError)) throw refused;
    context.emit(
      `tollgate: without the status line nothing is known of the plan: ${refused.message}; ${refused.hint}`,
    );
    return null;
  }
}

/** Where the status line goes, and what it runs. */
function lineRequest(root: string, context: CliContext) {
  const settingsPath = statusLinePath(root, context.env);
  if (settingsPath === settingsPathOf('project', root, context.env)) {
    throw new TollgateError({
      code: 'NOT_PORTABLE',
      message: `the status line in ${settingsPath} is for everybody, and ours names a path of this machine`,
      hint: 'copy it to .claude/settings.local.json, where ours can stand beside it, and run this again',
    });
  }
  return {
    settingsPath,
    stateHome: stateHome(context.env),
    command: statusLineCommand(process.execPath, cliFile()),
  };
}

export const serverPlace = ({ scope, root }: Plan, { env }: CliContext) => ({
  scope,
  projectRoot: root,
  environment: env,
});

/** The folder of this package. */
export const packageFolder = (): string => dirname(dirname(hooksFolder()));

/** The built command line, as the client starts it. */
const cliFile = (): string => join(hooksFolder(), '..', 'cli', 'main.js');

/** Where the built hooks are: beside the built command line, also when this runs from a package. */
export function hooksFolder(): string {
  for (const up of [
    ['..', 'hooks'],
    ['..', '..', 'dist', 'hooks'],
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
