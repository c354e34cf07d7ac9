// Which budgets count here, and how much each has left: read from the ledger for a thread of a session.
import type { AgentEvent } from '../agents/agent.ts';
import { type Attribution, NO_ATTRIBUTION } from '../domain/attribution.ts';
import type { Budget } from '../domain/budget.ts';
import { type SessionId, shortId, type TurnId } from '../domain/ids.ts';
import type { BudgetStatus } from '../domain/spend.ts';
import type { EpochMs } from '../domain/time.ts';
import { labelsOf } from '../ingest/attribution-labels.ts';
import type { PoolSpend, SessionRecord, Store, ThreadRecord } from '../stores/store.ts';
import { isOnPlan } from './billing.ts';
import { type NamedPool, poolsOf } from './budget-pools.ts';
import { openPlanWindow, planStatus } from './plan-window.ts';
import { readTeamStatuses } from './team-share.ts';
import type { BudgetContext, GateDeps } from './types.ts';

/** The context of the asking thread. */
export function budgetContextOf(
  event: Pick<AgentEvent, 'sessionId' | 'agentId' | 'agentType' | 'turnId' | 'cwd'>,
  session: SessionRecord,
  thread: ThreadRecord | null,
  deps: GateDeps,
  now: EpochMs,
): BudgetContext {
  const context = contextOf(event, session, thread, deps, now);
  const { store } = deps;
  if (store.readStartLabels(session.sessionId) === null) {
    store.writeStartLabels(session.sessionId, placeLabels(context.attribution));
  }
  return context;
}

function contextOf(
  event: Pick<AgentEvent, 'sessionId' | 'agentId' | 'agentType' | 'turnId' | 'cwd'>,
  session: SessionRecord,
  thread: ThreadRecord | null,
  deps: GateDeps,
  now: EpochMs,
): BudgetContext {
  const place = deps.readPlace(event.cwd);
  const main = thread ?? deps.store.readThread(session.sessionId, null);
  const attribution: Attribution = {
    ...NO_ATTRIBUTION,
    ...labelsOf(place.isHeadUnknown ? { ...place, branch: session.branch } : place, deps.labels),
    model: main?.model ?? null,
    agentType: event.agentType ?? thread?.agentType ?? null,
  };
  return {
    now,
    sessionId: session.sessionId,
    ...chainsOf(session.sessionId, deps),
    outer: outerOf(session.sessionId, deps),
    turnId: event.turnId as TurnId | null,
    agentId: event.agentId,
    attribution,
    startAttribution: startOf(session.sessionId, attribution, deps),
    isClockSetBack: () => deps.isClockSetBack?.(now) ?? false,
  };
}

/** Labels of a place and of whose work is done there. How a request is made changes all the time. */
const PLACE_KEYS = [
  ...(['repository', 'subPath', 'branch', 'developer'] as const),
  ...(['client', 'costCentre', 'ticket'] as const),
];

const placeLabels = (attribution: Attribution): Partial<Attribution> =>
  Object.fromEntries(PLACE_KEYS.map((key) => [key, attribution[key]]));

function startOf(id: SessionId, now: Attribution, { store }: GateDeps): Attribution | null {
  const start = store.readStartLabels(id);
  return start === null || PLACE_KEYS.every((key) => start[key] === now[key])
    ? null
    : { ...now, ...start };
}

/** The context of a session's main loop, for whoever asks from outside of it. */
export function currentBudgetContext(
  session: SessionRecord,
  deps: GateDeps,
  now: EpochMs,
): BudgetContext {
  const thread = deps.store.readThread(session.sessionId, null);
  const at = {
    sessionId: session.sessionId,
    agentId: null,
    agentType: null,
    turnId: thread?.turnId ?? null,
    cwd: session.cwd ?? '',
  };
  return contextOf(at, session, thread, deps, now);
}

/** This session and those it continues. */
function chainsOf(
  id: SessionId,
  { store }: GateDeps,
): Pick<BudgetContext, 'chain' | 'runChain' | 'nested'> {
  const chain = [id];
  const runChain = [id];
  let isRun = true;
  for (let link = store.readLink(id); link !== null; link = store.readLink(link.previousId)) {
    if (chain.includes(link.previousId)) break;
    chain.push(link.previousId);
    isRun &&= link.reason === 'run';
    if (isRun) runChain.push(link.previousId);
  }
  return { chain, runChain, nested: nestedIn(chain, store) };
}

