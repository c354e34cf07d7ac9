// Git facts for commands, asked of git itself. Hooks read git's files instead (`git-files.ts`): a process costs
// more than the whole decision. Rule: reads only; what git does not know is `null`.
import { type SimpleGit, simpleGit } from 'simple-git';
import type { EpochMs } from '../domain/time.ts';
import { TollgateError } from '../errors.ts';

/** A branch and when it left its base. */
export interface BranchFacts {
  readonly branch: string;
  /** Names it had before it was renamed, the latest first. */
  readonly formerNames: readonly string[];
  /** The branch it is meant to be merged into, as git spells it: `origin/main`; `null`: none was found. */
  readonly base: string | null;
  /** When work on it can have begun; `null` on the base itself. */
  readonly leftBaseAt: EpochMs | null;
  /** When its last commit was made; `null` before the first one of the repository. */
  readonly lastCommitAt: EpochMs | null;
  /** Whether it has commits of its own. */
  readonly hasCommits: boolean;
}

const BASES = ['origin/main', 'origin/master', 'main', 'master'];
const SECOND_MS = 1_000;

/**
 * Reads the branch checked out at `cwd`, or the one named. Throws `TollgateError` outside a repository, for a head
 * that is on no branch, and for a base that does not exist.
 */
export async function readBranch(
  cwd: string,
  wanted: { readonly branch?: string | undefined; readonly base?: string | undefined },
): Promise<BranchFacts> {
  const git = await openRepository(cwd);
  const branch = wanted.branch ?? (await raw(git, 'symbolic-ref', '--quiet', '--short', 'HEAD'));
  if (branch === null) {
    throw new TollgateError({
      code: 'HEAD_DETACHED',
      message: 'the head is detached: no branch is checked out here',
      hint: 'name the branch: --branch feat/checkout',
    });
  }
  // A branch may be known by its name only, as in a build that checked out a merge of it.
  const tip = (await commitOf(git, `refs/heads/${branch}`)) ?? (await commitOf(git, 'HEAD'));
  const base = await findBase(git, wanted.base);
  const isBase = base === branch || base === `origin/${branch}`;
  const reflog = await readReflog(git, branch);
  const lastCommitAt = tip === null ? null : await timeOf(git, '%ct', tip);
  const facts = { branch, formerNames: reflog.formerNames, base, lastCommitAt };
  if (tip === null || base === null || isBase) {
    return { ...facts, leftBaseAt: null, hasCommits: false };
  }
  const fork = await raw(git, 'merge-base', base, tip);
  const own = fork === null ? null : await raw(git, 'rev-list', '--count', `${fork}..${tip}`);
  return {
    ...facts,
    hasCommits: Number(own ?? 0) > 0,
    leftBaseAt: earliest([
      reflog.createdAt ?? (fork === null ? null : await timeOf(git, '%ct', fork)),
      // A rebase moves the fork to a younger commit; when work was written stays as it was.
      fork === null ? null : await firstAuthoredAt(git, `${fork}..${tip}`),
    ]),
  };
}

/** Renamed branches of a repository: the name now, and those before it, the latest first. Empty where git cannot say. */
export async function readRenames(cwd: string): Promise<ReadonlyMap<string, readonly string[]>> {
  let text: string | null;
  try {
    const words = ['-g', '--branches', '--grep-reflog=^Branch: renamed', '--format=%gs'];
    text = await raw(await openRepository(cwd), 'log', ...words);
  } catch {
    return new Map();
  }
  const renames = new Map<string, string[]>();
  for (const line of (text ?? '').split('\n').reverse()) {
    const match = /^Branch: renamed refs\/heads\/(.+) to refs\/heads\/(.+)$/.exec(line);
    if (!match) continue;
    const [, from = '', to = ''] = match;
    renames.set(to, [from, ...(renames.get(from) ?? [])]);
    renames.delete(from);
  }
  return renames;
}

/** Messages of the commits that a branch has and its base has not, the newest first. */
export async function readMessages(cwd: string, base: string, tip = 'HEAD'): Promise<string[]> {
  const git = await openRepository(cwd);
  const text = await raw(git, 'log', '--no-merges', '--format=%B%x00', `${base}..${tip}`);
  return (text ?? '')
    .split('\u0000')
    .map((message) => message.trim())
    .filter(Boolean);
}

