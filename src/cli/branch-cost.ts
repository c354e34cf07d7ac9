// What the branch at hand has cost, for `tollgate pr` and `tollgate trailer`. Rule: the newest lines of the
// transcripts are read first, because the request that asked for the commit may not be in the ledger yet.
import { type BranchFacts, readBranch } from '../attribution/git.ts';
import type { GroupSums, SumQuery } from '../domain/aggregates.ts';
import { repositoryKey } from '../domain/repository.ts';
import { DAY_MS, type EpochMs } from '../domain/time.ts';
import { TollgateError } from '../errors.ts';
import { isOnPlan } from '../gate/billing.ts';
import type { EventDeps } from '../gate/on-event.ts';
import { ingestSession } from '../ingest/ingest-session.ts';
import type { WorkCost } from '../reports/trailer.ts';
import type { Store } from '../stores/store.ts';
import { placeReader } from '../wire.ts';
import type { CliContext } from './command.ts';
import { hasLedger, withLedger } from './context.ts';
import { requireConfig } from './read-config.ts';

/** Name for cost without a model; readers of a pull request do not know `(unattributed)`. */
const HIDDEN = 'hidden requests';

const NOTHING_SPENT: WorkCost = {
  costNanoUsd: 0,
  requestCount: 0,
  sessionCount: 0,
  models: [],
};

/** The branch that is meant: named, checked out, or said by the build that checked out a merge of it. */
export async function branchAtHand(
  options: Readonly<Record<string, unknown>>,
  context: CliContext,
): Promise<BranchFacts> {
  const text = (value: unknown) => (typeof value === 'string' && value !== '' ? value : undefined);
  const wanted = { branch: text(options.branch), base: text(options.base) };
  const facts = await readFacts(wanted, context);
  if (facts.base === null) {
    context.emit(
      'tollgate: no base branch was found, so everything ever spent on the branch counts; name it, as in --base develop',
    );
  }
  return facts;
}

async function readFacts(
  wanted: Parameters<typeof readBranch>[1],
  context: CliContext,
): Promise<BranchFacts> {
  try {
    return await readBranch(context.cwd, wanted);
  } catch (error) {
    const built = context.env.GITHUB_HEAD_REF || undefined;
    const isDetached = error instanceof TollgateError && error.code === 'HEAD_DETACHED';
    if (!isDetached || built === undefined) throw error;
    return readBranch(context.cwd, { ...wanted, branch: built });
  }
}

/** What was spent on a branch of this repository, under all names it has had, since an instant. */
export async function readBranchCost(
  facts: BranchFacts,
  sinceAt: EpochMs | null,
  context: CliContext,
): Promise<WorkCost> {
  if (!hasLedger(context)) return NOTHING_SPENT;
  const { repository } = placeReader(context.env)(context.cwd);
  if (repository === null) return NOTHING_SPENT;
  const config = requireConfig(context);
  return withLedger(context, config, (store, deps) => {
    readNewest(repository, store, deps, context.now);
    const query = {
      zone: { timeZone: 'UTC', shifts: [{ fromAt: 0, shiftMs: 0 }] },
      window: { startAt: sinceAt ?? Number.NEGATIVE_INFINITY, endAt: Number.POSITIVE_INFINITY },
      where: [
        { key: 'repository', patterns: [repository] },
        { key: 'branch', patterns: [facts.branch, ...facts.formerNames] },
      ],
    } satisfies Omit<SumQuery, 'by'>;
    const models = store.readSums({ ...query, by: ['model'] });
    const sessions = store.readSums({ ...query, by: ['session'] });
    const cost = workCostOf(models, sessions.length);
    return isOnPlan(config, store, context.now) ? { ...cost, billing: 'plan' } : cost;
  });
}

/** Sums by model as what a branch cost. */
function workCostOf(models: readonly GroupSums[], sessionCount: number): WorkCost {
  const sum = (value: (sums: GroupSums) => number) =>
    models.reduce((total, sums) => total + value(sums), 0);
  return {
    costNanoUsd: sum(({ costNanoUsd }) => costNanoUsd),
    requestCount: sum(({ requestCount }) => requestCount),
    sessionCount,
    models: models
      .map(({ key, costNanoUsd, requestCount }) => ({
        model: String(key[0] ?? HIDDEN),
        costNanoUsd,
        requestCount,
      }))
      .sort((a, b) => b.costNanoUsd - a.costNanoUsd || (a.model < b.model ? -1 : 1)),
  };
}

/** Sessions of the last day in this repository may have lines that no hook has read. */
function readNewest(repository: string, store: Store, deps: EventDeps, now: EpochMs): void {
  const sessions = store.readSessions({ sinceAt: now - DAY_MS });
  const isSame = (name: string | null) =>
    name !== null && repositoryKey(name) === repositoryKey(repository);
  for (const session of sessions.filter((each) => isSame(each.repository))) {
    const path = session.transcriptPath;
    if (path !== null) store.immediately(() => ingestSession(path, deps, now, null));
  }
}
