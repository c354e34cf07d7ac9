// Where the repository of a folder is, found as git finds it: upwards, in `.git` folders and files, in bare repositories, or where
// `GIT_DIR` says. Rule: what git would not take for a repository is none.
import { existsSync, lstatSync, readFileSync, readlinkSync, realpathSync, statSync } from 'node:fs';
import { delimiter, dirname, isAbsolute, resolve } from 'node:path';

/** A repository as its folders. */
export interface Repository {
  /** Top of the working tree; the folder of the repository itself where it is bare. */
  readonly top: string;
  /** Of this worktree: the head is in it. */
  readonly gitDir: string;
  /** Of all worktrees: configuration and branches are in it. */
  readonly commonDir: string;
  /** Name of a linked worktree; `null` in the main one. */
  readonly worktree: string | null;
  /** Text of the head. */
  readonly head: string;
}

/** The repository that `folder` (no links in it) is in; `null` when in none. `env` counts where it is the folder's own. */
export function findRepository(folder: string, env: NodeJS.ProcessEnv | null): Repository | null {
  if (env?.GIT_DIR) return namedByEnv(folder, env.GIT_DIR, env);
  const ceilings = env?.GIT_CEILING_DIRECTORIES?.split(delimiter).filter(isAbsolute) ?? [];
  for (let top = folder; ; top = dirname(top)) {
    const dotGit = top === '/' ? '/.git' : `${top}/.git`;
    const kind = kindOf(dotGit);
    if (kind === 'file') return namedByFile(top, dotGit);
    const found =
      (kind === 'folder' ? repositoryAt(top, dotGit) : null) ??
      (existsSync(`${top}/HEAD`) ? repositoryAt(top, top) : null);
    if (found !== null) return found;
    if (dirname(top) === top || ceilings.includes(dirname(top))) return null;
  }
}

/** A linked worktree, a submodule, or a repository that is kept elsewhere: the file says where. */
function namedByFile(top: string, file: string): Repository | null {
  const text = readText(file)?.trim() ?? '';
  const mark = 'gitdir:';
  if (!text.startsWith(mark)) return null;
  return repositoryAt(top, resolve(top, text.slice(mark.length).trim()));
}

function namedByEnv(folder: string, gitDir: string, env: NodeJS.ProcessEnv): Repository | null {
  const found = repositoryAt(folder, resolve(folder, gitDir));
  if (found === null) return null;
  const commonDir = env.GIT_COMMON_DIR ? resolve(folder, env.GIT_COMMON_DIR) : found.commonDir;
  const top = env.GIT_WORK_TREE ? realOf(resolve(folder, env.GIT_WORK_TREE)) : folder;
  return { ...found, top, commonDir };
}

/** The repository whose folder is `gitDir`; `null` when that is no such folder. */
function repositoryAt(top: string, gitDir: string): Repository | null {
  const head = readHead(`${gitDir}/HEAD`);
  if (head === null) return null;
  // A submodule has its own configuration and no common folder; a linked worktree shares one.
  const common = readIfThere(`${gitDir}/commondir`)?.trim();
  const commonDir = common ? realOf(resolve(gitDir, common)) : gitDir;
  if (kindOf(`${commonDir}/objects`) !== 'folder') return null;
  const worktree = common ? gitDir.slice(dirname(gitDir).length + 1) : null;
  return { top, gitDir, commonDir, worktree, head };
}

/** Text of a head, also of one that is a link, as git made them once; `null` when it is no head. */
function readHead(file: string): string | null {
  const text = readText(file);
  if (text?.startsWith('ref:')) return text;
  if (text !== null && !/^[\da-f]{40}/.test(text)) return null;
  try {
    if (!lstatSync(file).isSymbolicLink()) return text;
    const target = readlinkSync(file);
    return target.startsWith('refs/') ? `ref: ${target}` : text;
  } catch {
    return null; // not there
  }
}

export function kindOf(path: string): 'file' | 'folder' | null {
  try {
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat === undefined) return null;
    return stat.isDirectory() ? 'folder' : 'file';
  } catch {
    return null;
  }
}

export function readText(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

/** The same of a file that mostly is not there: an exception costs more than the question. */
export const readIfThere = (path: string): string | null =>
  existsSync(path) ? readText(path) : null;

export function realOf(path: string): string {
  try {
    return realpathSync.native(path);
  } catch {
    return path; // a folder that is gone still has a name
  }
}
