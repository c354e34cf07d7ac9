// The gate: may the next request be made? Rule: read, decide once, apply, all inside one transaction of the ledger, so that any number of
// hooks at once give one verdict.
import type { AgentEvent, Moment } from '../agents/agent.ts';
import { decide } from '../domain/decide.ts';
import type { NanoUsd } from '../domain/money.ts';
import { type BudgetStatus, ceilingOf, spendOf } from '../domain/spend.ts';
import type { EpochMs } from '../domain/time.ts';
import type { SessionRecord, ThreadRecord } from '../stores/store.ts';
import { applyDecision } from './apply-decision.ts';
import { budgetContextOf, readBudgetStatuses } from './budget-context.ts';
import {
  estimateNextRequest,
  firstOfTeam,
  type NextRequestEstimate,
} from './estimate-next-request.ts';
import { fanOutStatus } from './fan-out.ts';
import { lastTotals } from './last-totals.ts';
import { issueLease } from './lease.ts';
import { recordActivity } from './record-activity.ts';
import { applyRoute, refuseByRoute, routeSpawn } from './route-spawn.ts';
import { readStandingHalts, type StandingHalts } from './standing-halts.ts';
import { spawnHold, spawnOf } from './subagent-spawn.ts';
import { askForShares, isRefused } from './team-share.ts';
import type {
  AllowedWaits,
  BudgetContext,
  GateDeps,
  GateRequest,
  GateResult,
  PlannedSpawn,
  Wait,
} from './types.ts';
import { unknownModelOf } from './unknown-model.ts';
import { watchActivity } from './watch-activity.ts';

/** Moments after which a request follows. Before a tool, the tool comes first and then the gate again. */
const LEADS_TO_REQUEST: ReadonlySet<Moment> = new Set<Moment>([
  'prompt',
  'after-tool',
  'after-tools',
  'before-compaction',
]);

/** What is read from the ledger for one decision. */
interface Situation {
  readonly event: AgentEvent;
  readonly session: SessionRecord;
  /** `null` before the thread's first request. */
  readonly thread: ThreadRecord | null;
  readonly budgetContext: BudgetContext;
  readonly budgetStatuses: readonly BudgetStatus[];
  readonly halts: StandingHalts;
  /** Whether a request follows at once. */
  readonly isRequest: boolean;
  /** Whether the response that led here is in the ledger. */
  readonly isRecorded: boolean;
  /** Reserved by this thread. */
  readonly reservedNanoUsd: NanoUsd;
  /** The part of it for a response that is not in the ledger yet. */
  readonly underWayNanoUsd: NanoUsd;
  readonly next: NextRequestEstimate;
  readonly spawn: PlannedSpawn | null;
  /** What the very first request of a thread is to have of a team's money; 0 where none follows. */
  readonly firstNanoUsd: () => NanoUsd;
}

/**
 * Decides, and applies the decision. Call inside `store.immediately`. `line`: the response under way decides; `room`: what others
 * reserved decides. Then ask again when there is news of it; nothing was applied.
 */
export function gate(request: GateRequest, deps: GateDeps): GateResult | Wait {
  const situation = readSituation(request, deps);
  const { event, session, thread, budgetContext, budgetStatuses, halts, next } = situation;
  const { now } = request;
  for (const id of halts.over) deps.store.releaseHalt(id, now);
  askForMore(situation, deps, now);
  const wait = halts.haltRecord === null ? waitFor(situation, request.allowedWaits) : null;
  if (wait !== null) return wait;
  const trips = halts.haltRecord === null ? watchActivity(event, thread, deps, now) : [];
  const routed = routeSpawn(event, situation.spawn, thread, budgetStatuses, deps);
  const decided = decide({
    now,
    sessionId: event.sessionId,
    budgetStatuses,
    forecastNanoUsd: (status) => requiredNanoUsd(situation, status),
    haltRecord: halts.haltRecord,
    unknownModel: unknownModelOf(thread, request.ingested, deps, now),
    spawn: situation.spawn,
    trips,
    isOptional: event.moment === 'before-compaction',
    // A tool by itself makes no request: what others reserved for requests of theirs is no reason to stop it.
    isAlone: !situation.isRequest,
  });
  const decision = refuseByRoute(decided, routed);
  const { spawn, underWayNanoUsd } = situation;
  const assessment = {
    event,
    now,
    budgetContext,
    budgetStatuses,
    spawn,
    underWayNanoUsd,
    decision,
    trips,
  };
  const answer = applyRoute(applyDecision(assessment, deps), event, routed, deps, now);
  const isFar = () =>
    budgetStatuses.every((status) => next(status, situation.reservedNanoUsd) === 0);
  const lease = request.wantsLease
    ? issueLease(assessment, isFar, session.inheritedNanoUsd, thread, deps)
    : null;
  const haltRecord = decision.haltRecord ?? halts.haltRecord;
  const totals = lastTotals(budgetContext, budgetStatuses, haltRecord);
  return { answer, haltedBy: decision.haltRecord?.budgetId ?? null, lease, totals };
}

