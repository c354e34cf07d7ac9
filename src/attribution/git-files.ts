// Git facts read from the files git keeps, for the hook's hot path: a git process would cost more than
// the whole decision. Rule: what cannot be read is `null`, never a guess.
import { readFileSync, realpathSync, statSync } from 'node:fs';
import { dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { NOWHERE, type Place } from './source.ts';

/** The place `cwd` is, from `.git` files alone. */
export function readPlace(cwd: string, env: NodeJS.ProcessEnv): Place {
  const folder = realOf(cwd);
  const found = findGit(folder);
  if (!found) return { ...NOWHERE, developer: readEmail([globalConfig(env)]) };
  const config = readText(join(found.commonDir, 'config')) ?? '';
  const subPath = relative(found.top, folder);
  return {
    repository: remoteOf(config) ?? mainFolder(found),
    subPath: subPath === '' ? null : subPath,
    worktree: found.worktree,
    branch: branchOf(readText(join(found.gitDir, 'HEAD'))),
    developer: readEmail([config, globalConfig(env)]),
  };
}

/** `git@github.com:Acme/Shop.git`, `https://user:token@github.com/Acme/Shop` → `github.com/Acme/Shop`. */
export function normaliseRemote(url: string): string {
  const scp = /^(?:[^@/\s]+@)?([^:/\s]+):(?!\/\/)(.+)$/.exec(url);
  const plain = /^[a-z][a-z0-9+.-]*:\/\/(?:[^@/]*@)?([^/:]+)(?::\d+)?\/(.+)$/i.exec(url);
  const match = plain ?? (/^[a-z]:[\\/]/i.test(url) ? null : scp);
  if (!match) return url.replace(/\.git\/*$/, '').replace(/\/+$/, '');
  const path = (match[2] ?? '')
    .replace(/^\/+/, '')
    .replace(/\/+$/, '')
    .replace(/\.git$/, '');
  return `${(match[1] ?? '').toLowerCase()}/${path}`;
}

interface Found {
  readonly top: string;
  readonly gitDir: string;
  readonly commonDir: string;
  readonly worktree: string | null;
}

function findGit(folder: string): Found | null {
  for (let top = folder; ; top = dirname(top)) {
    const dotGit = join(top, '.git');
    const kind = kindOf(dotGit);
    if (kind === 'folder') return { top, gitDir: dotGit, commonDir: dotGit, worktree: null };
    if (kind === 'file') {
      const named = /^gitdir:\s*(.+?)\s*$/m.exec(readText(dotGit) ?? '')?.[1];
      if (!named) return null;
      const gitDir = resolve(top, named);
      const common = readText(join(gitDir, 'commondir'))?.trim();
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
  return found.worktree === null ? found.top : dirname(found.commonDir);
}

/** The URL of `origin`, or of the first remote there is. */
function remoteOf(config: string): string | null {
  let first: string | null = null;
  for (const { section, key, value } of settings(config)) {
    const remote = /^remote "(.+)"$/.exec(section)?.[1];
    if (remote === undefined || key !== 'url') continue;
    if (remote === 'origin') return normaliseRemote(value);
    first ??= normaliseRemote(value);
  }
  return first;
}

function branchOf(head: string | null): string | null {
  return /^ref: refs\/heads\/(.+?)\s*$/.exec(head ?? '')?.[1] ?? null;
}

function readEmail(configs: readonly (string | null)[]): string | null {
  for (const config of configs) {
    let email: string | null = null;
    for (const { section, key, value } of settings(config ?? '')) {
      if (section === 'user' && key === 'email') email = value; // the last one wins, as in git
    }
    if (email) return email;
  }
  return null;
}

function globalConfig(env: NodeJS.ProcessEnv): string | null {
  if (env.GIT_CONFIG_GLOBAL) return readText(env.GIT_CONFIG_GLOBAL);
  const home = env.HOME ?? '';
  const xdg = env.XDG_CONFIG_HOME || join(home, '.config');
  return readText(join(home, '.gitconfig')) ?? readText(join(xdg, 'git', 'config'));
}

function* settings(text: string): Generator<{ section: string; key: string; value: string }> {
  let section = '';
  for (const raw of text.split('\n')) {
    const line = raw.trim();
    const header = /^\[\s*([^\s\]"]+)(?:\s+"((?:[^"\\]|\\.)*)")?\s*\]/.exec(line);
    if (header) {
      const name = (header[1] ?? '').toLowerCase();
      section = header[2] === undefined ? name : `${name} "${header[2]}"`;
      continue;
    }
    const pair = /^([A-Za-z][\w-]*)\s*=\s*(.*)$/.exec(line);
    if (!pair) continue;
    const value = (pair[2] ?? '').replace(/\s+[#;].*$/, '').replace(/^"(.*)"$/, '$1');
    yield { section, key: (pair[1] ?? '').toLowerCase(), value };
  }
}

function kindOf(path: string): 'file' | 'folder' | null {
  try {
    return statSync(path).isDirectory() ? 'folder' : 'file';
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

function realOf(path: string): string {
  try {
    return realpathSync.native(path);
  } catch {
    return path; // a folder that is gone still has a name
  }
}
