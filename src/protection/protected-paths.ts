// Which tool calls would change Tollgate's own files. Rule: refuse what plainly aims at them, let everything
// be read; what slips through a shell's many tricks is found by the transcript, which cannot be made cheaper.
import { realpathSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type { AgentTools, ToolCall } from '../agents/agent.ts';
import { isPattern, matchesPattern } from '../domain/pattern.ts';
import { changesNothing } from './read-only-calls.ts';
import { type ChangedPath, type ShellEffects, shellEffects } from './shell-effects.ts';

type Variables = Readonly<Record<string, string | undefined>>;

/** What a tool call is held against. */
export interface Guard {
  /** Files and folders (with all that is in them), absolute; `*` and `?` match. Most calls never ask. */
  readonly files: () => readonly string[];
  readonly cwd: string;
  /** Of the shell that would run a command. */
  readonly variables: Variables;
  readonly tools: AgentTools;
}

/** The protected file (or the command only people may give) that a tool call aims at, or `null`. */
export function protectedPath(tool: ToolCall, guard: Guard): string | null {
  if (changesNothing(tool, guard.tools)) return null;
  const effect = guard.tools.effectOf(tool);
  if (effect.kind === 'command') return inCommand(effect.command, guard);
  if (effect.kind === 'none') return null;
  const targets = guardTargets(guard);
  for (const path of effect.paths) {
    if (path.length > MAX_PATH_LENGTH) continue;
    const found = hitBy({ path, cwd: guard.cwd, isWhole: effect.isWhole }, targets, guard);
    if (found !== null) return found;
  }
  return null;
}

/** Longer texts are contents. */
const MAX_PATH_LENGTH = 4_096;

/** What a command too large to be read to its end counts as. */
const TOO_LARGE = 'a command too large to be checked';

function inCommand(command: string, guard: Guard): string | null {
  const effects = shellEffects(command, guard.cwd, guard.variables);
  const own = forbiddenCommand(effects, guard.tools);
  if (own !== null) return own;
  const targets = guardTargets(guard);
  for (const changed of effects.changed) {
    const found = hitBy(changed, targets, guard);
    if (found !== null) return found;
  }
  for (const code of effects.programs) {
    const found = targets.find(({ file }) =>
      spellingsOf(file, guard).some((name) => code.includes(name)),
    );
    if (found !== undefined) return found.file;
  }
  return effects.isTooLarge ? TOO_LARGE : null;
}

/** A protected file, with its path once links are followed. */
interface Target {
  readonly file: string;
  readonly paths: readonly string[];
}

const guardTargets = ({ files }: Guard): readonly Target[] =>
  files().map((file) => ({ file, paths: [...new Set([file, realOf(file)])] }));

/** The protected file that a change of this path would reach; `null` when there is none. */
function hitBy(
  { path, cwd, isWhole }: ChangedPath,
  targets: readonly Target[],
  { variables, tools }: Guard,
): string | null {
  const home = variables.HOME ?? '';
  const written = resolve(cwd, path.startsWith('~/') ? join(home, path.slice(2)) : path);
  const spellings = [...new Set([written, realOf(written)])];
  const isReached = ({ paths }: Target): boolean =>
    paths.some((file) => spellings.some((spelling) => isHit(spelling, file, isWhole, tools)));
  return targets.find(isReached)?.file ?? null;
}

function isHit(target: string, guarded: string, isWhole: boolean, tools: AgentTools): boolean {
  const pattern = target.replaceAll('/**/', '/*').replace(/\[(.)[^\]]*\]/g, '?');
  if (matchesPattern(pattern, guarded) || matchesPattern(guarded, target)) return true;
  if (target.startsWith(`${guarded}/`)) return true;
  if (isPattern(guarded) && matchesPattern(`${guarded}/*`, target)) return true;
  // A pattern may reach into a guarded folder, or a glob stand for the folder it lies in.
  if (target.includes('/**/')) {
    return (
      target.startsWith(`${guarded}/`) ||
      (!/\.\w+$/.test(guarded) && matchesPattern(pattern, `${guarded}/${basename(target)}`))
    );
  }
  if (!isWhole) return isClose(target, guarded, tools);
  for (let folder = dirname(guarded); folder !== dirname(folder); folder = dirname(folder)) {
    if (matchesAsShell(target, folder)) return true;
  }
  return target === '/';
}

/** The folder right around a protected file, when it holds such files only: not a repository. */
function isClose(target: string, guarded: string, { settingsFolder }: AgentTools): boolean {
  const folder = dirname(guarded);
  return target === folder && [settingsFolder, 'tollgate'].includes(basename(folder));
}

/** `*` of a shell stays within one name, and sees no hidden ones. */
function matchesAsShell(pattern: string, path: string): boolean {
  if (!isPattern(pattern)) return pattern === path;
  const wanted = pattern.split('/');
  const given = path.split('/');
  return (
    wanted.length === given.length &&
    wanted.every((part, index) => {
      const name = given[index] ?? '';
      return !(name.startsWith('.') && /^[*?]/.test(part)) && matchesPattern(part, name);
    })
  );
}

/** Names under which program text may speak of a file. */
function spellingsOf(file: string, { cwd, variables }: Guard): string[] {
  const home = variables.HOME;
  const plain = file.replace(/\/\*.*$/, '');
  const inside = plain.startsWith(`${cwd}/`) ? [plain.slice(cwd.length + 1)] : [];
  const below = home && plain.startsWith(`${home}/`) ? [plain.slice(home.length + 1)] : [];
  const name = basename(plain);
  const telling = /tollgate|^settings(\.local)?\.json$/.test(name) ? [name] : [];
  return [plain, ...inside, ...below, ...telling].filter((each) => each.length > 6);
}

const OURS_FOR_PEOPLE: readonly string[] = ['grant', 'resume', 'uninstall', 'init'];
/** Commands that only people may give, and those that would run the agent without the guard. */
function forbiddenCommand({ commands }: ShellEffects, tools: AgentTools): string | null {
  for (const { program, operands: rest, assigned } of commands) {
    const at = rest.findIndex((word) =>
      /(^|\/)tollgate(@[\w.-]+)?$|tollgate\/dist\/cli\/main\.js$|dist\/cli\/main\.js$/.test(word),
    );
    const args =
      program === 'tollgate'
        ? rest
        : at >= 0 && /^(npx|bunx|node|pnpm|yarn|npm)$/.test(program)
          ? rest.slice(at + 1)
          : [];
    const verb = args.find((word) => !word.startsWith('-')) ?? '';
    if (OURS_FOR_PEOPLE.includes(verb) && !rest.includes('--dry-run') && !rest.includes('--help')) {
      return `tollgate ${verb}`;
    }
    if (
      /^(npm|pnpm|yarn|bun)$/.test(program) &&
      /^(uninstall|remove|rm|un|unlink)$/.test(rest[0] ?? '') &&
      at >= 0
    ) {
      return `${program} ${rest[0]} tollgate`;
    }
    if (/^(pkill|killall|kill)$/.test(program) && rest.some((word) => /tollgate/.test(word))) {
      return `${program} of tollgate`;
    }
    const reason = tools.unguards({ program, operands: rest, assigned });
    if (reason !== null) return reason;
  }
  return null;
}

/** The path with links followed as far as it exists. */
function realOf(path: string): string {
  for (let folder = path; folder !== dirname(folder); folder = dirname(folder)) {
    try {
      return join(realpathSync.native(folder), path.slice(folder.length));
    } catch {
      // not there: its folder may be
    }
  }
  return path;
}
