// The host that an SSH configuration means by a name (`Host github.com-work`, `HostName github.com`). Rule: reads only; blocks
// whose conditions cannot be judged from the name alone are left out.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';
import { matchesPattern } from '../domain/pattern.ts';
import { PUBLIC_HOSTS } from '../domain/repository.ts';
import { homeOf } from '../runtime/places.ts';

const MAX_DEPTH = 16;
const SYSTEM_FILE = '/etc/ssh/ssh_config';

/** The real host behind a name; the name itself where nothing says otherwise, or an address in numbers stands behind it. */
export function sshHostName(alias: string, env: NodeJS.ProcessEnv): string {
  if (PUBLIC_HOSTS.has(alias) || alias.startsWith('[')) return alias;
  const home = homeOf(env);
  const named =
    hostNameIn(join(home, '.ssh', 'config'), alias, join(home, '.ssh'), 0) ??
    hostNameIn(SYSTEM_FILE, alias, dirname(SYSTEM_FILE), 0);
  if (named === null) return alias;
  const host = named.replace(/%h/g, alias).replace(/%%/g, '%').toLowerCase();
  // A tunnel or a private network: the name says more.
  const isNumber = /^[\d.]+$|:|^localhost$/.test(host);
  return isNumber || host.includes('%') ? alias : host;
}

/** The first `HostName` of a block that matches; `null` when there is none. */
function hostNameIn(file: string, alias: string, folder: string, depth: number): string | null {
  let isMeant = true;
  for (const { keyword, words } of linesOf(file)) {
    if (keyword === 'host') isMeant = matchesList(words, alias);
    else if (keyword === 'match') isMeant = matchesBlock(words, alias);
    else if (isMeant && keyword === 'hostname') return words[0] ?? null;
    else if (isMeant && keyword === 'include' && depth < MAX_DEPTH) {
      for (const each of words.flatMap((word) => included(word, folder))) {
        const found = hostNameIn(each, alias, folder, depth + 1);
        if (found !== null) return found;
      }
    }
  }
  return null;
}

function linesOf(file: string): readonly { keyword: string; words: readonly string[] }[] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return []; // not there, or not ours to read
  }
  return text.split('\n').flatMap((line) => {
    const [, keyword = '', rest = ''] = /^\s*([a-z]+)(?:\s*=\s*|\s+)(.*?)\s*$/i.exec(line) ?? [];
    const words = [...rest.matchAll(/"([^"]*)"|(\S+)/g)].map((word) => word[1] ?? word[2] ?? '');
    const comment = words.findIndex((word) => word.startsWith('#'));
    return keyword === ''
      ? []
      : [
          {
            keyword: keyword.toLowerCase(),
            words: comment === -1 ? words : words.slice(0, comment),
          },
        ];
  });
}

/** Patterns of a `Host` line: one must match, and none that begins with `!`. */
function matchesList(patterns: readonly string[], alias: string): boolean {
  const isMatch = (pattern: string) => matchesPattern(pattern.toLowerCase(), alias);
  const excluded = patterns.filter((each) => each.startsWith('!')).map((each) => each.slice(1));
  return patterns.some(isMatch) && !excluded.some(isMatch);
}

/** `Match all`, `Match host a,b`, `Match originalhost a`; anything else needs more than a name. */
function matchesBlock(words: readonly string[], alias: string): boolean {
  const [criterion = '', list = ''] = words;
  if (criterion.toLowerCase() === 'all') return words.length === 1;
  const isOfName = /^(host|originalhost)$/i.test(criterion) && words.length === 2;
  return isOfName && matchesList(list.split(','), alias);
}

/** The files that an `Include` means, in the order of their names. */
function included(word: string, folder: string): readonly string[] {
  const named = word.startsWith('~/') ? join(dirname(folder), word.slice(2)) : word;
  const path = isAbsolute(named) ? named : join(folder, named);
  return expand(path);
}

function expand(path: string): readonly string[] {
  const parts = path.split('/');
  const first = parts.findIndex((part) => /[*?]/.test(part));
  if (first === -1) return [path];
  const above = parts.slice(0, first).join('/') || '/';
  const pattern = parts[first] ?? '';
  return namesIn(above)
    .filter(
      (name) => matchesPattern(pattern, name) && (!name.startsWith('.') || pattern.startsWith('.')),
    )
    .sort()
    .flatMap((name) => expand([above, name, ...parts.slice(first + 1)].join('/')));
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
