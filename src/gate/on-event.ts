// What happens at each moment of a session. Rule: every moment reads the new part of the transcript
// first; money is asked about wherever a request is about to be made.
import type { AgentEvent, Answer, Unreadable } from '../agents/agent.ts';
import { toPerson } from '../domain/breach-text.ts';
import { decide } from '../domain/decide.ts';
import type { DecisionLease } from '../domain/decision-lease.ts';
import { explain } from '../domain/explain.ts';
import type { EpochMs } from '../domain/time.ts';
import { ALLOW } from '../domain/verdict.ts';
import { ingestNewLines } from '../ingest/ingest-new-lines.ts';
import { headOf, ingestSession } from '../ingest/ingest-session.ts';
import { settle } from '../ingest/settle.ts';
import { type Ingested, type KnownHead, NOTHING_INGESTED } from '../ingest/types.ts';
import { protectedPath } from '../protection/protected-paths.ts';
import type { SessionRecord } from '../stores/store.ts';
import { GRACE_MS } from './apply-decision.ts';
import { budgetContextOf } from './budget-context.ts';
import { estimateFirstRequest, firstOfTeam } from './estimate-next-request.ts';
import { gate } from './gate.ts';
import { isLeasable } from './lease.ts';
import { missingTranscriptAnswer, unusableLinesAnswer } from './missing-transcript.ts';
import { answerPrompt, type PromptDeps } from './prompt-command.ts';
import { raiseTrips } from './raise-alerts.ts';
import { recordActivity } from './record-activity.ts';
import { settleReroutings } from './route-spawn.ts';
import { keepHandOff, type LifecycleDeps, sessionStart, turnEndLine } from './session-lifecycle.ts';
import { askForShares, readTeamStatuses } from './team-share.ts';
import type { AllowedWaits, GateResult } from './types.ts';
import { retryUntilDecided, type WaitDeps } from './wait-retry.ts';
import { watchActivity } from './watch-activity.ts';

export interface EventDeps extends LifecycleDeps, PromptDeps, Pick<WaitDeps, 'wait' | 'clock'> {
  /** Folders and files that only people may change; asked for when a tool would change something. */
  readonly protectedFiles: () => readonly string[];
  /** Environment that the agent's own commands see. */
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** The folder of everything Tollgate remembers. */
  readonly stateHome: string;
  /** Stores the lease for the next tool call in the place of the one before it. `null` where nobody uses leases. */
  readonly storeLease: ((lease: DecisionLease | null, event: AgentEvent) => void) | null;
}

const SILENT: Answer = { verdict: ALLOW, forPerson: null, forModel: null, reason: null };

/** Answers one event. Throws `TollgateError` when the ledger or the transcript refuses. */
export function onEvent(event: AgentEvent, deps: EventDeps, now: EpochMs): Answer {
  switch (event.moment) {
    case 'before-tool':
      return refuseGuarded(event, deps) ?? ask(event, deps, now);
    case 'prompt':
      return answerPrompt(event, deps, now) ?? ask(event, deps, now);
    case 'after-tools':
    case 'after-tool':
    case 'before-compaction':
      return ask(event, deps, now);
    case 'session-start':
      return deps.store.immediately(() => {
        ingest(event, deps, now, headOf(deps.store.readSession(event.sessionId)));
        const session = recordActivity(event, deps, now);
        settle(event.sessionId, deps.store, deps, now);
        askEarly(event, session, deps, now);
        return { ...SILENT, ...sessionStart(event, session, deps, now) };
      });
    case 'subagent-start':
      return deps.store.immediately(() => subagentStart(event, deps, now));
    case 'subagent-end':
    case 'turn-end':
    case 'session-end':
      return end(event, deps, now);
  }
}

/** Asks the team for what the first request may need, so that the first prompt need not wait. */
function askEarly(event: AgentEvent, session: SessionRecord, deps: EventDeps, now: EpochMs): void {
  if (deps.store.readTeam() === null) return;
  const at = budgetContextOf(event, session, null, deps, now);
  const need = firstOfTeam(event, deps)();
  askForShares(at, readTeamStatuses(at, deps), () => need, deps, now);
}

function ingest(
  event: AgentEvent,
  deps: EventDeps,
  now: EpochMs,
  head: KnownHead | null,
): Ingested {
  if (event.transcriptPath === null) return NOTHING_INGESTED;
  return ingestSession(event.transcriptPath, deps, now, head);
}

/**
 * Asks the gate. The response that led here may not be in the transcript yet: it gets there some
 * milliseconds after the hook starts, or when the rest of the message has been written. Far from any
 * ceiling that does not matter; near one we wait for it, but never long.
 */
function ask(event: AgentEvent, deps: EventDeps, startedAt: EpochMs): Answer {
  const { store } = deps;
  if (event.moment === 'prompt') readPrevious(event, deps, startedAt);
  let head: KnownHead | null | undefined;
  let unusableCount = 0;
  let unreadable: readonly Unreadable[] = [];
  let refusal: Answer | null = null;
  const attempt = (now: EpochMs, allowedWaits: AllowedWaits) => {
    head ??= headOf(store.readSession(event.sessionId));
    const ingested = ingest(event, deps, now, head);
    ({ unusableCount, unreadable } = ingested);
    const wantsLease = deps.storeLease !== null && unusableCount === 0;
    const asked = gate({ event, now, ingested, allowedWaits, wantsLease }, deps);
    if (typeof asked === 'object' && isRefusal(asked.answer)) refusal = asked.answer;
    return asked;
  };
  try {
    const gateResult = retryUntilDecided(event, deps, startedAt, attempt);
    afterDecision(event, gateResult, deps, startedAt);
    const { answer } = gateResult;
    return (
      missingTranscriptAnswer(event, deps, startedAt, unreadable) ??
      unusableLinesAnswer(event, unusableCount, answer, deps, startedAt) ??
      answer
    );
  } catch (error) {
    // What was refused stays refused when it cannot be written down; the next event decides again.
    if (refusal !== null) return refusal;
    throw error;
  }
}

