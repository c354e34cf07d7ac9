// Whether a change that a command names reaches a protected file. Rule: a pattern matches as a shell has it: `*` stays within one name, and sees
// hidden names only where a dot says so.
import { lstatSync, realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { AgentTools } from '../agents/agent.ts';
import { isPattern, matchesPattern } from '../domain/pattern.ts';
import { ANY_DEPTH, ANYTHING } from './shells/shell.ts';
import { comparable, nativePath } from './windows-path.ts';

/** Protected files and folders, ready to be compared with many paths. */
export interface Targets {
  readonly files: () => readonly string[];
  /** The protected file that a change of this path (absolute, may be a pattern) reaches; `isTree`: of all that is below it. */
  readonly find: (path: string, isTree: boolean) => string | null;
}

interface Sets {
  /** Spelling → the file it is of. */
  readonly plain: ReadonlyMap<string, string>;
  /** Folder → a file below it. */
  readonly above: ReadonlyMap<string, string>;
  /** Files that stand for many, whose `*` crosses folders. */
  readonly many: readonly string[];
}

/** Links are followed for so many names of a command. */
const MAX_LOOKS = 500;

export function targetsOf(
  listFiles: () => readonly string[],
  platform: NodeJS.Platform = process.platform,
): Targets {
  // macOS takes names that differ in case, or in how accents are written, for one.
  const folded = (path: string) =>
    platform === 'darwin' ? path.normalize('NFC').toLowerCase() : path;
  // Most commands name nothing that could be one of them, and looking for them costs more than the rest.
  let known: { readonly files: readonly string[]; readonly sets: Sets } | null = null;
  const all = () => {
    const files = known?.files ?? listFiles().map(comparable);
    known ??= { files, sets: setsOf(files, folded) };
    return known;
  };
  const look = linkFollower();
  const find = (path: string, isTree: boolean): string | null => {
    const pattern = path.includes('[') ? path.replace(/\[(?:\^|!)?\]?[^\]]*\]/g, '?') : path;
    const { sets } = all();
    const real = look(pattern);
    const found = foundIn(folded(pattern), isTree, sets);
    return found ?? (real === pattern ? null : foundIn(folded(real), isTree, sets));
  };
  return { files: () => all().files, find };
}

function setsOf(files: readonly string[], folded: (path: string) => string): Sets {
  const plain = new Map<string, string>();
  const above = new Map<string, string>();
  const many: string[] = [];
  for (const file of files) {
    for (const spelling of new Set([folded(file), folded(realOf(file))])) {
      if (isPattern(spelling)) many.push(spelling);
      else plain.set(spelling, file);
      const end = isPattern(spelling) ? spelling.slice(0, spelling.search(/[*?]/)) : spelling;
      for (let folder = dirname(end); !above.has(folder); folder = dirname(folder))
        above.set(folder, file);
    }
  }
  return { plain, above, many };
}

function foundIn(path: string, isTree: boolean, sets: Sets): string | null {
  const isOpen = isPattern(path) || path.includes(ANY_DEPTH) || path.includes(ANYTHING);
  if (isOpen) return foundByPattern(path, isTree, sets);
  for (let end = path.length; end > 0; end = path.lastIndexOf('/', end - 1)) {
    const found = sets.plain.get(path.slice(0, end));
    if (found !== undefined) return found;
  }
  if (isTree && sets.above.has(path)) return sets.above.get(path) ?? null;
  return sets.many.find((file) => isOneOf(path, file, isTree)) ?? null;
}

/** Whether a plain path is one of the files that a pattern stands for, or a folder below the one it begins with. */
function isOneOf(path: string, file: string, isTree: boolean): boolean {
  if (matchesPattern(file, path)) return true;
  return isTree && path.startsWith(`${folderOf(file)}/`) && !/\.\w+$/.test(path);
}

/** The folder that a pattern begins with. */
const folderOf = (pattern: string): string =>
  dirname(`${pattern.slice(0, pattern.search(/[*?]/))}x`);