/** The sessions inside of these, and those inside of them. */
function nestedIn(sessions: readonly SessionId[], store: Pick<Store, 'readNested'>): SessionId[] {
  const found = new Set<SessionId>();
  // (Iterating over a list meets what is added meanwhile.)
  const open = [...sessions];
  for (const id of open) {
    for (const inner of store.readNested(id)) {
      if (found.has(inner) || sessions.includes(inner)) continue;
      found.add(inner);
      open.push(inner);
    }
  }
  return [...found];
}

/** The sessions around this one, the nearest first. */
function outerOf(id: SessionId, { store }: GateDeps): SessionId[] {
  const found: SessionId[] = [];
  for (let outer = store.readOuter(id); outer !== null; outer = store.readOuter(outer)) {
    if (outer === id || found.includes(outer)) break;
    found.push(outer);
  }
  return found;
}

/**
 * The status of every budget that counts here, or counted where the session began: it goes on counting the session. Those of the
 * sessions around this one are included.
 */
export function readBudgetStatuses(
  budgetContext: BudgetContext,
  session: SessionRecord,
  deps: GateDeps,
): BudgetStatus[] {
  const { budgets } = deps.config;
  const own = [
    ...statusesOf(budgets, budgetContext, session, deps),
    ...readTeamStatuses(budgetContext, deps),
  ];
  if (budgetContext.outer.length === 0) return own;
  const ofSessions = budgets.filter(({ period }) => period.kind === 'session');
  const around = budgetContext.outer.flatMap((id) => {
    const outer = deps.store.readSession(id);
    if (outer === null) return [];
    const { repository, branch, developer } = outer;
    const attribution = { ...budgetContext.attribution, repository, branch, developer };
    const apart = { sessionId: id, startAttribution: null, outer: [] };
    const at = { ...budgetContext, attribution, ...apart, ...chainsOf(id, deps) };
    return statusesOf(ofSessions, at, outer, deps).map((status) => ({
      ...status,
      windowLabel: `session ${shortId(id)}`,
    }));
  });
  return [...own, ...around];
}

/** The same without those around it. */
function statusesOf(
  budgets: readonly Budget[],
  budgetContext: BudgetContext,
  session: SessionRecord,
  { store, config }: GateDeps,
): BudgetStatus[] {
  const { now } = budgetContext;
  const listPrice = isOnPlan(config, store, now) ? ({ isListPrice: true } as const) : {};
  return budgets.flatMap((budget) =>
    countingPools(budget, budgetContext, now, store).map(({ pool, label, spend }) => {
      const isSession = budget.period.kind === 'session';
      const status: BudgetStatus = {
        budget,
        windowKey: pool.key,
        windowLabel: label,
        window: pool.window,
        postedNanoUsd: spend.postedNanoUsd,
        inheritedNanoUsd: isSession ? session.inheritedNanoUsd : 0,
        reservedNanoUsd: spend.reservedNanoUsd,
        grantedNanoUsd: spend.grantedNanoUsd,
        announced: spend.announced,
      };
      const { period } = budget;
      return period.kind === 'plan'
        ? planStatus(status, openPlanWindow(period.window, store, now))
        : { ...status, ...listPrice };
    }),
  );
}

/** A pool with what is in it. */
type Counted = NamedPool & { readonly spend: PoolSpend };

/** The pool that counts here, and the one that counted where the session began, where that is another. */
function countingPools(
  budget: Budget,
  at: BudgetContext,
  now: EpochMs,
  store: GateDeps['store'],
): Counted[] {
  const { sessionId, startAttribution } = at;
  const here = fullestPool(budget, at, now, store);
  const pools = here === null ? [] : [here];
  if (startAttribution === null) return pools;
  const began = { ...at, attribution: startAttribution };
  const scopeKey = poolsOf(budget, began, store)[0]?.pool.scopeKey;
  if (scopeKey === undefined || scopeKey === here?.pool.scopeKey) return pools;
  store.bindSession(scopeKey, sessionId);
  const start = fullestPool(budget, began, now, store);
  return start === null ? pools : [...pools, start];
}

/** Where the clock has jumped there is more than one window: the one that has spent the most counts. */
function fullestPool(
  budget: Budget,
  at: BudgetContext,
  now: EpochMs,
  store: GateDeps['store'],
): Counted | null {
  const found = poolsOf(budget, at, store).map((named) => ({
    ...named,
    spend: store.readPoolSpend(named.pool, at, now),
  }));
  return found.reduce<Counted | null>(
    (most, each) =>
      most === null || each.spend.postedNanoUsd >= most.spend.postedNanoUsd ? each : most,
    null,
  );
}
