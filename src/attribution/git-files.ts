// Git facts read from the files git keeps, for the hook's hot path: a git process would cost more than
// the whole decision. Rule: what cannot be read is `null`, never a guess.
import { constants, existsSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { dirname, isAbsolute, relative, resolve } from 'node:path';
import { NOWHERE, type Place } from './source.ts';

/** The place `cwd` is, from `.git` files alone. */
export function readPlace(cwd: string, env: NodeJS.ProcessEnv): Place {
  // Most work is done at the top of a repository, and there nothing depends on where links lead.
  const isTop = kindOf(`${cwd}/.git`) === 'folder';
  const folder = isTop ? cwd : realOf(cwd);
  const found = isTop ? mainWorktree(cwd) : findGit(folder);
  if (!found) return { ...NOWHERE, developer: globalEmail(env) };
  const { remote, email } = parseConfig(readText(`${found.commonDir}/config`));
  return {
    repository: remote === null ? mainFolder(found) : normaliseRemote(remote),
    subPath: folder === found.top ? null : relative(found.top, folder),
    worktree: found.worktree,
    branch: branchOf(readText(`${found.gitDir}/HEAD`)),
    developer: email ?? globalEmail(env),
  };
}

/** `git@github.com:Acme/Shop.git`, `https://user:token@github.com/Acme/Shop` → `github.com/Acme/Shop`. */
export function normaliseRemote(url: string): string {
  const scheme = url.indexOf('://');
  const address = scheme > 0 ? url.slice(scheme + 3) : url;
  // What is before a host may be a password.
  const hostEnd = Math.min(
    firstOf(address, '/'),
    scheme > 0 ? address.length : firstOf(address, ':'),
  );
  const host = address.slice(address.lastIndexOf('@', hostEnd) + 1);
  const slash = host.indexOf('/');
  const colon = firstOf(host, ':');
  if (scheme > 0 && slash > 0) {
    const name = host.slice(0, Math.min(slash, colon));
    if (name !== '') return named(name, host.slice(slash));
  } else if (scheme === -1 && colon < firstOf(host, '/') && colon > 0 && !isDrive(url)) {
    return named(host.slice(0, colon), host.slice(colon + 1));
  }
  return withoutEnd(withoutEnd(url, '/'), '.git');
}

const firstOf = (text: string, mark: string): number => {
  const at = text.indexOf(mark);
  return at === -1 ? text.length : at;
};

const isDrive = (url: string): boolean => url[1] === ':' && (url[2] === '\\' || url[2] === '/');

function named(host: string, path: string): string {
  let start = 0;
  while (path[start] === '/') start += 1;
  return `${host.toLowerCase()}/${withoutEnd(withoutEnd(path.slice(start), '/'), '.git')}`;
}

function withoutEnd(text: string, end: string): string {
  let rest = text;
  while (rest.endsWith(end)) rest = rest.slice(0, -end.length);
  return rest;
}

interface Found {
  readonly top: string;
  readonly gitDir: string;
  readonly commonDir: string;
  readonly worktree: string | null;
}

function mainWorktree(top: string): Found {
  return { top, gitDir: `${top}/.git`, commonDir: `${top}/.git`, worktree: null };
}

function findGit(folder: string): Found | null {
  for (let top = folder; ; top = dirname(top)) {
    const dotGit = `${top}/.git`;
    const kind = kindOf(dotGit);
    if (kind === 'folder') return mainWorktree(top);
    if (kind === 'file') {
      const named = /^gitdir:\s*(.+?)\s*$/m.exec(readText(dotGit) ?? '')?.[1];
      if (!named) return null;
      const gitDir = resolve(top, named);
      const common = readIfThere(`${gitDir}/commondir`)?.trim();
      // A submodule has its own configuration and no common folder; a linked worktree shares one.
      if (!common) return { top, gitDir, commonDir: gitDir, worktree: null };
      const commonDir = isAbsolute(common) ? common : resolve(gitDir, common);
      return { top, gitDir, commonDir, worktree: gitDir.slice(dirname(gitDir).length + 1) };
    }
    if (dirname(top) === top) return null;
  }
}

/** Without a remote a repository is named by the folder of its main worktree. */
function mainFolder(found: Found): string {
  return found.worktree === null ? realOf(found.top) : dirname(found.commonDir);
}

function branchOf(head: string | null): string | null {
  const mark = 'ref: refs/heads/';
  return head?.startsWith(mark) ? head.slice(mark.length).trim() || null : null;
}

function globalEmail(env: NodeJS.ProcessEnv): string | null {
  for (const file of globalFiles(env)) {
    const text = readIfThere(file);
    if (text !== null) return parseConfig(text).email;
  }
  return null;
}

/** The person's own git configuration; the first one that is there counts. */
function globalFiles(env: NodeJS.ProcessEnv): readonly string[] {
  if (env.GIT_CONFIG_GLOBAL) return [env.GIT_CONFIG_GLOBAL];
  const home = env.HOME ?? '';
  const xdg = env.XDG_CONFIG_HOME || `${home}/.config`;
  return [`${home}/.gitconfig`, `${xdg}/git/config`];
}

/** What of a git configuration is asked for: `origin` (else the first remote), and the last address, as in git. */
interface GitConfig {
  readonly remote: string | null;
  readonly email: string | null;
}

/**
 * Reads lines by hand and only those of `[remote "…"]` and `[user]`: this runs in every hook, and patterns would be
 * compiled in every hook.
 */
function parseConfig(text: string | null): GitConfig {
  let first: string | null = null;
  let origin: string | null = null;
  let email: string | null = null;
  let section = '';
  for (const raw of text === null ? [] : text.split('\n')) {
    const line = raw.trim();
    if (line.startsWith('[')) {
      section = sectionOf(line);
      continue;
    }
    const equals = line.indexOf('=');
    if (equals === -1) continue;
    const isUser = section === 'user';
    if (!isUser && !section.startsWith('remote ')) continue;
    const key = line.slice(0, equals).trimEnd().toLowerCase();
    if (isUser && key === 'email') email = assigned(line, equals) || null;
    if (isUser || key !== 'url') continue;
    const url = assigned(line, equals);
    first ??= url;
    if (section === 'remote "origin"') origin ??= url;
  }
  return { remote: origin ?? first, email };
}

/** `[Remote "Origin"]` → `remote "Origin"`: the first word is the same in any case, the quoted name is not. */
function sectionOf(line: string): string {
  const quote = line.indexOf('"');
  const end = quote === -1 ? line.indexOf(']') : line.lastIndexOf('"');
  if (quote === -1)
    return line
      .slice(1, end === -1 ? undefined : end)
      .trim()
      .toLowerCase();
  return `${line.slice(1, quote).trim().toLowerCase()} ${line.slice(quote, end + 1)}`;
}

/** What is assigned, without the comment behind it and the quotes around it. */
function assigned(line: string, equals: number): string {
  let value = line.slice(equals + 1).trim();
  for (const mark of ['#', ';']) {
    const comment = value.indexOf(mark);
    if (comment > 0 && value[comment - 1] === ' ') value = value.slice(0, comment).trimEnd();
  }
  const isQuoted = value.length > 1 && value.startsWith('"') && value.endsWith('"');
  return isQuoted ? value.slice(1, -1) : value;
}

function kindOf(path: string): 'file' | 'folder' | null {
  try {
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat === undefined) return null;
    return (stat.mode & constants.S_IFMT) === constants.S_IFDIR ? 'folder' : 'file';
  } catch {
    return null;
  }
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

/** The same of a file that mostly is not there: an exception costs more than the question. */
const readIfThere = (path: string): string | null => (existsSync(path) ? readText(path) : null);

function realOf(path: string): string {
  try {
    return realpathSync.native(path);
  } catch {
    return path; // a folder that is gone still has a name
  }
}
