// Which of our files a git command would take away or put back: `clean`, `stash`, `checkout`, `restore`, `reset --hard` and their like. Rule: git's own
// index says what it keeps; only where that is not enough is git asked.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  ignores,
  isIgnoredIn,
  isMeant,
  openRepository,
  type Repository,
  type Staging,
} from './git-repository.ts';
import { resolveFrom } from './shells/shell.ts';

/** A file that would change, and the command that does the rest of what was meant; `null` where there is none. */
export interface GitRefusal {
  readonly file: string;
  readonly instead: string | null;
}

/** A git command, taken apart. */
export interface GitCommand {
  readonly verb: string;
  readonly operands: readonly string[];
  /** Values of `-c`, as `name=value`. */
  readonly configs: readonly string[];
  readonly folder: string;
}

const VALUED =
  /^(-C|-c|--git-dir|--work-tree|--namespace|--exec-path|--super-prefix|--config-env)$/;

export function parseGit(words: readonly string[], folder: string): GitCommand {
  const configs: string[] = [];
  let at = 0;
  let where = folder;
  for (; words[at]?.startsWith('-'); at += 1) {
    const word = words[at] ?? '';
    const value = words[at + 1] ?? '';
    if (word === '-c') configs.push(value);
    if (word === '-C' || word === '--work-tree') where = resolveFrom(where, value);
    if (word.startsWith('--work-tree=')) where = resolveFrom(where, word.slice(12));
    if (VALUED.test(word)) at += 1;
  }
  return { verb: words[at] ?? '', operands: words.slice(at + 1), configs, folder: where };
}

/** The first of `files` (absolute) that a git command would change. `staging`: what git commands before it did to the index. */
export function gitRefusal(
  command: GitCommand,
  files: () => readonly string[],
  home: string,
  staging: Staging,
): GitRefusal | null {
  const does = VERBS.get(command.verb);
  const repository =
    does === undefined ? null : openRepository(command.folder, files(), home, staging);
  if (does === undefined || repository === null) return null;
  const found = does(command.operands, repository);
  if (found === null) return null;
  return { ...found, file: join(repository.root, found.file) };
}

type Does = (operands: readonly string[], repository: Repository) => GitRefusal | null;

const VERBS: ReadonlyMap<string, Does> = new Map(
  Object.entries<Does>({
    clean: cleans,
    stash: stashes,
    checkout: checksOut,
    switch: (operands, repository) => switches(operands, repository),
    restore: restores,
    reset: resets,
    rm: (operands, repository) =>
      isOfIndexAlone(operands)
        ? null
        : first(repository, ({ isTracked }) => isTracked, operandsOf(operands)),
    'read-tree': (operands, repository) =>
      has(operands, /^-u$/) ? differsIn(operandsOf(operands)[0], repository) : null,
    revert: (operands, repository) => {
      const [revision = 'HEAD'] = operandsOf(operands);
      return differsIn(`${revision}~1`, repository, revision);
    },
    'sparse-checkout': (operands, repository) =>
      operands[0] === 'set' && !has(operands, /\.claude/)
        ? first(repository, ({ isTracked }) => isTracked, [])
        : null,
    'checkout-index': (operands, repository) =>
      has(operands, /^-\w*f/) ? first(repository, ({ isModified }) => isModified, []) : null,
  }),
);

/** Whether a `git rm` leaves the files where they are. */
export const isOfIndexAlone = (operands: readonly string[]): boolean => has(operands, /^--cached$/);

const has = (operands: readonly string[], pattern: RegExp): boolean =>
  operands.some((word) => pattern.test(word));
const operandsOf = (operands: readonly string[]): string[] =>
  operands.filter((word) => !word.startsWith('-'));

/** Pathspecs: those after `--`, else those that stand in `otherwise`. */
function specsOf(operands: readonly string[], otherwise: readonly string[]): readonly string[] {
  const at = operands.indexOf('--');
  return at === -1 ? otherwise : operands.slice(at + 1);
}

