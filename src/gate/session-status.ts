// One session as it stands now and where it is heading: its budgets with burn rate, pace and run-out, and what the
// whole machine has spent today. Rule: figures only; the same ones for the status line, the live view and a prompt.

import type { Budget } from '../domain/budget.ts';
import { budgetId } from '../domain/ids.ts';
import type { NanoUsd } from '../domain/money.ts';
import { headroomOf } from '../domain/spend.ts';
import type { EpochMs } from '../domain/time.ts';
import type { HaltRecord } from '../domain/verdict.ts';
import type { SessionRecord, SessionTotals, ThreadRecord } from '../stores/store.ts';
import { isOnPlan } from './billing.ts';
import { currentBudgetContext, readBudgetStatuses } from './budget-context.ts';
import { poolOf } from './budget-pools.ts';
import { type PlanWindowStatus, readPlanWindows } from './plan-windows.ts';
import {
  type BudgetProjection,
  burnOf,
  expectedRequestCost,
  projectBudget,
} from './project-budget.ts';
import { readStandingHalts } from './standing-halts.ts';
import type { GateDeps } from './types.ts';

export interface SessionStatus {
  readonly session: SessionRecord;
  /** What people call it; `null` where it has no title. */
  readonly title: string | null;
  readonly totals: SessionTotals;
  /** The main loop; `null` before its first request. */
  readonly thread: ThreadRecord | null;
  /** Tokens that its model can be given; `null`: Claude Code has not said. */
  readonly contextWindowTokens: number | null;
  /** What the session itself spends, in nano-dollars per hour. */
  readonly burnNanoUsdPerHour: NanoUsd;
  readonly budgets: readonly BudgetProjection[];
  /** The budget with a ceiling that has the least left; `null` where none has one. */
  readonly tightest: BudgetProjection | null;
  /** Everything on this machine since midnight of the configured zone. */
  readonly dayNanoUsd: NanoUsd;
  /** The windows of the plan; empty where Claude Code has never told of one. */
  readonly plans: readonly PlanWindowStatus[];
  /** Dollars are list prices that a plan covers. */
  readonly isListPrice?: true;
  /** The halt that stands; `null` also once a grant has lifted it. */
  readonly haltRecord: HaltRecord | null;
}

/** Reads it. Call inside `store.immediately`: reading a pool brings its sum up to date. */
export function readSessionStatus(
  session: SessionRecord,
  deps: GateDeps,
  now: EpochMs,
): SessionStatus {
  const { store, config } = deps;
  const thread = store.readThread(session.sessionId, null);
  const budgetContext = currentBudgetContext(session, deps, now);
  const own = poolOf(SESSION_ITSELF, budgetContext, store);
  const day = poolOf(dayOf(config.timeZone), budgetContext, store);
  const budgetStatuses = readBudgetStatuses(budgetContext, session, deps);
  const { haltRecord } = readStandingHalts(
    { budgetContext, budgetStatuses, budgets: config.budgets, isNewTurn: false },
    store,
  );
  const requestNanoUsd = expectedRequestCost(thread, deps);
  const budgets = budgetStatuses.map((budgetStatus) =>
    projectBudget(budgetStatus, session, requestNanoUsd, budgetContext, deps),
  );
  return {
    session,
    title: session.transcriptPath === null ? null : deps.agent.readTitle(session.transcriptPath),
    totals: store.readSessionTotals(session.sessionId),
    thread,
    contextWindowTokens: store.readContextWindow(session.sessionId),
    burnNanoUsdPerHour: own ? burnOf(own.pool, session.startedAt, budgetContext, deps) : 0,
    budgets,
    tightest: tightestOf(budgets),
    dayNanoUsd: day ? store.readPoolSpend(day.pool, budgetContext, now).postedNanoUsd : 0,
    plans: readPlanWindows(store, now),
    ...(isOnPlan(config, store, now) && { isListPrice: true }),
    haltRecord,
  };
}

/** How many other threads of the session have a request under way. Call inside `store.immediately`. */
export function otherThreadCount(session: SessionRecord, deps: GateDeps, now: EpochMs): number {
  const budgetContext = currentBudgetContext(session, deps, now);
  const own = poolOf(SESSION_ITSELF, budgetContext, deps.store);
  return own ? deps.store.readPoolSpend(own.pool, budgetContext, now).reservedCount : 0;
}

function tightestOf(budgets: readonly BudgetProjection[]): BudgetProjection | null {
  const ceilinged = budgets.flatMap((each) => {
    const headroom = headroomOf(each.budgetStatus);
    // Nothing is known of it, so nothing is met there.
    if (each.budgetStatus.plan?.basis === 'unknown') return [];
    return headroom === null ? [] : [{ each, headroom }];
  });
  return ceilinged.sort((a, b) => a.headroom - b.headroom)[0]?.each ?? null;
}

const NO_LIMITS = {
  softNanoUsd: null,
  wrapUpRatio: null,
  hardNanoUsd: null,
  mode: 'observe',
} as const;

/** The session's own money, whatever budgets there are. */
const SESSION_ITSELF: Budget = {
  ...NO_LIMITS,
  id: budgetId('(session)'),
  scope: { where: {}, per: ['session'] },
  period: { kind: 'session', followChain: false },
};

/** Everything of a day. */
const dayOf = (timeZone: string): Budget => ({
  ...NO_LIMITS,
  id: budgetId('(day)'),
  scope: { where: {}, per: [] },
  period: { kind: 'day', timeZone },
});
