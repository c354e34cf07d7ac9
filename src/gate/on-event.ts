// What happens at each moment of a session. Rule: every moment reads the new part of the transcript
// first; money is asked about wherever a request is about to be made.
import type { AgentEvent, Answer } from '../agents/agent.ts';
import { toPerson } from '../domain/explain.ts';
import type { Pass } from '../domain/pass.ts';
import type { EpochMs } from '../domain/time.ts';
import { ALLOW } from '../domain/verdict.ts';
import { GRACE_MS } from './carry-out.ts';
import { type GateDeps, gate, standingOf } from './gate.ts';
import { guardedPath } from './guarded-files.ts';
import { headOf, type Ingested, ingestSession, type KnownHead } from './ingest.ts';
import { keepHandOff, sessionStart, turnEndLine } from './landing.ts';
import { firstNeed } from './need.ts';
import { isPassable } from './pass.ts';
import { type PatienceDeps, whenTold } from './patience.ts';
import { answerPrompt, forgesPrompt, type PromptDeps } from './prompt-command.ts';
import { readNewLines } from './refresh.ts';
import { settle } from './settle.ts';
import { touch } from './touch.ts';
import { unseenAnswer } from './unseen.ts';

export interface EventDeps extends GateDeps, PromptDeps, Pick<PatienceDeps, 'wait' | 'clock'> {
  /** Folders and files that only people may change; asked for when a tool would change something. */
  readonly guardedFiles: () => readonly string[];
  /** Environment that the agent's own commands see. */
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** The folder of everything Tollgate remembers. */
  readonly stateHome: string;
  /**
   * Keeps a pass for the next tool call, in the place of the one before it; none (`null`) takes its place, too. `null`
   * itself where nobody would look for one.
   */
  readonly keepPass: ((pass: Pass | null, event: AgentEvent) => void) | null;
}

const SILENT: Answer = { verdict: ALLOW, forPerson: null, forModel: null, reason: null };

/** Answers one event. Throws `ToolError` when the ledger or the transcript refuses. */
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
        const session = touch(event, deps, now);
        settle(event.sessionId, deps.store, deps, now);
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

function ingest(
  event: AgentEvent,
  deps: EventDeps,
  now: EpochMs,
  head: KnownHead | null,
): Ingested {
  if (event.transcriptPath === null) return { requestCount: 0, unknownModels: [] };
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
  const gated = whenTold(event, deps, startedAt, (now, patience) => {
    head ??= headOf(store.readSession(event.sessionId));
    const ingested = ingest(event, deps, now, head);
    const wantsPass = deps.keepPass !== null;
    return gate({ event, now, ingested, patience, wantsPass }, deps);
  });
  if (isPassable(event)) deps.keepPass?.(gated.pass, event);
  if (gated.haltedBy !== null) keepHandOff(event, gated.haltedBy, deps, startedAt);
  return unseenAnswer(event, deps, startedAt) ?? gated.answer;
}

/** The client writes the total of a session that was cleared when its SessionEnd is over: it is read with the next prompt. */
function readPrevious({ sessionId }: AgentEvent, deps: EventDeps, now: EpochMs): void {
  const { store } = deps;
  const link = store.readLink(sessionId);
  if (link === null) return;
  store.immediately(() => {
    const previous = store.readSession(link.previousId);
    if (previous !== null) readNewLines(previous, deps, now);
  });
}

function refuseGuarded(event: AgentEvent, deps: EventDeps): Answer | null {
  if (event.tool === null) return null;
  const { guardedFiles: files, variables } = deps;
  const path = forgesPrompt(event.tool)
    ? '/budget'
    : guardedPath(event.tool, { files, cwd: event.cwd, variables });
  if (path === null) return null;
  const reason = toPerson({ code: 'GUARDED_FILE', path }, event.sessionId);
  return {
    verdict: { kind: 'deny', breaches: [{ code: 'GUARDED_FILE', path }] },
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
  const { attribution } = standingOf(event, touch(event, deps, now), null, deps, now);
  store.reserve({
    sessionId,
    agentId,
    attribution,
    turnId,
    amountNanoUsd: firstNeed(event, deps)(),
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
  const answer = whenTold(event, deps, startedAt, (now, patience) => {
    head ??= headOf(store.readSession(sessionId));
    ingest(event, deps, now, head);
    store.settleReservations(sessionId);
    if (patience.line && store.readReserved(sessionId, agentId, now) > 0) return 'line';
    // The last line may still come; longer than this nobody is kept from the money.
    store.endReservation(sessionId, agentId, now + GRACE_MS);
    if (moment === 'subagent-end') return SILENT;
    const session = touch(event, deps, now);
    if (moment === 'turn-end') {
      return { ...SILENT, forPerson: turnEndLine(event, session, deps, now) };
    }
    settle(sessionId, store, deps, now);
    store.releaseSession(sessionId);
    return SILENT;
  });
  return unseenAnswer(event, deps, startedAt) ?? answer;
}
