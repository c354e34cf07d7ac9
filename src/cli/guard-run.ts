// What `tollgate run` puts in front of its command: a ceiling of its own, and hooks where none are installed.
// Rule: hooks never fire twice, so they are handed over only where no settings file has ours.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { FOLDERS_VARIABLE } from '../agents/claude-code/environment.ts';
import { hookFilesIn } from '../agents/claude-code/install/hook-entries.ts';
import { readHookObstacles } from '../agents/claude-code/install/host-settings.ts';
import { readHostVersion } from '../agents/claude-code/install/host-version.ts';
import { hookEntriesHere, settingsPathOf } from '../agents/claude-code/install/install.ts';
import { holdsOurHooks } from '../agents/claude-code/install/settings-text.ts';
import { findProjectRoot, stateHome } from '../config/paths.ts';
import { exactUsd } from '../domain/money.ts';
import { TollgateError } from '../errors.ts';
import { amountOf } from './ask-budget.ts';
import type { CliContext } from './command.ts';
import { hooksFolder } from './init-plan.ts';

/** A command with what guards it. */
export interface GuardedRun {
  readonly command: readonly string[];
  /** For the command's environment. */
  readonly variables: Readonly<Record<string, string>>;
  /** Removes what was made for this run. */
  readonly cleanUp: () => void;
}

/** Prepares a run. Throws `TollgateError` for a ceiling that could not be enforced. */
export function guardRun(
  args: readonly string[],
  options: Readonly<Record<string, unknown>>,
  { runId, context }: { readonly runId: string; readonly context: CliContext },
): GuardedRun {
  const { cwd, env } = context;
  const key = createHash('sha256').update(runId).digest('hex').slice(0, 16);
  const folder = join(stateHome(env), 'runs', `${key}-${process.pid}`);
  const root = findProjectRoot(cwd);
  for (const { message } of readHookObstacles(root, env)) context.emit(`tollgate: ${message}`);
  const needsHooks = !isInstalled(root, env);
  const budget = budgetText(options);
  const isHost = isClaude(args[0] ?? '', env);
  if (needsHooks && !isHost && budget !== null) {
    throw new TollgateError({
      code: 'RUN_UNGUARDED',
      message: `no hooks are installed, and ${args[0]} is not claude, so --hard and --soft could not be enforced`,
      hint: 'run tollgate init, or give claude itself: tollgate run --hard 5 -- claude -p "…"',
    });
  }
  const files = {
    config: budget === null ? null : join(folder, 'config.json'),
    settings: needsHooks && isHost ? join(folder, 'settings.json') : null,
  };
  if (files.config !== null) write(folder, files.config, budget ?? '');
  let command = args;
  if (files.settings !== null) {
    const { own, rest } = withoutSettings(args);
    write(folder, files.settings, JSON.stringify(settingsWithHooks(own, rest[0] ?? '', context)));
    command = [rest[0] ?? '', '--settings', files.settings, ...rest.slice(1)];
  }
  return {
    command,
    variables: {
      TOLLGATE_RUN_ID: runId,
      ...(files.config === null ? {} : { TOLLGATE_RUN_CONFIG: files.config }),
    },
    cleanUp: () => rmSync(folder, { recursive: true, force: true }),
  };
}

function write(folder: string, file: string, text: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    writeFileSync(file, text, { mode: 0o600 });
  } catch (cause) {
    throw new TollgateError({
      code: 'STATE_UNWRITABLE',
      message: `the state folder cannot be written, so nothing was run: ${(cause as Error).message}`,
      hint: `set TOLLGATE_HOME to a folder that is writable for you; Claude Code needs such a home, too (HOME or ${FOLDERS_VARIABLE})`,
      cause,
    });
  }
}

/** A configuration with the run's one budget; `null` where none is asked for. */
function budgetText({ hard, soft }: Readonly<Record<string, unknown>>): string | null {
  if (hard === undefined && soft === undefined) return null;
  const [hardNano, softNano] = [
    hard === undefined ? null : amountOf(String(hard), '--hard'),
    soft === undefined ? null : amountOf(String(soft), '--soft'),
  ];
  if (hardNano !== null && softNano !== null && softNano > hardNano) {
    throw new TollgateError({
      code: 'BAD_AMOUNT',
      message: `--soft ${exactUsd(softNano)} is above --hard ${exactUsd(hardNano)}`,
      hint: 'the soft limit warns before the hard one halts, so it must be the lower',
    });
  }
  const budget = {
    id: 'run',
    period: 'session',
    ...(softNano === null ? {} : { soft: exactUsd(softNano) }),
    ...(hardNano === null ? {} : { hard: exactUsd(hardNano) }),
  };
  return JSON.stringify({ budgets: [budget] });
}

/** Whether a settings file that Claude Code reads here has our hooks, or our plugin. */
function isInstalled(root: string, env: NodeJS.ProcessEnv): boolean {
  return (['user', 'project', 'local'] as const).some((scope) => {
    const file = settingsPathOf(scope, root, env);
    const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
    return holdsOurHooks(text) || /"tollgate@[^"]*"\s*:\s*true/.test(text);
  });
}

/** Whether a command is Claude Code itself, by its name or by where a link of another name leads. */
function isClaude(file: string, env: NodeJS.ProcessEnv): boolean {
  if (file !== '' && file === env.TOLLGATE_CLAUDE) return true;
  const isNamed = (path: string): boolean => /^claude(\.exe)?$/.test(basename(path));
  if (isNamed(file)) return true;
  try {
    return isNamed(realpathSync(file));
  } catch {
    return false; // not a path
  }
}

/** The settings a command line hands over itself, as text; Claude Code reads only one such option. */
function withoutSettings(args: readonly string[]): { own: string | null; rest: readonly string[] } {
  const at = args.findIndex((arg) => arg === '--settings' || arg.startsWith('--settings='));
  if (at < 0) return { own: null, rest: args };
  const isJoined = args[at] !== '--settings';
  const own = isJoined ? (args[at] ?? '').slice('--settings='.length) : (args[at + 1] ?? '');
  return { own, rest: [...args.slice(0, at), ...args.slice(at + (isJoined ? 1 : 2))] };
}

function settingsWithHooks(own: string | null, host: string, { env }: CliContext): object {
  const { hooks = {}, ...rest } = ownSettings(own);
  const joined: Record<string, unknown[]> = { ...hooks };
  for (const { event, group } of hookEntriesHere(
    hookFilesIn(hooksFolder()),
    readHostVersion(host, env),
    env,
  )) {
    joined[event] = [...(joined[event] ?? []), group];
  }
  return { ...rest, hooks: joined };
}

function ownSettings(own: string | null): { hooks?: Record<string, unknown[]> } {
  if (own === null) return {};
  try {
    return JSON.parse(own.trimStart().startsWith('{') ? own : readFileSync(own, 'utf8'));
  } catch (cause) {
    throw new TollgateError({
      code: 'SETTINGS_REFUSED',
      message: `the settings of --settings cannot be read: ${(cause as Error).message}`,
      hint: 'give a file or a text of strict JSON',
      cause,
    });
  }
}