async function openRepository(cwd: string): Promise<SimpleGit> {
  const git = simpleGit({ baseDir: cwd, timeout: { block: 20_000 } });
  try {
    await git.raw('rev-parse', '--git-dir');
    return git;
  } catch (cause) {
    const isMissing = /ENOENT/.test(String(cause));
    const refusal = isMissing ? null : refusalOf(cause);
    if (refusal !== null) throw new TollgateError({ ...refusal, cause });
    throw new TollgateError({
      code: isMissing ? 'GIT_MISSING' : 'NOT_A_REPOSITORY',
      message: isMissing ? 'git is not installed' : `${cwd} is in no git repository`,
      hint: isMissing ? 'install git' : 'go to the repository whose branch you mean',
      cause,
    });
  }
}

/** Why git does not take a folder that is in a repository, in its own words; `null` where it is in none. */
function refusalOf(cause: unknown): { code: string; message: string; hint: string } | null {
  const text = cause instanceof Error ? cause.message : String(cause);
  const why = /^(?:fatal|error): (.+)$/m.exec(text)?.[1];
  if (why === undefined || why.startsWith('not a git repository')) return null;
  const remedy = /^\s*(git config .*safe\.directory.*)$/m.exec(text)?.[1];
  const hint = remedy ?? 'see what git status says there';
  return { code: 'REPOSITORY_REFUSED', message: `git says: ${why}`, hint };
}

/** What a git command prints; `null` when it fails or prints nothing. */
async function raw(git: SimpleGit, ...words: string[]): Promise<string | null> {
  try {
    return (await git.raw(words)).trim() || null;
  } catch {
    return null;
  }
}

const commitOf = (git: SimpleGit, name: string): Promise<string | null> =>
  raw(git, 'rev-parse', '--verify', '--quiet', `${name}^{commit}`);

async function timeOf(
  git: SimpleGit,
  field: '%ct' | '%at',
  commit: string,
): Promise<EpochMs | null> {
  const text = await raw(git, 'log', '-1', `--format=${field}`, commit);
  return text === null ? null : Number(text) * SECOND_MS;
}

async function firstAuthoredAt(git: SimpleGit, range: string): Promise<EpochMs | null> {
  const times = (await raw(git, 'log', '--format=%at', range))?.split('\n').map(Number) ?? [];
  return earliest(times.map((seconds) => seconds * SECOND_MS));
}

async function findBase(git: SimpleGit, wanted: string | undefined): Promise<string | null> {
  if (wanted !== undefined) {
    for (const name of [wanted, `origin/${wanted}`]) {
      if (await commitOf(git, name)) return name;
    }
    throw new TollgateError({
      code: 'BASE_UNKNOWN',
      message: `there is no branch ${wanted} to compare with`,
      hint: 'fetch it (git fetch origin), or name another one with --base',
    });
  }
  const remoteHead = await raw(
    git,
    'symbolic-ref',
    '--quiet',
    '--short',
    'refs/remotes/origin/HEAD',
  );
  for (const name of [...(remoteHead ? [remoteHead] : []), ...BASES]) {
    if (await commitOf(git, name)) return name;
  }
  return null;
}

/** What git remembers of a branch's beginning and of its earlier names. */
async function readReflog(
  git: SimpleGit,
  branch: string,
): Promise<{ createdAt: EpochMs | null; formerNames: readonly string[] }> {
  const text = await raw(
    git,
    'reflog',
    'show',
    '--date=unix',
    '--format=%gd%x09%gs',
    `refs/heads/${branch}`,
  );
  const lines = (text ?? '').split('\n').map((line) => line.split('\t'));
  const formerNames = lines.flatMap(([, what = '']) => {
    const from = /^Branch: renamed refs\/heads\/(.+) to refs\/heads\//.exec(what)?.[1];
    return from ? [from] : [];
  });
  const [when = '', what = ''] = lines.at(-1) ?? [];
  const seconds = /@\{(\d+)\}$/.exec(when)?.[1];
  const isCreation = /^branch: Created from/i.test(what);
  return {
    createdAt: isCreation && seconds ? Number(seconds) * SECOND_MS : null,
    formerNames: [...new Set(formerNames)].filter((name) => name !== branch),
  };
}

function earliest(times: readonly (EpochMs | null)[]): EpochMs | null {
  const known = times.filter((at): at is EpochMs => at !== null && Number.isFinite(at));
  return known.length > 0 ? Math.min(...known) : null;
}
