// The gate: may the next request be made? Rule: read, decide once, carry out, all inside one
// transaction of the ledger, so that any number of hooks at once pronounce one verdict.
import type { AgentEvent, Answer, Moment } from '../agents/agent.ts';
import type { Config } from '../config/config.ts';
import { type Attribution, NO_ATTRIBUTION } from '../domain/attribution.ts';
import { type Decision, decide } from '../domain/decide.ts';
import type { DecisionLease } from '../domain/decision-lease.ts';
import type { SessionId, TurnId } from '../domain/ids.ts';
import type { NanoUsd } from '../domain/money.ts';
import { type BudgetStatus, ceilingOf, spendOf } from '../domain/spend.ts';
import type { EpochMs } from '../domain/time.ts';
import { labelsOf } from '../ingest/attribution-labels.ts';
import type { IngestDeps, Ingested } from '../ingest/ingest-session.ts';
import type { SessionRecord, ThreadRecord } from '../stores/store.ts';
import { applyDecision } from './apply-decision.ts';
import { type BudgetContext, poolOf } from './budget-pools.ts';
import { estimateNextRequest } from './estimate-next-request.ts';
import { fanOutStatus } from './fan-out.ts';
import { issueLease } from './lease.ts';
import { recordActivity } from './record-activity.ts';
import { readStandingHalts } from './standing-halts.ts';
import type { PlannedSpawn } from './subagent-spawn.ts';
import { spawnOf } from './subagent-spawn.ts';
import { unknownModelOf } from './unknown-model.ts';
import type { AllowedWaits, Wait } from './wait-retry.ts';

export interface GateDeps extends IngestDeps {
  readonly config: Config;
  /** The agent's own process; `null` when it does not say. */
  readonly hostPid: number | null;
  /** The `tollgate run` this session belongs to; `null` outside of one. */
  readonly runId: string | null;
}

/** What asking the gate brought. */
export interface GateResult {
  readonly answer: Answer;
  /** The session was halted just now, by this budget. */
  readonly haltedBy: string | null;
  /** For the tool calls that follow; `null`: they ask as well. */
  readonly lease: DecisionLease | null;
}

/** What the caller knows beside the event. */
export interface GateRequest {
  readonly event: AgentEvent;
  readonly now: EpochMs;
  readonly ingested: Ingested;
  readonly allowedWaits: AllowedWaits;
  /** Whether somebody stores the lease that the decision leaves behind. */
  readonly wantsLease: boolean;
}

/** Everything that was read for a decision. */
export interface GateAssessment {
  readonly event: AgentEvent;
  readonly now: EpochMs;
  readonly budgetContext: BudgetContext;
  readonly budgetStatuses: readonly BudgetStatus[];
  readonly spawn: PlannedSpawn | null;
  /** Held for a response that is not in the ledger yet. */
  readonly underWayNanoUsd: NanoUsd;
  readonly decision: Decision;
}

/** Moments after which a request follows. Before a tool, the tool comes first and then the gate again. */
const LEADS_TO_REQUEST: ReadonlySet<Moment> = new Set<Moment>([
  'prompt',
  'after-tool',
  'after-tools',
  'before-compaction',
]);

/**
 * Asks. Call inside `store.immediately`. `line`: the response under way decides; `room`: what others hold
 * decides. Then ask again when there is news of it; nothing was carried out.
 */
