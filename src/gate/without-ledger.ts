// The decision while the ledger cannot be used: the session's transcript is read into an empty ledger, and what others had spent
// comes from the totals kept beside it. Rule: far below every ceiling it goes on; near one, or where a total is not known, it does not.
import { statSync } from 'node:fs';
import type { AgentEvent, Moment } from '../agents/agent.ts';
import { standingBreach } from '../domain/decide.ts';
import type { SessionId } from '../domain/ids.ts';
import { type BudgetStatus, ceilingOf, planFigures, spendOf } from '../domain/spend.ts';
import type { EpochMs } from '../domain/time.ts';
import type { Breach, BudgetStanding, HaltRecord } from '../domain/verdict.ts';
import { ingestSession } from '../ingest/ingest-session.ts';
import type { Ingested } from '../ingest/types.ts';
import type { Grant, PlanReading, Pool, PoolSpend, Store, ThreadRecord } from '../stores/store.ts';
import { budgetContextOf, readBudgetStatuses } from './budget-context.ts';
import { estimateNextRequest } from './estimate-next-request.ts';
import type { LastTotals } from './last-totals.ts';
import { recordActivity } from './record-activity.ts';
import { readStandingHalts } from './standing-halts.ts';
import { spawnOf } from './subagent-spawn.ts';
import type { GateDeps } from './types.ts';
import { unknownModelOf } from './unknown-model.ts';

/** Share of a ceiling that may be met without the ledger … */
const FAR_BELOW_RATIO = 0.8;
/** … with so many more requests. */
const REQUESTS_AHEAD = 3;

/** More than this takes too long to read from its beginning. */
const READABLE_BYTES = 64 * 1024 * 1024;

/** Moments by which a session's transcript is there. */
const HAS_TRANSCRIPT: ReadonlySet<Moment> = new Set<Moment>([
  'after-tool',
  'after-tools',
  'before-compaction',
]);

/** What is known without the ledger. */
export interface LastKnown {
  /** The session's own last totals; `null`: none were kept. */
  readonly own: LastTotals | null;
  /** Everybody's, its own included. */
  readonly all: readonly LastTotals[];
  /** Reads a halt from the ledger itself, which may be readable. Throws when it is not. */
  readonly readHalt: (id: SessionId) => HaltRecord | null;
}

/** `far`: it may go on. `near`: it may not, or nobody knows (`tightest` is then `null`). `halted`: a halt stands. */
export type WithoutLedger =
  | { readonly kind: 'far' | 'near'; readonly tightest: BudgetStanding | null }
  | { readonly kind: 'halted'; readonly breach: Breach };

/** Decides. `deps.store` is an empty ledger of its own. */
export function decideWithoutLedger(
  event: AgentEvent,
  known: LastKnown,
  deps: GateDeps,
  now: EpochMs,
): WithoutLedger {
  return deps.store.immediately(() => {
    const session = recordActivity(event, deps, now);
    const ingested = readTranscript(event, deps, now);
    const { sessionId, agentId } = event;
    const thread = deps.store.readThread(sessionId, agentId);
    const { chain = [sessionId], runChain = [sessionId] } = known.own ?? {};
    const context = {
      ...budgetContextOf(event, session, thread, deps, now),
      ...{ chain, runChain, outer: [], nested: [] },
    };
    const unknownPools = new Set<string>();
    const store = withLastTotals(deps.store, known, unknownPools);
    const statuses = readBudgetStatuses(context, session, { ...deps, store });
    const { budgets } = deps.config;
    const query = {
      budgetContext: context,
      budgetStatuses: statuses,
      ...{ budgets, isNewTurn: event.isFromPerson },
    };
    const { haltRecord } = readStandingHalts(query, store);
    if (haltRecord !== null)
      return { kind: 'halted', breach: standingBreach(haltRecord, statuses) };
    const limiting = statuses.filter(
      (status) => status.budget.mode === 'enforce' && ceilingOf(status) !== null,
    );
    const isUnknown =
      ingested === null ||
      unknownModelOf(thread, ingested, deps, now) !== null ||
      limiting.some(({ windowKey }) => unknownPools.has(windowKey));
    if (isUnknown) return { kind: 'near', tightest: null };
    return nearest(limiting, neededBy(event, thread, deps, now));
  });
}

