// What git's configuration says of a repository and of the person, from the files git reads, in its order. Rule: files that include
// others are left to git itself (`ask-git.ts`), and no address of a remote leaves this file: it may hold a password.
import { resolve } from 'node:path';
import { kindOf, type Repository, readIfThere, realOf } from './find-repository.ts';
import { type GitSetting, parseGitConfig } from './git-config.ts';
import { nameRemote } from './remote.ts';
import { sshHostName } from './ssh-config.ts';

/** What settings say that a place is labelled with. */
export interface GitIdentity {
  /** The repository's name by its remote, and as the remote's address spells it; `null` without a remote. */
  readonly remote: { readonly name: string; readonly written: string } | null;
  readonly email: string | null;
  /** Where the working tree is, if not around the repository's folder; as it is written. */
  readonly worktree: string | null;
}

/** The settings that files and environment give, or that only git itself can tell. */
export interface ReadSettings {
  readonly settings: readonly GitSetting[];
  /** Files that were read or would have been. */
  readonly files: readonly string[];
  /** Whether a file includes others, or a command's own settings count. */
  readonly needsGit: boolean;
}

/** Reads what counts for a repository (`null`: outside of any), the strongest last. */
export function readSettings(found: Repository | null, env: NodeJS.ProcessEnv): ReadSettings {
  const files = personFiles(env);
  const settings = files.flatMap(settingsIn);
  if (found !== null) {
    const own = `${found.commonDir}/config`;
    const local = settingsIn(own);
    const ofWorktree = `${found.gitDir}/config.worktree`;
    files.push(own, ofWorktree);
    settings.push(...local);
    if (isOn(lastOf(local, 'extensions.worktreeconfig'))) settings.push(...settingsIn(ofWorktree));
  }
  settings.push(...settingsOfEnv(env));
  const needsGit =
    Boolean(env.GIT_CONFIG_PARAMETERS) ||
    settings.some(({ key }) => key === 'include.path' || key.startsWith('includeif.'));
  return { settings, files, needsGit };
}

function settingsIn(file: string): readonly GitSetting[] {
  const text = readIfThere(file);
  return text === null ? [] : parseGitConfig(text);
}

/** The machine's file, and the person's own two. */
function personFiles(env: NodeJS.ProcessEnv): string[] {
  const home = env.HOME || env.USERPROFILE || '';
  const xdg = env.XDG_CONFIG_HOME || `${home}/.config`;
  const system = isOn(env.GIT_CONFIG_NOSYSTEM) ? [] : [env.GIT_CONFIG_SYSTEM ?? '/etc/gitconfig'];
  const own = env.GIT_CONFIG_GLOBAL ?? null;
  return [...system, ...(own === null ? [`${xdg}/git/config`, `${home}/.gitconfig`] : [own])];
}

/** `GIT_CONFIG_COUNT`, `GIT_CONFIG_KEY_0`, `GIT_CONFIG_VALUE_0`, … */
function settingsOfEnv(env: NodeJS.ProcessEnv): readonly GitSetting[] {
  const count = Number(env.GIT_CONFIG_COUNT ?? 0);
  const found: GitSetting[] = [];
  for (let at = 0; at < count; at += 1) {
    const key = env[`GIT_CONFIG_KEY_${at}`];
    const value = env[`GIT_CONFIG_VALUE_${at}`];
    if (key === undefined || value === undefined) break;
    found.push({ key: canonicalKey(key), value });
  }
  return found;
}

/** Section and name in small letters; what stands between them is kept. */
function canonicalKey(key: string): string {
  const [first, last] = [key.indexOf('.'), key.lastIndexOf('.')];
  if (first === -1) return key.toLowerCase();
  return key.slice(0, first).toLowerCase() + key.slice(first, last) + key.slice(last).toLowerCase();
}

const lastOf = (settings: readonly GitSetting[], key: string): string | undefined =>
  settings.findLast((each) => each.key === key)?.value;

const isOn = (value: string | undefined): boolean =>
  value !== undefined && !['', '0', 'false', 'no', 'off'].includes(value.toLowerCase());

/** What settings say; `folder` is where the addresses of remotes start that are folders. */
export function identityOf(
  settings: readonly GitSetting[],
  folder: string,
  env: NodeJS.ProcessEnv,
): GitIdentity {
  const url = remoteUrl(settings);
  return {
    remote: url === null ? null : nameOf(rewritten(url, settings), folder, env),
    email: lastEmail(settings) ?? emailOfEnv(env),
    worktree: lastOf(settings, 'core.worktree') ?? null,
  };
}

/** One that is empty names nobody. */
const lastEmail = (settings: readonly GitSetting[]): string | null =>
  settings
    .findLast(({ key, value }) => key === 'user.email' && value.trim() !== '')
    ?.value.trim() ?? null;

/** Git takes these for the author where no setting names one. */
const emailOfEnv = (env: NodeJS.ProcessEnv): string | null =>
  env.GIT_AUTHOR_EMAIL?.trim() || env.EMAIL?.trim() || null;

/** The address that git fetches from: of `origin`, else of the first remote there is. */
function remoteUrl(settings: readonly GitSetting[]): string | null {
  let first: string | null = null;
  let origin: string | null = null;
  for (const { key, value } of settings) {
    if (!key.startsWith('remote.') || !key.endsWith('.url') || value === '') continue;
    first ??= value;
    if (key === 'remote.origin.url') origin ??= value;
  }
  return origin ?? first;
}

/** The address as git would use it: the longest beginning that `url.<base>.insteadOf` names becomes the base. */
function rewritten(url: string, settings: readonly GitSetting[]): string {
  let [base, beginning] = ['', ''];
  for (const { key, value } of settings) {
    if (!key.startsWith('url.') || !key.endsWith('.insteadof')) continue;
    if (value.length <= beginning.length || !url.startsWith(value)) continue;
    base = key.slice('url.'.length, -'.insteadof'.length);
    beginning = value;
  }
  return base + url.slice(beginning.length);
}

function nameOf(url: string, folder: string, env: NodeJS.ProcessEnv): GitIdentity['remote'] {
  const found = nameRemote(url, (alias) => sshHostName(alias, env));
  if (found === null) return null;
  const { name, written, isFolder } = found;
  return isFolder ? { name: folderOf(name, folder), written } : { name, written };
}

/** A repository on this machine is named as it names itself; one that is not there by its address. */
function folderOf(name: string, folder: string): string {
  if (/^([a-z]:|[\\~]|\/\/)/i.test(name)) return name;
  const path = resolve(folder, name);
  for (const candidate of [path, `${path}.git`]) {
    if (kindOf(`${candidate}/.git`) !== null) return realOf(candidate);
    if (kindOf(`${candidate}/HEAD`) === 'file') return realOf(candidate);
  }
  return path;
}
