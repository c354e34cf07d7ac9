// Carries a decision out: announces, latches, holds, writes down, and words the answer. Rule: whoever
// announces a stage first tells about it; everybody else is silent about it.
import type { AgentEvent, Answer, Moment } from '../agents/agent.ts';
import { WITHDRAWN_BELOW_RATIO } from '../domain/alerts-due.ts';
import { explain, priceTagText } from '../domain/explain.ts';
import type { AheadOf } from '../domain/explain-ahead.ts';
import type { BudgetStatus } from '../domain/spend.ts';
import { DAY_MS, type EpochMs } from '../domain/time.ts';
import type { Breach } from '../domain/verdict.ts';
import type { Store } from '../stores/store.ts';
import { estimateFirstRequest } from './estimate-next-request.ts';
import { expectedRequestCost, projectBudget } from './project-budget.ts';
import { raiseAlerts, raiseTrips } from './raise-alerts.ts';
import { spawnHold } from './subagent-spawn.ts';
import type { GateAssessment, GateDeps } from './types.ts';

/** How long what was held stays when what it was held for should have come: a subagent, a last line. */
export const GRACE_MS = 5_000;

/** A response that never turns up is charged until its session ends, and no longer than a session lasts. */
const UNSEEN_MS = DAY_MS;

/** Moments whose answer reaches the model. */
const SPEAKS_TO_MODEL: ReadonlySet<Moment> = new Set<Moment>([
  'prompt',
  'before-tool',
  'after-tool',
  'after-tools',
]);
/** Moments after which a request is under way. */
const HOLDS: ReadonlySet<Moment> = new Set<Moment>([
  'prompt',
  'after-tool',
  'after-tools',
  'before-compaction',
]);

export function applyDecision(assessment: GateAssessment, deps: GateDeps): Answer {
  const { event, now, spawn, decision, budgetStatuses } = assessment;
  const { store } = deps;
  const { verdict } = decision;
  withdrawPassed(budgetStatuses, decision.reached, store);
  const fresh = decision.due.filter(({ windowKey, stage }) =>
    store.announce(windowKey, stage, now),
  );
  const forPerson = fresh
    .map(({ breach }) => breach)
    .filter((breach) => verdict.breaches.includes(breach));
  if (decision.haltRecord !== null) store.writeHalt(decision.haltRecord);
  raiseAlerts(event, budgetStatuses, decision, deps, now);
  raiseTrips(event, assessment.trips, deps, now);
  hold(assessment, deps);
  const isKept = verdict.breaches[0]?.code.startsWith('HALTED_') ?? false;
  const isRefusal = (verdict.kind === 'halt' && !isKept) || verdict.kind === 'deny';
  if (decision.due.length > 0 || isRefusal) {
    // What a budget only observes is written down too, beside the verdict that was given.
    const observed = decision.due.map(({ breach }) => breach);
    const breaches = [...new Set([...verdict.breaches, ...observed])];
    store.recordDecision({
      at: now,
      sessionId: event.sessionId,
      moment: event.moment,
      verdict: { ...verdict, breaches },
    });
  }
  const forModel = verdict.kind === 'halt' ? [] : newsForModel(assessment, store, forPerson);
  const news = { forPerson, forModel };
  const said = explain(verdict, news, event.sessionId, aheadReader(assessment, deps));
  const priceTag =
    spawn !== null && verdict.kind !== 'halt' && verdict.kind !== 'deny'
      ? priceTagText(spawn, budgetStatuses)
      : null;
  const lines = [said.forPerson, priceTag].filter((line) => line !== null);
  return { verdict, ...said, forPerson: lines.length > 0 ? lines.join('\n') : null };
}