export function gate(question: GateRequest, deps: GateDeps): GateResult | Wait {
  const { event, now } = question;
  const { store, config } = deps;
  const { sessionId, agentId } = event;
  const session = recordActivity(event, deps, now);
  store.settleReservations(sessionId);
  const thread = store.readThread(sessionId, agentId);
  const budgetContext = budgetContextOf(event, session, thread, deps, now);
  const isRequest = LEADS_TO_REQUEST.has(event.moment);
  const budgetStatuses = [
    ...readBudgetStatuses(budgetContext, session, deps),
    ...fanOutStatus(budgetContext, store, config),
  ];

  const held = store.readReserved(sessionId, agentId, now);
  const isTold = isToldOf(event, thread, held);
  const next = estimateNextRequest(event, thread, deps, now, isRequest);
  // A response that is not in the ledger yet may cost what was held for it. When a new prompt begins, it
  // has come, or never will.
  const underWay = isTold || event.moment === 'prompt' ? 0 : held;
  const parent = thread ?? store.readThread(sessionId, null);
  const spawn = spawnOf(event, parent, underWay, deps, now);
  // Before a tool the response under way was asked about already, and what follows will be.
  const needs = (budgetStatus: BudgetStatus): NanoUsd => {
    if (isRequest) return underWay + next(budgetStatus);
    return isTold ? next(budgetStatus) : 0;
  };

  const kept = readStandingHalts(
    { budgetContext, budgetStatuses, budgets: config.budgets, isNewTurn: event.isFromPerson },
    store,
  );
  for (const id of kept.over) store.releaseHalt(id, now);
  if (kept.haltRecord === null && question.allowedWaits.line && !isTold) {
    const slice = spawn?.needNanoUsd ?? 0;
    const leads = spawn !== null || (isRequest && event.moment !== 'prompt');
    const isFirst = thread === null && leads && hasCeiling(budgetStatuses);
    const margin = (budgetStatus: BudgetStatus) => held + slice + next(budgetStatus, held + slice);
    if (isFirst || isClose(budgetStatuses, margin)) return 'line';
  }
  if (
    kept.haltRecord === null &&
    question.allowedWaits.room &&
    isRequest &&
    isClose(budgetStatuses, needs)
  ) {
    if (!isClose(budgetStatuses.map(aloneOf), needs)) return 'room';
  }
  const decision = decide({
    now,
    sessionId,
    budgetStatuses,
    forecastNanoUsd: needs,
    haltRecord: kept.haltRecord,
    unknownModel: unknownModelOf(thread, question.ingested, deps, now),
    spawn,
    isOptional: event.moment === 'before-compaction',
    // A tool by itself asks no model: what others hold for requests of theirs is no reason to stop it.
    isAlone: !isRequest,
  });
  const assessment = {
    event,
    now,
    budgetContext,
    budgetStatuses,
    spawn,
    underWayNanoUsd: underWay,
    decision,
  };
  const answer = applyDecision(assessment, deps);
  const isFar = () => budgetStatuses.every((budgetStatus) => next(budgetStatus, held) === 0);
  const lease = question.wantsLease
    ? issueLease(assessment, isFar, session.inheritedNanoUsd, thread, deps)
    : null;
  return { answer, haltedBy: decision.haltRecord?.budgetId ?? null, lease };
}

/** Whether the response that led here is in the ledger. */
function isToldOf(event: AgentEvent, thread: ThreadRecord | null, held: NanoUsd): boolean {
  const awaited = event.tool?.useId ? [event.tool.useId] : event.toolUseIds;
  const first = awaited[0];
  // Where no tool names the response, what is still held for it tells that it has not come.
  if (first === undefined || event.moment === 'before-compaction') return held === 0;
  return thread?.toolUseIds.includes(first) ?? false;
}

const hasCeiling = (budgetStatuses: readonly BudgetStatus[]): boolean =>
  budgetStatuses.some(
    (budgetStatus) => ceilingOf(budgetStatus) !== null && budgetStatus.budget.mode === 'enforce',
  );

function isClose(
  budgetStatuses: readonly BudgetStatus[],
  margin: (budgetStatus: BudgetStatus) => NanoUsd,
): boolean {
  return budgetStatuses.some((budgetStatus) => {
    const ceiling = ceilingOf(budgetStatus);
    if (ceiling === null || budgetStatus.budget.mode !== 'enforce') return false;
    return spendOf(budgetStatus) + margin(budgetStatus) > ceiling;
  });
}

/** The same without what others hold. */
const aloneOf = (budgetStatus: BudgetStatus): BudgetStatus => ({
  ...budgetStatus,
  reservedNanoUsd: 0,
});

/** Where the asking thread stands, for scopes and periods. */
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
    ...labelsOf(place, deps.labels),
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
  };
}

/** Where the main loop of a session stands, for whoever asks from outside of it. */
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
    cwd: session.cwd ?? '.',
  };
  return budgetContextOf(at, session, thread, deps, now);
}

/** This session and those it goes on from. */
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

/** Every budget that has a say here, as it stands now. */
export function readBudgetStatuses(
  budgetContext: BudgetContext,
  session: SessionRecord,
  { store, config }: GateDeps,
): BudgetStatus[] {
  const { now } = budgetContext;
  return config.budgets.flatMap((budget) => {
    const named = poolOf(budget, budgetContext, store);
    if (named === null) return [];
    const { pool, label } = named;
    const spend = store.readPoolSpend(pool, budgetContext, now);
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