/** Keeps what later events need beside the ledger. */
function afterDecision(event: AgentEvent, asked: GateResult, deps: EventDeps, now: EpochMs): void {
  const { lease, totals, haltedBy } = asked;
  if (isLeasable(event, deps.agent)) deps.storeLease?.(lease, event);
  if (event.moment === 'prompt' || haltedBy !== null) deps.storeTotals?.(totals);
  if (haltedBy !== null) keepHandOff(event, haltedBy, deps, now);
}

const isRefusal = ({ verdict: { kind } }: Answer): boolean => kind === 'halt' || kind === 'deny';

/** The client writes the total of a session that was cleared when its SessionEnd is over: it is read with the next prompt. */
function readPrevious({ sessionId }: AgentEvent, deps: EventDeps, now: EpochMs): void {
  const { store } = deps;
  const link = store.readLink(sessionId);
  if (link === null) return;
  store.immediately(() => {
    const previous = store.readSession(link.previousId);
    if (previous !== null) ingestNewLines(previous, deps, now);
  });
}

/** The answer to a tool call that aims at what only people may change; `null` for any other. */
export function refuseGuarded(event: AgentEvent, deps: EventDeps): Answer | null {
  if (event.tool === null) return null;
  const { protectedFiles: files, variables } = deps;
  const { tools } = deps.agent;
  const refusal = tools.forgesPrompt(event.tool)
    ? { path: '/budget', instead: null }
    : protectedPath(event.tool, { files, cwd: event.cwd, variables, tools });
  if (refusal === null) return null;
  const breach = { code: 'GUARDED_FILE', ...refusal } as const;
  const reason = toPerson(breach, event.sessionId);
  return {
    verdict: { kind: 'deny', breaches: [breach] },
    forPerson: `${reason} (${event.tool.name})`,
    forModel: null,
    reason,
  };
}

/** It cannot be stopped any more: its slice becomes its own, so that others see it. */
function subagentStart(event: AgentEvent, deps: EventDeps, now: EpochMs): Answer {
  const { store, config } = deps;
  const { sessionId, agentId, turnId } = event;
  if (agentId === null || store.handOverSpawn(sessionId, agentId, now)) return SILENT;
  const { attribution } = budgetContextOf(event, recordActivity(event, deps, now), null, deps, now);
  store.reserve({
    sessionId,
    agentId,
    attribution,
    turnId,
    amountNanoUsd: estimateFirstRequest(event, deps)(),
    madeAt: now,
    expiresAt: now + config.reservationMs,
  });
  return SILENT;
}

/** Something is over: what was held for it is let go, once its last response is in the ledger. */
function end(event: AgentEvent, deps: EventDeps, startedAt: EpochMs): Answer {
  const { store } = deps;
  const { sessionId, agentId, moment } = event;
  let head: KnownHead | null | undefined;
  let unusableCount = 0;
  let unreadable: readonly Unreadable[] = [];
  const answer = retryUntilDecided(event, deps, startedAt, (now, allowedWaits) => {
    head ??= headOf(store.readSession(sessionId));
    ({ unusableCount, unreadable } = ingest(event, deps, now, head));
    store.settleReservations(sessionId);
    if (allowedWaits.line && store.readReserved(sessionId, agentId, now) > 0) return 'line';
    // The last line may still come; longer than this nobody is kept from the money.
    store.endReservation(sessionId, agentId, now + GRACE_MS);
    settleReroutings(event, deps, now);
    if (moment === 'subagent-end') return SILENT;
    const session = recordActivity(event, deps, now);
    if (moment === 'turn-end') {
      const line = turnEndLine(event, session, deps, now);
      return turnEndTrip(event, deps, now) ?? { ...SILENT, forPerson: line };
    }
    store.forgetActivities(sessionId, 'subagents');
    settle(sessionId, store, deps, now);
    store.releaseSession(sessionId);
    return SILENT;
  });
  return (
    missingTranscriptAnswer(event, deps, startedAt, unreadable) ??
    unusableLinesAnswer(event, unusableCount, answer, deps, startedAt) ??
    answer
  );
}

/** A turn that ends without a tool may be sent on by a hook: what breakers say to that; `null`: nothing. */
function turnEndTrip(event: AgentEvent, deps: EventDeps, now: EpochMs): Answer | null {
  const { store } = deps;
  const { sessionId } = event;
  const trips = watchActivity(event, store.readThread(sessionId, null), deps, now);
  const { verdict, haltRecord, due } = decide({
    ...{ now, sessionId, budgetStatuses: [], forecastNanoUsd: 0, haltRecord: null },
    ...{ unknownModel: null, spawn: null, trips },
  });
  raiseTrips(event, trips, deps, now);
  if (due.length > 0) {
    const breaches = due.map(({ breach }) => breach);
    store.recordDecision({
      ...{ at: now, sessionId, moment: event.moment },
      verdict: { ...verdict, breaches },
    });
  }
  if (verdict.kind === 'allow') return null;
  if (haltRecord !== null) store.writeHalt(haltRecord);
  const news = { forPerson: verdict.breaches, forModel: [] };
  return { verdict, ...explain(verdict, news, sessionId) };
}
