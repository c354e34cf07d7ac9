// Which budgets count here, and how much each has left: read from the ledger for a thread of a session.
import type { AgentEvent } from '../agents/agent.ts';
import { type Attribution, NO_ATTRIBUTION } from '../domain/attribution.ts';
import type { SessionId, TurnId } from '../domain/ids.ts';
import type { BudgetStatus } from '../domain/spend.ts';
import type { EpochMs } from '../domain/time.ts';
import { labelsOf } from '../ingest/attribution-labels.ts';
import type { SessionRecord, ThreadRecord } from '../stores/store.ts';
import { poolsOf } from './budget-pools.ts';
import type { BudgetContext, GateDeps } from './types.ts';

/** The context of the asking thread. */
export function budgetContextOf(
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
    turnId: event.turnId as TurnId | null,
    agentId: event.agentId,
    attribution,
    isClockSetBack: () => deps.isClockSetBack?.(now) ?? false,
  };
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
  return budgetContextOf(at, session, thread, deps, now);
}

/** This session and those it continues. */
function chainsOf(id: SessionId, { store }: GateDeps): Pick<BudgetContext, 'chain' | 'runChain'> {
  const chain = [id];
  const runChain = [id];
  let isRun = true;
  for (let link = store.readLink(id); link !== null; link = store.readLink(link.previousId)) {
    if (chain.includes(link.previousId)) break;
    chain.push(link.previousId);
    isRun &&= link.reason === 'run';
    if (isRun) runChain.push(link.previousId);
  }
  return { chain, runChain };
}

/** The status of every budget that counts here; where the clock has jumped, in the window that has spent the most. */
export function readBudgetStatuses(
  budgetContext: BudgetContext,
  session: SessionRecord,
  { store, config }: GateDeps,
): BudgetStatus[] {
  const { now } = budgetContext;
  return config.budgets.flatMap((budget) => {
    const found = poolsOf(budget, budgetContext, store).map((named) => ({
      ...named,
      spend: store.readPoolSpend(named.pool, budgetContext, now),
    }));
    const [first, ...others] = found;
    if (first === undefined) return [];
    const { pool, label, spend } = others.reduce(
      (most, each) => (each.spend.postedNanoUsd >= most.spend.postedNanoUsd ? each : most),
      first,
    );
    const isSession = budget.period.kind === 'session';
    return [
      {
        budget,
        windowKey: pool.key,
        windowLabel: label,
        window: pool.window,
        postedNanoUsd: spend.postedNanoUsd,
        inheritedNanoUsd: isSession ? session.inheritedNanoUsd : 0,
        reservedNanoUsd: spend.reservedNanoUsd,
        grantedNanoUsd: spend.grantedNanoUsd,
        announced: spend.announced,
      },
    ];
  });
}
