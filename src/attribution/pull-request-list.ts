// The pull requests of a repository, asked of GitHub's own program `gh` where it is installed. Rule: one call, bounded
// in time, never a question to the person; what cannot be found out is said in one line and changes nothing.
import { accessSync, constants } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';
import type { EpochMs } from '../domain/time.ts';

/** A pull request, as far as it tells whose work it is. */
export interface PullRequest {
  readonly number: number;
  readonly branch: string;
  /** When it was merged or closed; `null` while it is open. */
  readonly closedAt: EpochMs | null;
}

interface Failed {
  readonly kind: 'failed';
  readonly why: string;
}

/** What `gh` answered. */
export type Listed =
  | { readonly kind: 'listed'; readonly pullRequests: readonly PullRequest[] }
  | Failed;

/** One that was merged; its branch may have been of anybody's fork. */
export interface MergedPullRequest {
  readonly number: number;
  readonly branch: string;
  readonly mergedAt: EpochMs;
}

const PATIENCE_MS = 8_000;
/** Three pages; a branch older than that is one for `tollgate label`. */
const MOST = '300';
const NO_LIST = 'its answer is no list of pull requests';
const FIELDS = 'number,headRefName,headRepositoryOwner,closedAt';
/** Hosts that `gh` does not serve: asking there would only fail. */
const OTHER_HOSTS = /^(gitlab\.|bitbucket\.|dev\.azure\.|ssh\.dev\.azure\.|codeberg\.)/;

/**
 * Where `gh` is; `null` when nowhere. `TOLLGATE_GH` names another one, and `off` has none asked. For Windows' sake the
 * ending is tried, too.
 */
export function findGh(env: NodeJS.ProcessEnv): string | null {
  const named = env.TOLLGATE_GH;
  if (named === 'off') return null;
  if (named) return isAbsolute(named) && isProgram(named) ? named : null;
  const folders = (env.PATH ?? '').split(delimiter).filter(isAbsolute);
  return (
    folders
      .flatMap((folder) => [join(folder, 'gh'), join(folder, 'gh.exe')])
      .find((file) => isProgram(file)) ?? null
  );
}

/** Whether a normalised remote can have pull requests that `gh` knows. */
export const isAskable = (repository: string): boolean =>
  /^[^/\s]+\.[^/\s]+\/[^/\s]+\/[^/\s]+$/.test(repository) && !OTHER_HOSTS.test(repository);

/** Asks for the newest pull requests of a repository, open and closed. */
export async function listPullRequests(
  gh: string,
  repository: string,
  env: NodeJS.ProcessEnv,
  patienceMs = PATIENCE_MS,
): Promise<Listed> {
  const words = ['pr', 'list', '--repo', repository, '--state', 'all', '--limit', MOST];
  const answer = await ask(gh, [...words, '--json', FIELDS], env, patienceMs);
  if (answer.kind === 'failed') return answer;
  const owner = repository.split('/')[1] ?? '';
  const pullRequests = parseList(answer.text, owner);
  return pullRequests === null
    ? { kind: 'failed', why: NO_LIST }
    : { kind: 'listed', pullRequests };
}

/** The most that a project's repository is asked for. */
const MAX_MERGED = '1000';

/** Asks for the newest pull requests of a repository that were merged. */
export async function listMerged(
  gh: string,
  repository: string,
  env: NodeJS.ProcessEnv,
): Promise<{ readonly kind: 'listed'; readonly merged: readonly MergedPullRequest[] } | Failed> {
  const words = ['pr', 'list', '--repo', repository, '--state', 'merged', '--limit', MAX_MERGED];
  const fields = ['--json', 'number,headRefName,mergedAt'];
  const answer = await ask(gh, [...words, ...fields], env, PATIENCE_MS);
  if (answer.kind === 'failed') return answer;
  const list = parseArray(answer.text);
  if (list === null) return { kind: 'failed', why: NO_LIST };
  const merged = list.flatMap((each): MergedPullRequest[] => {
    const { number, headRefName: branch, mergedAt } = each ?? {};
    const at = typeof mergedAt === 'string' ? Date.parse(mergedAt) : Number.NaN;
    if (typeof number !== 'number' || typeof branch !== 'string' || Number.isNaN(at)) return [];
    return [{ number, branch, mergedAt: at }];
  });
  return { kind: 'listed', merged };
}

/** `null` when it is no list. A branch of somebody's fork is not the branch of that name here. */
function parseList(text: string, owner: string): readonly PullRequest[] | null {
  const list = parseArray(text);
  if (list === null) return null;
  return list.flatMap((each): PullRequest[] => {
    const { number, headRefName, headRepositoryOwner, closedAt } = each ?? {};
    const login = (headRepositoryOwner as { login?: unknown } | null | undefined)?.login;
    if (typeof number !== 'number' || typeof headRefName !== 'string') return [];
    if (typeof login !== 'string' || login.toLowerCase() !== owner.toLowerCase()) return [];
    const at = typeof closedAt === 'string' ? Date.parse(closedAt) : Number.NaN;
    return [{ number, branch: headRefName, closedAt: Number.isNaN(at) ? null : at }];
  });
}

function parseArray(text: string): readonly (Readonly<Record<string, unknown>> | null)[] | null {
  try {
    const list: unknown = JSON.parse(text);
    return Array.isArray(list) ? list : null;
  } catch {
    return null;
  }
}

type Answer = { readonly kind: 'said'; readonly text: string } | Failed;

/** Runs it to its end, or as long as we have patience; what it started may live on without us. */
function ask(
  file: string,
  words: readonly string[],
  env: NodeJS.ProcessEnv,
  patienceMs: number,
): Promise<Answer> {
  return new Promise((resolve) => {
    const child = process.getBuiltinModule('node:child_process').spawn(file, [...words], {
      env: { ...env, GH_PROMPT_DISABLED: '1', GH_NO_UPDATE_NOTIFIER: '1', NO_COLOR: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let [text, complaint] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (part: string) => {
      text += part;
    });
    child.stderr.setEncoding('utf8').on('data', (part: string) => {
      complaint += part;
    });
    const end = (answer: Answer) => {
      clearTimeout(timer);
      resolve(answer);
    };
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      child.stdout.destroy();
      child.stderr.destroy();
      child.unref();
      end({ kind: 'failed', why: `no answer within ${patienceMs / 1_000} s` });
    }, patienceMs);
    child.once('error', ({ message }) => end({ kind: 'failed', why: message }));
    child.once('close', (exitCode) => {
      const why = complaint.trim().split('\n')[0] || `it ended with ${exitCode}`;
      end(exitCode === 0 ? { kind: 'said', text } : { kind: 'failed', why });
    });
  });
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