function readSituation({ event, now }: GateRequest, deps: GateDeps): Situation {
  const { store, config } = deps;
  const { sessionId, agentId } = event;
  const session = recordActivity(event, deps, now);
  store.settleReservations(sessionId);
  // Another installation of the hooks may have let this very call through already.
  if (event.tool !== null && deps.agent.tools.subagentsOf(event.tool) !== null) {
    store.release(sessionId, spawnHold(event.tool.useId));
  }
  const thread = store.readThread(sessionId, agentId);
  const budgetContext = budgetContextOf(event, session, thread, deps, now);
  const budgetStatuses = [
    ...readBudgetStatuses(budgetContext, session, deps),
    ...fanOutStatus(budgetContext, store, config),
  ];
  const reservedNanoUsd = store.readReserved(sessionId, agentId, now);
  const isRecorded = isResponseRecorded(event, thread, reservedNanoUsd);
  const isRequest = LEADS_TO_REQUEST.has(event.moment);
  // A response that is not in the ledger yet may cost what was reserved for it. When a new prompt begins, it has come, or
  // never will.
  const underWayNanoUsd = isRecorded || event.moment === 'prompt' ? 0 : reservedNanoUsd;
  const parent = thread ?? store.readThread(sessionId, null);
  return {
    ...{ event, session, thread, budgetContext, budgetStatuses },
    ...{ isRequest, isRecorded, reservedNanoUsd, underWayNanoUsd },
    halts: readStandingHalts(
      { budgetContext, budgetStatuses, budgets: config.budgets, isNewTurn: event.isFromPerson },
      store,
    ),
    next: estimateNextRequest(event, thread, deps, now, isRequest),
    spawn: spawnOf(event, parent, underWayNanoUsd, deps, now),
    firstNanoUsd: thread === null && isRequest ? firstOfTeam(event, deps) : () => 0,
  };
}

/** Whether the response that led here is in the ledger. */
function isResponseRecorded(
  event: AgentEvent,
  thread: ThreadRecord | null,
  reservedNanoUsd: NanoUsd,
): boolean {
  const awaited = event.tool?.useId ? [event.tool.useId] : event.toolUseIds;
  const first = awaited[0];
  // Where no tool names the response, what is still reserved for it says that it has not come.
  if (first === undefined || event.moment === 'before-compaction') return reservedNanoUsd === 0;
  return thread?.toolUseIds.includes(first) ?? false;
}

/** What must fit under a budget's ceiling now. */
function requiredNanoUsd(
  { isRequest, isRecorded, underWayNanoUsd, next }: Situation,
  status: BudgetStatus,
): NanoUsd {
  // Before a tool the response under way was decided on already, and what follows will be.
  if (isRequest) return underWayNanoUsd + next(status);
  return isRecorded ? next(status) : 0;
}

/** What has to be waited for before a decision; `null`: nothing, or nothing that may be waited for. */
function waitFor(situation: Situation, allowed: AllowedWaits): Wait | null {
  const { event, thread, budgetStatuses, spawn, isRequest, isRecorded, next } = situation;
  if (allowed.line && !isRecorded) {
    const reserved = situation.reservedNanoUsd + (spawn?.requiredNanoUsd ?? 0);
    const leads = spawn !== null || (isRequest && event.moment !== 'prompt');
    const isFirst = thread === null && leads && hasCeiling(budgetStatuses);
    const margin = (status: BudgetStatus) => reserved + next(status, reserved);
    if (isFirst || isClose(budgetStatuses, margin)) return 'line';
  }
  if (allowed.team && isOnlyTeam(situation)) return 'team';
  if (!isRequest || !allowed.room) return null;
  const required = (status: BudgetStatus) => requiredNanoUsd(situation, status);
  const isOnlyReserved =
    isClose(budgetStatuses, required) && !isClose(budgetStatuses.map(withoutOthers), required);
  return isOnlyReserved ? 'room' : null;
}

/** Asks the team for what may be needed next, where leases do not carry it; before a tool only where they do not carry it now. */
function askForMore(situation: Situation, deps: GateDeps, now: EpochMs): void {
  const { budgetContext, budgetStatuses, isRequest } = situation;
  if (!budgetStatuses.some(({ team }) => team !== undefined)) return;
  const asking = isRequest ? budgetStatuses : shortOf(situation);
  askForShares(budgetContext, asking, (status) => teamNeed(situation, status), deps, now);
}

/** What must fit under a ceiling of the team now: the next request, or the subagents about to start. */
function teamNeed(situation: Situation, status: BudgetStatus): NanoUsd {
  const { spawn, firstNanoUsd } = situation;
  const forSpawn = spawn === null ? 0 : spawn.parentNanoUsd + spawn.requiredNanoUsd;
  const first = status.team === undefined ? 0 : firstNanoUsd();
  return Math.max(requiredNanoUsd(situation, status), forSpawn, first);
}

/** The budgets that would halt, or refuse a spawn, as they are. */
const shortOf = (situation: Situation): readonly BudgetStatus[] =>
  situation.budgetStatuses.filter(
    (status) => isClose([status], (each) => teamNeed(situation, each)) || isMet(status),
  );

/** Whether nothing but money of the team is missing, and it may have some. */
function isOnlyTeam(situation: Situation): boolean {
  const short = shortOf(situation);
  const mayBeGiven = (status: BudgetStatus) =>
    status.team !== undefined && !isRefused(status, teamNeed(situation, status));
  return short.length > 0 && short.every(mayBeGiven);
}

const isMet = (status: BudgetStatus): boolean =>
  status.budget.mode === 'enforce' && status.postedNanoUsd >= (ceilingOf(status) ?? Infinity);

const hasCeiling = (statuses: readonly BudgetStatus[]): boolean =>
  statuses.some((status) => ceilingOf(status) !== null && status.budget.mode === 'enforce');

function isClose(
  statuses: readonly BudgetStatus[],
  margin: (status: BudgetStatus) => NanoUsd,
): boolean {
  return statuses.some((status) => {
    const ceiling = ceilingOf(status);
    if (ceiling === null || status.budget.mode !== 'enforce') return false;
    return spendOf(status) + margin(status) > ceiling;
  });
}

/** The same without what others reserved. */
const withoutOthers = (status: BudgetStatus): BudgetStatus => ({ ...status, reservedNanoUsd: 0 });
