// Which shell commands would change what only people may change: what a command would do, held against the protected files. Loaded by the first
// command that has to be read.
import { existsSync } from 'node:fs';
import { basename, dirname, extname } from 'node:path';
import type { ToolCommand } from '../agents/agent.ts';
import { isPattern, matchesPattern } from '../domain/pattern.ts';
import type { PathTest } from './find.ts';
import { gitRefusal, isOfIndexAlone, parseGit } from './git-changes.ts';
import type { Staging } from './git-repository.ts';
import type { Guard, Refusal } from './guard.ts';
import { ownCommand } from './own-commands.ts';
import { closeTo, realOf, type Targets, targetsOf } from './path-match.ts';
import type { Change } from './programs.ts';
import { type ChangedPath, type ShellEffects, shellEffects } from './shell-effects.ts';
import { resolveFrom } from './shells/shell.ts';
import { homeIn } from './windows-path.ts';

/** What a command too large to be read to its end counts as. */
const TOO_LARGE = 'a command too large to be checked';

/** What a command would change that only people may change; `null`: nothing. Never throws. */
export function refusedCommand(command: ToolCommand, guard: Guard): Refusal | null {
  const effects = effectsOf(command, guard);
  if (effects === null) return { path: TOO_LARGE, instead: null };
  const { tools } = guard;
  const own = ownCommand(effects.commands, tools);
  if (own !== null) return { path: own, instead: null };
  const targets = targetsOf(guard.files);
  for (const changed of distinct(effects.changed)) {
    const found = hitBy(changed, targets, guard, effects);
    if (found !== null) return { path: found, instead: null };
  }
  const byGit = inGit(effects, targets, guard);
  if (byGit !== null) return byGit;
  for (const code of effects.programs) {
    const found = targets.files().find((file) => isNamedIn(code, file, guard));
    if (found !== undefined) return { path: found, instead: null };
  }
  return effects.isTooLarge ? { path: TOO_LARGE, instead: null } : null;
}

/** `null`: it is nested deeper than the stack. */
function effectsOf({ text, shell }: ToolCommand, { cwd, variables }: Guard): ShellEffects | null {
  try {
    return shellEffects(text, { shell, cwd, variables });
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

function inGit({ commands }: ShellEffects, targets: Targets, { variables }: Guard): Refusal | null {
  const files = () =>
    targets.files().flatMap((file) => (isPattern(file) ? [] : [file, realOf(file)]));
  let staging: Staging = null;
  for (const { program, operands, folders } of commands) {
    if (program !== 'git') continue;
    for (const folder of folders) {
      const command = parseGit(operands, folder);
      const found = gitRefusal(command, files, homeIn(variables) ?? '', staging);
      if (found !== null) return { path: found.file, instead: found.instead };
      const isAll = command.operands.some((word) => /^(\.|-A|--all|\*|.*\.claude.*)$/.test(word));
      if (isAll && command.verb === 'add') staging = 'added';
      if (isAll && command.verb === 'rm' && isOfIndexAlone(command.operands)) staging = 'dropped';
    }
  }
  return null;
}

/** Long commands name the same path again and again. */
function* distinct(changed: readonly ChangedPath[]): Generator<ChangedPath> {
  const seen = new Set<string>();
  let last: readonly string[] | null = null;
  for (const each of changed) {
    if (each.folders !== last) seen.clear();
    last = each.folders;
    const { path, how, from, without, only } = each.change;
    const key = how === 'tree' ? `${path}/` : path;
    const isPlain = from === undefined && without === undefined && only === undefined;
    if (isPlain && seen.has(key)) continue;
    if (isPlain) seen.add(key);
    yield each;
  }
}

/** The protected file that a change would reach; `null` when there is none. */
function hitBy(
  { change, folders }: ChangedPath,
  targets: Targets,
  { variables, tools }: Guard,
  effects: ShellEffects | null,
): string | null {
  const { how, path } = change;
  const home = homeIn(variables) ?? '';
  const spelled = path.startsWith('~/') ? `${home}/${path.slice(2)}` : path;
  for (const folder of folders) {
    const written = resolveFrom(folder, spelled);
    const reached = (among: Targets) =>
      how === 'file' || how === 'tree'
        ? (among.find(written, how === 'tree') ??
          (how === 'file' ? closeTo(written, among, tools) : null))
        : copiedOver(written, change, folder, among, effects);
    // Most reach none of them, and sorting out those that are left out costs more.
    const found = reached(targets) === null ? null : reached(meantBy(change, folder, targets));
    if (found !== null) return found;
  }
  return null;
}

/** The protected files that a change does not leave out. */
function meantBy({ how, without = [], only = [] }: Change, folder: string, all: Targets): Targets {
  if (without.length === 0 && only.length === 0) return all;
  const passes = (file: string, test: PathTest): boolean => {
    // A folder, or files that a pattern stands for: something in it may pass.
    if (isPattern(file) || extname(file) === '') return true;
    return how === 'tree' ? foldersAbove(file).some(test) : test(file);
  };
  return targetsOf(() =>
    all
      .files()
      .filter(
        (file) => !isLeftOut(file, folder, without) && only.every((test) => passes(file, test)),
      ),
  );
}

/** The path itself, and its folders. */
function foldersAbove(path: string): string[] {
  const parts = path.split('/');
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'));
}

/** The file that a copied tree brings anew, or that one takes away that mirrors another. */
function copiedOver(
  into: string,
  { how, from = '' }: Change,
  folder: string,
  { files }: Targets,
  effects: ShellEffects | null,
): string | null {
  const start = into === '/' ? '' : into;
  const found = files().find((file) => {
    if (!file.startsWith(`${start}/`) || isPattern(file)) return false;
    const source = resolveFrom(folder, from.replace(/\/\.?$/, '') + file.slice(start.length));
    const isThere = existsSync(source) || effects?.written.has(source) === true;
    return isThere || (how === 'mirror' && existsSync(file));
  });
  return found ?? null;
}

/** `find` compares its patterns with paths that begin as its folder is written. */
function isLeftOut(file: string, folder: string, without: readonly string[]): boolean {
  const inside = file.startsWith(`${folder}/`) ? file.slice(folder.length + 1) : file;
  return without.some((pattern) =>
    [file, inside, `./${inside}`].some((each) => matchesPattern(pattern, each)),
  );
}

/** Whether program text speaks of a file, or of the folder that it lies in as a whole. */
function isNamedIn(code: string, file: string, { cwd, variables, tools }: Guard): boolean {
  const home = variables.HOME;
  const plain = file.replace(/\/\*.*$/, '');
  const inside = plain.startsWith(`${cwd}/`) ? [plain.slice(cwd.length + 1)] : [];
  const below = home && plain.startsWith(`${home}/`) ? [plain.slice(home.length + 1)] : [];
  const name = basename(plain);
  const telling = /tollgate|^settings(\.local)?\.json$/.test(name) ? [name] : [];
  if (
    [plain, ...inside, ...below, ...telling].some((each) => each.length > 6 && code.includes(each))
  )
    return true;
  if (basename(dirname(plain)) !== tools.settingsFolder) return false;
  return ["'", '"', '`'].some(
    (quote) => code.includes(`${tools.settingsFolder}${quote}`) && code.includes(quote),
  );
}
