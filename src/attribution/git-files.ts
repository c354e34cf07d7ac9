// Where somebody works, read from the files git keeps, for the hook's hot path: a git process would cost more than the whole
// decision. Rule: what cannot be read is `null`, never a guess; what files do not tell plainly is asked of git, once.
import { basename, dirname, relative, resolve } from 'node:path';
import { localPath, pathSystemOf } from '../runtime/local-path.ts';
import { askBranch, askOnce, askSettings } from './ask-git.ts';
import { findRepository, kindOf, type Repository, readText, realOf } from './find-repository.ts';
import { parseGitConfig } from './git-config.ts';
import { type GitIdentity, identityOf, readSettings } from './git-settings.ts';
import { NOWHERE, type Place } from './source.ts';

/** Where answers of git are kept, and whose environment it is. */
export interface PlaceOptions {
  /** Folder for answers of git; `null`: kept nowhere. */
  readonly memory: string | null;
  /** Whether `GIT_DIR` and the like are about this folder, and not about the one this process runs in. */
  readonly isOwnFolder: boolean;
}

const ALONE: PlaceOptions = { memory: null, isOwnFolder: false };

/** Variables that tell a process where its repository is. */
const LOCATION = [
  ...['GIT_DIR', 'GIT_WORK_TREE', 'GIT_COMMON_DIR', 'GIT_CEILING_DIRECTORIES', 'GIT_PREFIX'],
  ...['GIT_INDEX_FILE', 'GIT_OBJECT_DIRECTORY', 'GIT_NAMESPACE'],
];

/**
 * The place `cwd` is. A path that is not of this machine (relative, another system's, `null` when nobody knows) is no place, and
 * says nothing but who works here.
 */
export function readPlace(
  cwd: string | null,
  env: NodeJS.ProcessEnv,
  options: PlaceOptions = ALONE,
): Place {
  const known = options.isOwnFolder ? env : withoutLocation(env);
  const local = cwd === null ? null : localPath(cwd, pathSystemOf(env));
  if (local === null) return { ...NOWHERE, developer: personOf(known, options) };
  // Most work is done at the top of a repository, and there nothing depends on where links lead.
  const isTop = kindOf(`${local}/.git`) === 'folder' && !known.GIT_DIR;
  const folder = isTop ? local : realOf(local);
  const found = findRepository(folder, options.isOwnFolder ? env : null);
  if (found === null) return { ...NOWHERE, developer: personOf(known, options) };
  const identity = readIdentity(found, known, options);
  const top = topOf(found, identity);
  const below = relative(top, folder);
  return {
    repository: identity.remote?.name ?? mainFolder(found, top),
    ...(identity.remote !== null && identity.remote.written !== identity.remote.name
      ? { repositoryAsWritten: identity.remote.written }
      : {}),
    subPath: found.top === found.gitDir || below === '' || below.startsWith('..') ? null : below,
    worktree: found.worktree,
    ...headOf(found, known, options),
    developer: identity.email,
  };
}

function withoutLocation(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  if (!LOCATION.some((name) => env[name] !== undefined)) return env;
  return Object.fromEntries(Object.entries(env).filter(([name]) => !LOCATION.includes(name)));
}

/** Who works on this machine, outside of any repository. */
const personOf = (env: NodeJS.ProcessEnv, options: PlaceOptions): string | null =>
  readIdentity(null, env, options).email;

function readIdentity(
  found: Repository | null,
  env: NodeJS.ProcessEnv,
  { memory }: PlaceOptions,
): GitIdentity {
  const { settings, files, needsGit } = readSettings(found, env);
  const top = found?.top ?? '/';
  if (!needsGit) return identityOf(settings, top, env);
  // A condition may be about the branch, and that changes with the head.
  const deciding = found === null ? files : [...files, `${found.gitDir}/HEAD`];
  const answer = askOnce<GitIdentity>(
    { key: keyOf('config', top, env), files: deciding },
    memory,
    () => {
      const asked = askSettings(top, env);
      return asked && { value: identityOf(asked.value, top, env), files: asked.files };
    },
  );
  // Without git's word nobody knows whose address counts here.
  return answer ?? { ...identityOf(settings, top, env), email: null };
}

/** Names a question; what of the environment git goes by is part of it. */
function keyOf(what: string, folder: string, env: NodeJS.ProcessEnv): string {
  const own = Object.entries(env).filter(([name]) => name.startsWith('GIT_'));
  const { HOME = '', XDG_CONFIG_HOME = '', EMAIL = '' } = env;
  return JSON.stringify([what, folder, HOME, XDG_CONFIG_HOME, EMAIL, own.sort()]);
}

const HEAD_MARK = 'refs/heads/';

/** The branch that is checked out; `null` where the head is on none. */
function headOf(
  found: Repository,
  env: NodeJS.ProcessEnv,
  { memory }: PlaceOptions,
): Pick<Place, 'branch' | 'isHeadUnknown'> {
  const ref = found.head.startsWith('ref:') ? found.head.slice('ref:'.length).trim() : '';
  const branch = ref.startsWith(HEAD_MARK) ? ref.slice(HEAD_MARK.length) || null : null;
  if (branch !== '.invalid') return { branch };
  // The repository keeps its branches in tables, and this is what it writes for those who cannot read them.
  const files = [`${found.gitDir}/reftable/tables.list`];
  const answer = askOnce({ key: keyOf('head', found.top, env), files }, memory, () =>
    askBranch(found.top, env),
  );
  return answer === null ? { branch: null, isHeadUnknown: true } : { branch: answer || null };
}

/** The top of the working tree; `core.worktree` may put it elsewhere. */
function topOf({ top, gitDir, worktree }: Repository, identity: GitIdentity): string {
  if (identity.worktree === null || worktree !== null) return top;
  return realOf(resolve(gitDir, identity.worktree));
}

/** Without a remote a repository is named by the folder of its main worktree, and a bare one by itself. */
function mainFolder({ commonDir, worktree }: Repository, top: string): string {
  // `.git`, and `.bare` beside the worktrees of a bare one.
  const isInside = worktree !== null || top === commonDir;
  if (isInside && basename(commonDir).startsWith('.')) return dirname(commonDir);
  if (worktree === null) return realOf(top);
  const settings = parseGitConfig(readText(`${commonDir}/config`) ?? '');
  const main = settings.findLast(({ key }) => key === 'core.worktree');
  return main === undefined ? commonDir : realOf(resolve(commonDir, main.value));
}
