// Finds the pull requests of branches in the ledger that have none, and labels their lines. Rule: for people's commands
// only, each repository at most once an hour; it may fail at any point, and then the labels are what they were.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readRenames } from '../attribution/git.ts';
import {
  isAskable,
  type Listed,
  listPullRequests,
  type PullRequest,
} from '../attribution/pull-request-list.ts';
import { stateHome } from '../config/paths.ts';
import { writeStateFile } from '../config/state-file.ts';
import type { SumCondition } from '../domain/aggregates.ts';
import { repositoryKey } from '../domain/repository.ts';
import { ALL_TIME, type EpochMs, HOUR_MS, MINUTE_MS } from '../domain/time.ts';
import { TollgateError } from '../errors.ts';
import { planPullRequests } from '../reports/label-pull-requests.ts';
import { localPath, type PathSystem, pathSystemOf } from '../runtime/local-path.ts';
import type { Store } from '../stores/store.ts';
import type { CliContext } from './command.ts';
import { requirePerson } from './person.ts';

const ASK_AGAIN_MS = HOUR_MS;
/** Reports look for new branches no more often: on a large ledger even looking takes time. */
const LOOK_AGAIN_MS = 10 * MINUTE_MS;
const MAX_AT_ONCE = 4;
/** What is quick says nothing; what is slow says so at a terminal only, or what a script is told would be chance. */
const QUIET_MS = 500;
/** Lines moved in one transaction: hooks wait meanwhile. */
const MOVES_PER_TRANSACTION = 2_000;
const UTC = { timeZone: 'UTC', shifts: [{ fromAt: 0, shiftMs: 0 }] };
const WITHOUT_ONE: SumCondition = { key: 'pullRequest', patterns: [null] };

/** What was found out. */
export interface FoundPullRequests {
  readonly repositoryCount: number;
  /** Lines that have a pull request now. */
  readonly lineCount: number;
  readonly failures: readonly { readonly repository: string; readonly why: string }[];
}

/** Kept beside the ledger, and no loss when it is lost. */
interface Memory {
  /** When the ledger was last looked through for branches; 0: never. */
  readonly lookedAt: EpochMs;
  /** When each repository was asked about last. */
  readonly askedAt: Readonly<Record<string, EpochMs>>;
}

const NO_MEMORY: Memory = { lookedAt: 0, askedAt: {} };

/**
 * Asks `gh` (its path) about every repository with branches that have no pull request, and records what it says.
 * `null`: nobody was asked, because there is nothing to ask about yet, or because an agent gave the command.
 * A report (`isInPassing`) does not even look when somebody has looked just now.
 */
async function findPullRequests(
  gh: string,
  store: Store,
  context: CliContext,
  isInPassing: boolean,
): Promise<FoundPullRequests | null> {
  const memory = readMemory(context);
  // A clock that was set back must not silence anything for years.
  const isOver = (at: EpochMs, ms: number) => Math.abs(context.now - at) >= ms;
  if (isInPassing && !isOver(memory.lookedAt, LOOK_AGAIN_MS)) return null;
  if (!isPerson(store, context)) return null;
  const isDue = (repository: string) => isOver(memory.askedAt[repository] ?? 0, ASK_AGAIN_MS);
  const branches = branchesWithoutOne(store);
  const due = [...branches.keys()].filter((each) => isAskable(each) && isDue(each)).sort();
  // Remembered first: a ledger that refuses the labels is not asked about at every report.
  const asked = Object.fromEntries(due.map((each) => [each, context.now]));
  writeMemory(context, { lookedAt: context.now, askedAt: { ...memory.askedAt, ...asked } });
  if (due.length === 0) return null;
  const progress = process.stderr.isTTY
    ? setTimeout(() => context.emit('tollgate: asking gh for pull requests'), QUIET_MS)
    : undefined;
  const answers = await askAll(due, (each) => listPullRequests(gh, each, context.env));
  clearTimeout(progress);
  const folders = foldersOf(store, pathSystemOf(context.env));
  let lineCount = 0;
  const failures: { repository: string; why: string }[] = [];
  for (const [repository, answer] of answers) {
    if (answer.kind === 'failed') failures.push({ repository, why: answer.why });
    else {
      const known = await underFormerNames(
        answer.pullRequests,
        folders.get(repositoryKey(repository)),
      );
      lineCount += label(store, repository, branches.get(repository) ?? [], known, context.now);
    }
  }
  return { repositoryCount: due.length, lineCount, failures };
}

/** The same for people: one line for each failure, and one for what was found. Never throws for what `gh` may do. */
export async function tellPullRequests(
  gh: string,
  store: Store,
  context: CliContext,
  isInPassing: boolean,
): Promise<FoundPullRequests | null> {
  try {
    const found = await findPullRequests(gh, store, context, isInPassing);
    for (const { repository, why } of found?.failures ?? []) {
      context.emit(`tollgate: gh does not say the pull requests of ${repository}: ${why}`);
    }
    return found;
  } catch (error) {
    if (!(error instanceof TollgateError)) throw error;
    context.emit(`tollgate: pull requests were not recorded: ${error.message}`);
    return null;
  }
}