function first(
  repository: Repository,
  test: (repository: Repository) => (file: string) => boolean,
  specs: readonly string[],
): GitRefusal | null {
  const file = repository.files.find(
    (each) => test(repository)(each) && isMeant(each, specs, repository),
  );
  return file === undefined ? null : { file, instead: null };
}

function cleans(operands: readonly string[], repository: Repository): GitRefusal | null {
  const letters = operands.filter((word) => /^-[a-zA-Z]+$/.test(word)).join('');
  if (letters.includes('n') || has(operands, /^--dry-run$/)) return null;
  if (!letters.includes('f') && !has(operands, /^--force$/)) return null;
  const isLeftOut = excludesOf(operands);
  const specs = specsOf(
    operands,
    operandsOf(operands).filter((word) => !isLeftOut.patterns.includes(word)),
  );
  const file = repository.files.find((each) => {
    if (repository.isTracked(each) || isLeftOut.matches(each)) return false;
    // Without -d a folder that holds nothing git keeps is not entered.
    if (!letters.includes('d') && !repository.isTracked(`${dirname(each)}/`)) return false;
    const isIgnored = isIgnoredIn(each, repository);
    const isTaken = letters.includes('X') ? isIgnored : letters.includes('x') || !isIgnored;
    return isTaken && isMeant(each, specs, repository);
  });
  return file === undefined
    ? null
    : { file, instead: ['git clean', ...operands, '-e', folderOf(file)].join(' ') };
}

function excludesOf(operands: readonly string[]) {
  const patterns = operands.flatMap((word, index) => {
    if (word === '-e' || word === '--exclude') return [operands[index + 1] ?? ''];
    return /^(-e.|--exclude=)/.test(word) ? [word.replace(/^(-e|--exclude=)/, '')] : [];
  });
  return { patterns, matches: (file: string) => patterns.some((each) => ignores(each, file)) };
}

const folderOf = (file: string): string => file.split('/')[0] ?? file;

function stashes(operands: readonly string[], repository: Repository): GitRefusal | null {
  const [word = 'push'] = operands;
  const verb = word.startsWith('-') ? 'push' : word;
  if (verb !== 'push' && verb !== 'save') return null;
  const rest = word === verb ? operands.slice(1) : operands;
  const takesIgnored = has(rest, /^(-\w*a|--all)$/);
  const takesNew = takesIgnored || has(rest, /^(-\w*u|--include-untracked)$/);
  const message = rest.findIndex((each) => /^(-\w*m|--message)$/.test(each));
  const named =
    verb === 'push'
      ? operandsOf(rest).filter((each) => each !== rest[message + 1] || message === -1)
      : [];
  const specs = specsOf(rest, named);
  const file = repository.files.find((each) => {
    const isTaken = repository.isTracked(each)
      ? repository.isModified(each)
      : takesNew && (takesIgnored || !isIgnoredIn(each, repository));
    return isTaken && isMeant(each, specs, repository);
  });
  if (file === undefined) return null;
  const kept = `':!${folderOf(file)}'`;
  const options = rest.filter((each) => each !== '--' && !specs.includes(each));
  return { file, instead: ['git stash push', ...options, '--', ...specs, kept].join(' ') };
}

function checksOut(operands: readonly string[], repository: Repository): GitRefusal | null {
  const at = operands.indexOf('--');
  const before = at === -1 ? operands : operands.slice(0, at);
  const given = operandsOf(before);
  const [name] = given;
  const isSwitch =
    at === -1 &&
    (has(before, /^(-[bB]|--orphan|--detach|-t|--track)$/) ||
      (name !== undefined && isRevision(name, repository)));
  if (isSwitch && given.length <= 2 && !(given.length === 2 && !has(before, /^-/)))
    return switches(operands, repository);
  const tree =
    at === -1 ? (name !== undefined && isRevision(name, repository) ? name : undefined) : name;
  const specs = specsOf(
    operands,
    given.filter((word) => word !== tree),
  );
  if (specs.length === 0)
    return has(operands, /^(-f|--force)$/)
      ? first(repository, ({ isModified }) => isModified, [])
      : null;
  if (tree !== undefined)
    return withoutOurs(differsIn(tree, repository, null, specs), 'git checkout', [tree], specs);
  return withoutOurs(
    first(repository, ({ isModified }) => isModified, specs),
    'git checkout',
    [],
    specs,
  );
}