/** Reads the whole transcript; `null` where it does not tell all that was spent. */
function readTranscript(event: AgentEvent, deps: GateDeps, now: EpochMs): Ingested | null {
  const { transcriptPath: path, moment } = event;
  if (path === null) return null;
  if (HAS_TRANSCRIPT.has(moment) && sizeOf(path) === null) return null;
  const files = deps.agent.transcriptFiles(path);
  const bytes = files.reduce((sum, file) => sum + (sizeOf(file.path) ?? 0), 0);
  if (bytes > READABLE_BYTES) return null;
  const ingested = ingestSession(path, deps, now, null);
  return ingested.unreadable.length > 0 || ingested.unusableCount > 0 ? null : ingested;
}

const sizeOf = (path: string): number | null =>
  statSync(path, { throwIfNoEntry: false })?.size ?? null;

/** What the next requests may need of a budget. */
function neededBy(
  event: AgentEvent,
  thread: ThreadRecord | null,
  deps: GateDeps,
  now: EpochMs,
): (status: BudgetStatus) => number {
  const next = estimateNextRequest(event, thread, deps, now, true);
  const spawn = spawnOf(event, thread, 0, deps, now);
  return (status) => REQUESTS_AHEAD * next(status) + (spawn?.requiredNanoUsd ?? 0);
}

/** How the budget stands that has the least left. */
function nearest(
  limiting: readonly BudgetStatus[],
  needed: (status: BudgetStatus) => number,
): WithoutLedger {
  let least: { readonly tightest: BudgetStanding; readonly leftNanoUsd: number } | null = null;
  for (const status of limiting) {
    const ceilingNanoUsd = ceilingOf(status) ?? 0;
    const spendNanoUsd = spendOf(status);
    const leftNanoUsd = ceilingNanoUsd * FAR_BELOW_RATIO - spendNanoUsd - needed(status);
    if (least !== null && least.leftNanoUsd <= leftNanoUsd) continue;
    const { budget, windowLabel } = status;
    const figures = planFigures(status);
    const tightest = { budgetId: budget.id, windowLabel, spendNanoUsd, ceilingNanoUsd, ...figures };
    least = { tightest, leftNanoUsd };
  }
  if (least === null) return { kind: 'far', tightest: null };
  return { kind: least.leftNanoUsd > 0 ? 'far' : 'near', tightest: least.tightest };
}

/** The empty ledger, with what others had spent, been granted and halted for. */
function withLastTotals(store: Store, known: LastKnown, unknownPools: Set<string>): Store {
  const kept = (key: string) => newestOf(known.all, key);
  return {
    ...store,
    readPoolSpend: (pool, except, now) => {
      const own = store.readPoolSpend(pool, except, now);
      const last = kept(pool.key);
      if (last === null) {
        if (pool.sessions === null) unknownPools.add(pool.key);
        return own;
      }
      const since = store.readPoolSpend(poolSince(pool, last.at), except, now);
      const postedNanoUsd = Math.max(
        own.postedNanoUsd,
        last.total.spentNanoUsd + since.postedNanoUsd,
      );
      const { grantedNanoUsd } = last.total;
      return { ...own, postedNanoUsd, grantedNanoUsd } satisfies PoolSpend;
    },
    readHalt: (id) => {
      try {
        return known.readHalt(id);
      } catch {
        return known.own?.haltRecord?.sessionId === id ? known.own.haltRecord : null;
      }
    },
    readPlanReadings: (name) => {
      const plans = known.all.flatMap(({ at, windows }) =>
        windows.flatMap(({ plan }) => (plan?.window === name ? [{ at, plan }] : [])),
      );
      const newest = plans.sort((a, b) => b.at - a.at)[0];
      return newest === undefined ? [] : [{ ...newest.plan, spentNanoUsd: 0 } as PlanReading];
    },
    readGrants: (key) => {
      const amountNanoUsd = kept(key)?.total.grantedNanoUsd ?? 0;
      return amountNanoUsd === 0 ? [] : [{ amountNanoUsd } as Grant];
    },
  };
}

/** What was kept of a window last, by whichever session. */
function newestOf(all: readonly LastTotals[], key: string) {
  let newest: { readonly at: EpochMs; readonly total: LastTotals['windows'][number] } | null = null;
  for (const { at, windows } of all) {
    if (newest !== null && newest.at >= at) continue;
    const total = windows.find((each) => each.key === key);
    if (total !== undefined) newest = { at, total };
  }
  return newest;
}

/** The part of a pool that came since, added up anew. */
const poolSince = (pool: Pool, at: EpochMs): Pool => ({
  ...pool,
  key: `rolling:since|${pool.key}`,
  window: { ...pool.window, startAt: Math.max(pool.window.startAt, at) },
});