/** Where the budget of a breach is heading; read when it is told, which is seldom. */
function aheadReader(
  { event, budgetContext, budgetStatuses, now }: GateAssessment,
  deps: GateDeps,
): AheadOf {
  return (breach) => {
    if (!('windowLabel' in breach)) return null;
    const { budgetId, windowLabel } = breach;
    const isMeant = (each: BudgetStatus) =>
      each.budget.id === budgetId && each.windowLabel === windowLabel;
    const status = budgetStatuses.find(isMeant);
    const session = deps.store.readSession(event.sessionId);
    if (status === undefined || session === null) return null;
    const thread = deps.store.readThread(event.sessionId, event.agentId);
    const requestNanoUsd = expectedRequestCost(thread, deps);
    return { ...projectBudget(status, session, requestNanoUsd, budgetContext, deps), now };
  };
}

/** The main loop's model is told once of each stage, also when a subagent's hook met it first. */
function newsForModel(assessment: GateAssessment, store: Store, news: readonly Breach[]): Breach[] {
  const { event, decision, now } = assessment;
  if (!SPEAKS_TO_MODEL.has(event.moment)) return [];
  if (event.agentId !== null) return [...news];
  return decision.reached
    .filter(({ windowKey, stage }) => store.announce(`model|${windowKey}`, stage, now))
    .map(({ breach }) => breach);
}

/** Holds what the request under way may cost, and what a spawn's subagents need for a start. */
function hold(assessment: GateAssessment, deps: GateDeps): void {
  const { event, now, spawn, decision, budgetContext } = assessment;
  const { store, config } = deps;
  const { sessionId, turnId } = event;
  const { kind } = decision.verdict;
  const base = { sessionId, turnId, madeAt: now, expiresAt: now + config.reservationMs };
  for (const id of event.toolUseIds) {
    store.endReservation(sessionId, spawnHold(id), now + GRACE_MS);
  }
  if (kind === 'halt' || kind === 'deny') return;
  if (HOLDS.has(event.moment)) {
    const { agentId } = event;
    const isFirst = store.readThread(sessionId, agentId) === null;
    const next = decision.reserveNanoUsd - assessment.underWayNanoUsd;
    const amountNanoUsd = isFirst ? estimateFirstRequest(event, deps)() : Math.max(0, next);
    if (assessment.underWayNanoUsd > 0) keepHold(event, store, now);
    store.reserve({ ...base, agentId, attribution: budgetContext.attribution, amountNanoUsd });
  }
  if (spawn !== null) {
    const attribution = { ...budgetContext.attribution, agentType: spawn.agentType };
    store.reserve({
      ...base,
      agentId: spawn.reservedAs,
      attribution,
      amountNanoUsd: spawn.requiredNanoUsd,
    });
  }
}

/** What is held for a response that is not in the ledger stays: after its tools the response was complete, so that it is paid for. */
function keepHold(
  { sessionId, agentId, toolUseIds }: AgentEvent,
  store: Store,
  now: EpochMs,
): void {
  const [first] = toolUseIds;
  if (first === undefined) store.setAside(sessionId, agentId, now + GRACE_MS);
  else store.holdUnseen(sessionId, agentId, first, now + UNSEEN_MS);
}

/** A moving window can come to a limit more than once, and says so each time. */
function withdrawPassed(
  budgetStatuses: GateAssessment['budgetStatuses'],
  reached: GateAssessment['decision']['reached'],
  store: Store,
): void {
  for (const budgetStatus of budgetStatuses) {
    if (budgetStatus.budget.period.kind !== 'rolling' || budgetStatus.announced.length === 0)
      continue;
    const { softNanoUsd, hardNanoUsd, wrapUpRatio } = budgetStatus.budget;
    const hard = hardNanoUsd === null ? null : hardNanoUsd + budgetStatus.grantedNanoUsd;
    const limits = {
      soft: softNanoUsd,
      wrapUp: hard === null ? null : hard * (wrapUpRatio ?? 1),
      hard,
    };
    for (const stage of budgetStatus.announced) {
      const limit = limits[stage];
      const { windowKey } = budgetStatus;
      if (limit !== null && budgetStatus.postedNanoUsd >= limit * WITHDRAWN_BELOW_RATIO) continue;
      if (reached.some((each) => each.windowKey === windowKey && each.stage === stage)) continue;
      store.withdraw(budgetStatus.windowKey, stage);
      store.withdraw(`model|${budgetStatus.windowKey}`, stage);
    }
  }
}