/** The same for all files but ours. */
function withoutOurs(
  found: GitRefusal | null,
  command: string,
  options: readonly string[],
  specs: readonly string[],
): GitRefusal | null {
  if (found === null || !specs.some((spec) => !spec.includes(folderOf(found.file)))) return found;
  const kept = `':!${folderOf(found.file)}'`;
  return { ...found, instead: [command, ...options, '--', ...specs, kept].join(' ') };
}

function switches(operands: readonly string[], repository: Repository): GitRefusal | null {
  const given = operandsOf(operands);
  const isNew = has(operands, /^(-[bBcC]|--create|--force-create|--orphan)$/);
  const revision = isNew ? given[1] : given[0];
  if (has(operands, /^(-f|--force|--discard-changes)$/)) {
    const modified = first(repository, ({ isModified }) => isModified, []);
    if (modified !== null) return modified;
  }
  return revision === undefined
    ? null
    : differsIn(revision === '-' ? '@{-1}' : revision, repository);
}

function restores(operands: readonly string[], repository: Repository): GitRefusal | null {
  const isStagedOnly =
    has(operands, /^(-\w*S\w*|--staged)$/) && !has(operands, /^(-\w*W\w*|--worktree)$/);
  if (isStagedOnly) return null;
  const at = operands.findIndex((word) => /^(-s|--source)$/.test(word));
  const source =
    at >= 0 ? operands[at + 1] : operands.find((word) => word.startsWith('--source='))?.slice(9);
  const specs = specsOf(
    operands,
    operandsOf(operands).filter((word) => word !== source),
  );
  const found =
    source === undefined
      ? first(repository, ({ isModified }) => isModified, specs)
      : differsIn(source, repository, null, specs);
  return withoutOurs(found, 'git restore', source === undefined ? [] : ['--source', source], specs);
}

function resets(operands: readonly string[], repository: Repository): GitRefusal | null {
  if (!has(operands, /^--(hard|merge|keep)$/)) return null;
  const [revision] = operandsOf(operands);
  const modified = has(operands, /^--hard$/)
    ? first(repository, ({ isModified }) => isModified, [])
    : null;
  const found = modified ?? (revision === undefined ? null : differsIn(revision, repository));
  const isOwn = modified !== null && (revision === undefined || revision === 'HEAD');
  return found === null || !isOwn
    ? found
    : { ...found, instead: `git restore --staged --worktree -- . ':!${folderOf(found.file)}'` };
}

/** Ours that another commit has otherwise, or has not: git is asked, as it alone knows. */
function differsIn(
  revision: string | undefined,
  { root, files, isTracked, folder, home }: Repository,
  from: string | null = null,
  specs: readonly string[] = [],
): GitRefusal | null {
  const tracked = files.filter((file) => isTracked(file) && isMeant(file, specs, { root, folder }));
  if (revision === undefined || revision.startsWith('-') || tracked.length === 0) return null;
  try {
    const words = [
      'diff-tree',
      '-r',
      '--name-only',
      '--no-renames',
      from ?? 'HEAD',
      revision,
      '--',
      ...tracked,
    ];
    const env = { PATH: process.env.PATH ?? '/usr/bin:/bin', HOME: home, GIT_OPTIONAL_LOCKS: '0' };
    const answer = execFileSync('git', ['-C', root, ...words], {
      ...{ env, encoding: 'utf8', timeout: 1_000, stdio: ['ignore', 'pipe', 'ignore'] },
    });
    const [file] = answer.split('\n');
    return file ? { file, instead: null } : null;
  } catch {
    return null; // no such commit: git will say so
  }
}

function isRevision(name: string, { root }: Repository): boolean {
  if (existsSync(resolveFrom(root, name)) && !existsSync(join(root, '.git/refs/heads', name)))
    return false;
  return !/[*]|^\.{1,2}(\/|$)/.test(name);
}
