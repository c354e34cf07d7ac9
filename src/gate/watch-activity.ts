// What circuit breakers say at an event of a session. Rule: asked wherever a response is over, so that no lease hides a loop; what is
// remembered goes into the ledger with the decision.
import type { AgentEvent } from '../agents/agent.ts';
import type { Activity, Step } from '../breakers/breaker.ts';
import { watchStep } from '../breakers/breakers.ts';
import type { BreakerTrip } from '../domain/breaker-trip.ts';
import type { NanoUsd } from '../domain/money.ts';
import type { EpochMs } from '../domain/time.ts';
import type { Pool, ThreadRecord } from '../stores/store.ts';
import type { GateDeps } from './types.ts';

/** The breakers that trip with this event. Call inside `store.immediately`, once for an event. */
export function watchActivity(
  event: AgentEvent,
  thread: ThreadRecord | null,
  deps: GateDeps,
  now: EpochMs,
): readonly BreakerTrip[] {
  const { store, config } = deps;
  const { sessionId, agentId } = event;
  const isOn = Object.values(config.breakers).some(({ mode }) => mode !== 'off');
  const kind = stepKind(event);
  if (!isOn || kind === null) return [];
  const mark = {
    at: now,
    spentNanoUsd: store.readThreadCost(sessionId, agentId),
    contextTokens: thread?.contextTokens ?? 0,
  };
  const known = store.readActivity(sessionId, agentId);
  const before = known === null ? null : (JSON.parse(known) as Activity);
  const spentSince = (at: EpochMs) => spentIn(event, at, deps, now);
  const step = stepOf(kind, event, mark, deps);
  const { activity, trips } = watchStep(before, step, config.breakers, spentSince);
  store.writeActivity(sessionId, agentId, JSON.stringify(activity));
  return trips;
}

function stepKind({ moment, agentId, calls }: AgentEvent): Step['kind'] | null {
  if (calls.length > 0) return 'calls';
  if (agentId !== null) return null;
  return moment === 'prompt' ? 'prompt' : moment === 'turn-end' ? 'response' : null;
}

function stepOf(
  kind: Step['kind'],
  event: AgentEvent,
  mark: Pick<Step, 'at' | 'spentNanoUsd' | 'contextTokens'>,
  deps: GateDeps,
): Step {
  switch (kind) {
    case 'calls':
      return { ...mark, kind, calls: event.calls };
    case 'prompt':
      return {
        ...mark,
        kind,
        isAttended: event.isFromPerson && (deps.isAttended?.(mark.at) ?? false),
      };
    case 'response':
      return { ...mark, kind };
  }
}

/** What the session has spent since an instant; a window that moves is added up anew. */
function spentIn(
  { sessionId }: AgentEvent,
  startAt: EpochMs,
  { store }: GateDeps,
  now: EpochMs,
): NanoUsd {
  const pool: Pool = {
    ...{ key: 'rolling:breaker', window: { startAt, endAt: now + 1 }, labels: {} },
    ...{ sessions: [sessionId], turnId: null, agentId: null, isAhead: false },
  };
  return store.readPoolSpend(pool, { sessionId, agentId: null }, now).postedNanoUsd;
}