function foundByPattern(path: string, isTree: boolean, sets: Sets): string | null {
  const wanted = path.split('/');
  for (const [spelling, file] of sets.plain) {
    const parts = spelling.split('/');
    if (matchesParts(wanted.includes(ANY_DEPTH) ? wanted : wanted.slice(0, parts.length), parts))
      return file;
  }
  if (isTree) {
    for (const [folder, file] of sets.above) {
      if (matchesParts(wanted, folder === '/' ? [''] : folder.split('/'))) return file;
    }
  }
  return sets.many.find((file) => meets(wanted, file, isTree)) ?? null;
}

/** Whether two patterns may mean one file, as far as their folders and the ends of their names tell. */
function meets(wanted: readonly string[], file: string, isTree: boolean): boolean {
  const folder = folderOf(file).split('/');
  const last = wanted.at(-1) ?? '';
  const ending = file.slice(file.lastIndexOf('*') + 1);
  const isLikely = last.endsWith(ending) || /[*?\u0003]$/.test(last);
  if (!isLikely && !isTree) return false;
  if (wanted.includes(ANY_DEPTH) && matchesParts(wanted, [...folder, `x${ending}`])) return true;
  return wanted.length > folder.length && matchesParts(wanted.slice(0, folder.length), folder);
}

function matchesParts(wanted: readonly string[], parts: readonly string[], sees = false): boolean {
  const at = wanted.indexOf(ANY_DEPTH);
  if (at === -1) {
    return (
      wanted.length === parts.length &&
      wanted.every((name, index) => matchesName(name, parts[index] ?? '', sees))
    );
  }
  if (parts.length < at || !matchesParts(wanted.slice(0, at), parts.slice(0, at), sees))
    return false;
  const rest = wanted.slice(at + 1);
  for (let start = at; start + 1 <= parts.length; start += 1) {
    if (matchesParts(rest, parts.slice(start), true)) return true;
  }
  return false;
}

function matchesName(pattern: string, name: string, seesHidden: boolean): boolean {
  if (pattern.includes(ANYTHING)) return matchesPattern(pattern.replaceAll(ANYTHING, '*'), name);
  if (!isPattern(pattern)) return pattern === name;
  return (
    (seesHidden || !name.startsWith('.') || !/^[*?]/.test(pattern)) && matchesPattern(pattern, name)
  );
}

/** Follows links: each folder is looked at once, and none that lies in a missing one. */
function linkFollower(): (path: string) => string {
  const folders = new Map<string, Followed>();
  let looks = 0;
  const follow = (folder: string): Followed => {
    const above = folders.get(dirname(folder));
    if (above?.isMissing) return { real: join(above.real, basename(folder)), isMissing: true };
    looks += 1;
    return looks > MAX_LOOKS ? { real: folder, isMissing: false } : followed(folder);
  };
  return (path) => {
    const at = path.lastIndexOf('/');
    const folder = path.slice(0, at) || '/';
    let known = folders.get(folder);
    if (known === undefined) {
      known = follow(folder);
      folders.set(folder, known);
    }
    const { real } = known;
    looks += 1;
    const name = path.slice(at + 1);
    const there = looks > MAX_LOOKS || isPattern(name) ? undefined : lookAt(path);
    return there?.isSymbolicLink()
      ? realOf(path)
      : real === folder
        ? path
        : `${real === '/' ? '' : real}/${name}`;
  };
}

function lookAt(path: string) {
  try {
    return lstatSync(nativePath(path), { throwIfNoEntry: false });
  } catch {
    return undefined; // a name that no file can have, or a file in a folder's place
  }
}

/** A path with links followed as far as it exists. */
interface Followed {
  readonly real: string;
  /** Nothing lies there, nor below it. */
  readonly isMissing: boolean;
}

export const realOf = (path: string): string => followed(path).real;

function followed(path: string): Followed {
  for (let folder = path; folder !== dirname(folder); folder = dirname(folder)) {
    try {
      const real = realpathSync.native(nativePath(folder));
      const isMissing = folder !== path;
      return { real: comparable(join(real, path.slice(folder.length))), isMissing };
    } catch {
      // not there: its folder may be
    }
  }
  return { real: path, isMissing: true };
}

/** The file whose folder this is, when the folder holds such files only: not a repository. */
export function closeTo(
  path: string,
  { files }: Targets,
  { settingsFolder }: AgentTools,
): string | null {
  if (![settingsFolder, 'tollgate'].includes(basename(path))) return null;
  return files().find((file) => dirname(file) === path) ?? null;
}