/** Budgets count by labels, and what an agent calls `gh` may be anything: an agent's shell labels nothing. */
function isPerson(store: Store, context: CliContext): boolean {
  try {
    requirePerson('sync', context, store.readSessions({}));
    return true;
  } catch (error) {
    if (error instanceof TollgateError) return false;
    throw error;
  }
}

/** Branches with spend that has no pull request, by repository. */
function branchesWithoutOne(store: Store): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  const query = { zone: UTC, window: ALL_TIME, where: [WITHOUT_ONE] };
  for (const { key } of store.readSums({ ...query, by: ['repository', 'branch'] })) {
    const [repository, branch] = key;
    if (typeof repository !== 'string' || typeof branch !== 'string') continue;
    found.set(repository, [...(found.get(repository) ?? []), branch]);
  }
  return found;
}

/** Several are asked at once; the answers stand in the order of the question. */
async function askAll(
  repositories: readonly string[],
  ask: (repository: string) => Promise<Listed>,
): Promise<readonly (readonly [string, Listed])[]> {
  const left = [...repositories.entries()];
  const answers: [string, Listed][] = [];
  const askOn = async () => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) {
      const [index, repository] = next;
      answers[index] = [repository, await ask(repository)];
    }
  };
  await Promise.all(Array.from({ length: MAX_AT_ONCE }, askOn));
  return answers;
}

/** Where somebody has worked in each repository last, by its key. */
function foldersOf(store: Store, system: PathSystem): ReadonlyMap<string, string> {
  const folders = new Map<string, string>();
  for (const { repository, cwd } of store.readSessions({})) {
    if (repository === null || cwd === null || folders.has(repositoryKey(repository))) continue;
    const folder = localPath(cwd, system);
    if (folder !== null && existsSync(folder)) folders.set(repositoryKey(repository), folder);
  }
  return folders;
}

/** Work on a branch that was renamed later is in the ledger under its name of then, which GitHub never heard. */
async function underFormerNames(
  pullRequests: readonly PullRequest[],
  folder: string | undefined,
): Promise<readonly PullRequest[]> {
  if (folder === undefined) return pullRequests;
  const renames = await readRenames(folder);
  const taken = new Set(pullRequests.map(({ branch }) => branch));
  return pullRequests.flatMap((each) => {
    const former = (renames.get(each.branch) ?? []).filter((name) => !taken.has(name));
    return [each, ...former.map((branch) => ({ ...each, branch }))];
  });
}

/** Moves the lines of a repository's branches under their pull requests; answers how many. */
function label(
  store: Store,
  repository: string,
  branches: readonly string[],
  pullRequests: readonly PullRequest[],
  now: EpochMs,
): number {
  const known = new Set(pullRequests.map(({ branch }) => branch));
  const patterns = branches.filter((branch) => known.has(branch));
  if (patterns.length === 0) return 0;
  const where: SumCondition[] = [
    { key: 'repository', patterns: [repository] },
    { key: 'branch', patterns },
    WITHOUT_ONE,
  ];
  let lineCount = 0;
  for (let startAt = ALL_TIME.startAt; ; ) {
    const moves = store.immediately(() => {
      const lines = store.readLines({ window: { ...ALL_TIME, startAt }, where });
      const due = planPullRequests(lines, pullRequests).slice(0, MOVES_PER_TRANSACTION);
      for (const { line, to } of due) store.reattribute(line, to, now);
      return due;
    });
    lineCount += moves.length;
    const last = moves.at(-1);
    if (last === undefined || moves.length < MOVES_PER_TRANSACTION) return lineCount;
    startAt = last.line.occurredAt;
  }
}

const memoryFile = (context: CliContext): string =>
  join(stateHome(context.env), 'pull-requests.json');

function readMemory(context: CliContext): Memory {
  try {
    const read: unknown = JSON.parse(readFileSync(memoryFile(context), 'utf8'));
    if (typeof read !== 'object' || read === null) return NO_MEMORY;
    const { lookedAt, askedAt } = read as { lookedAt?: unknown; askedAt?: unknown };
    const pairs = typeof askedAt === 'object' && askedAt !== null ? Object.entries(askedAt) : [];
    return {
      lookedAt: typeof lookedAt === 'number' ? lookedAt : 0,
      askedAt: Object.fromEntries(
        pairs.filter((each): each is [string, number] => typeof each[1] === 'number'),
      ),
    };
  } catch {
    return NO_MEMORY;
  }
}

/** A memory that cannot be kept costs another question, nothing else. */
function writeMemory(context: CliContext, memory: Memory): void {
  writeStateFile(memoryFile(context), () => `${JSON.stringify(memory)}\n`);
}
