// What a repository knows of our files: which it keeps, which have changed, which it is told to leave alone. Read from its files; git is not run.
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { matchesPattern } from '../domain/pattern.ts';
import { resolveFrom } from './shells/shell.ts';

/** What git is looked at with. */
export interface Repository {
  readonly root: string;
  readonly folder: string;
  readonly home: string;
  /** Ours in it, seen from its root; all are there. */
  readonly files: readonly string[];
  readonly isTracked: (file: string) => boolean;
  readonly isModified: (file: string) => boolean;
}

/** Whether pathspecs name a file; none name all. */
export function isMeant(
  file: string,
  specs: readonly string[],
  { root, folder }: { root: string; folder: string },
): boolean {
  const here = relative(root, folder);
  const matches = (spec: string): boolean => {
    const plain = spec
      .replace(/^:(\/|\((?:glob|top|icase|exclude|literal)[^)]*\)|[!^])/, '')
      .replace(/\/+$/, '');
    const path = spec.startsWith(':')
      ? plain
      : relative(root, resolveFrom(join(root, here), plain));
    return (
      path === '' ||
      path === '.' ||
      file === path ||
      file.startsWith(`${path}/`) ||
      matchesPattern(path.replaceAll('**/', ''), file)
    );
  };
  const isExcluded = (spec: string): boolean => /^:(\(exclude|[!^])/.test(spec);
  if (specs.some((spec) => isExcluded(spec) && matches(spec))) return false;
  const wanted = specs.filter((spec) => !isExcluded(spec));
  return wanted.length === 0 || wanted.some(matches);
}

/** What git commands before this one have done to the index: added everything, or taken files of ours out of it. */
export type Staging = 'added' | 'dropped' | null;

export function openRepository(
  folder: string,
  given: readonly string[],
  home: string,
  staging: Staging,
): Repository | null {
  let root = folder;
  while (!existsSync(join(root, '.git'))) {
    if (root === dirname(root)) return null;
    root = dirname(root);
  }
  const files = given
    .filter((file) => file.startsWith(`${root}/`) && existsSync(file))
    .map((file) => relative(root, file));
  if (files.length === 0) return null;
  let index: Buffer | null = null;
  const placeOf = (file: string): number => {
    index ??= readIndex(root);
    // An entry of the index ends with its path; a folder is the beginning of one.
    return index.indexOf(file.endsWith('/') ? file : `${file}\0`);
  };
  const isTracked = (file: string): boolean =>
    staging === 'added' || (staging === null && placeOf(file) > 0);
  const isModified = (file: string): boolean => {
    if (staging !== null) return staging === 'added';
    const at = placeOf(file);
    if (at <= 0 || index === null) return false;
    const stat = statSync(join(root, file));
    // 62 bytes before the path begins the entry: changed time, modified time, …, size (36), hash.
    const isLong =
      at >= 64 && (index.readUInt16BE(at - 2) & 0xfff) !== Math.min(file.length, 0xfff);
    const entry = at - (isLong ? 64 : 62);
    if (index.readUInt32BE(entry + 36) !== (stat.size & 0xffffffff) >>> 0) return true;
    if (index.readUInt32BE(entry + 8) === Math.floor(stat.mtimeMs / 1_000)) return false;
    const text = readFileSync(join(root, file));
    const { createHash } = process.getBuiltinModule('node:crypto');
    const hash = createHash('sha1').update(`blob ${text.length}\0`).update(text).digest('hex');
    return hash !== index.toString('hex', entry + 40, entry + 60);
  };
  return { root, folder, home, files, isTracked, isModified };
}

const NO_INDEX = Buffer.alloc(0);

function readIndex(root: string): Buffer {
  try {
    let folder = join(root, '.git');
    // A linked worktree has a file there that names its own folder.
    if (!statSync(folder).isDirectory()) {
      folder = resolveFrom(
        root,
        readFileSync(folder, 'utf8')
          .replace(/^gitdir:\s*/, '')
          .trim(),
      );
    }
    return readFileSync(join(folder, 'index'));
  } catch {
    return NO_INDEX;
  }
}

/** Whether git is told to leave a file alone. */
export function isIgnoredIn(file: string, { root, home }: Repository): boolean {
  const places = ['.gitignore', '.git/info/exclude', '.claude/.gitignore'].map((name) =>
    join(root, name),
  );
  let isIgnored = false;
  for (const place of [`${home}/.config/git/ignore`, ...places]) {
    const inside = place.endsWith('.claude/.gitignore') ? file.replace(/^\.claude\//, '') : file;
    for (const line of linesOf(place)) {
      if (line.startsWith('!')) isIgnored &&= !ignores(line.slice(1), inside);
      else isIgnored ||= ignores(line, inside);
    }
  }
  return isIgnored;
}

function linesOf(file: string): readonly string[] {
  try {
    return readFileSync(file, 'utf8')
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== '' && !line.startsWith('#'));
  } catch {
    return [];
  }
}

/** Whether a line of .gitignore matches a file or a folder above it. */
export function ignores(line: string, file: string): boolean {
  const pattern = line.replace(/\/+$/, '').replace(/^\*\*\//, '');
  const parts = file.split('/');
  const isAnchored = pattern.includes('/');
  return parts.some((part, index) =>
    isAnchored
      ? matchesPattern(pattern.replace(/^\//, ''), parts.slice(0, index + 1).join('/'))
      : matchesPattern(pattern, part),
  );
}
