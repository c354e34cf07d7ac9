// How often each circuit breaker would have tripped in sessions of the past, and on what. Rule: pure over its lines and steps; breakers that are off
// are asked as well, and no session is taken to have ended at a trip.
import type { Activity, BreakerRules, Step, ThreadStep } from '../breakers/breaker.ts';
import { watchStep } from '../breakers/breakers.ts';
import type { LedgerLine } from '../domain/aggregates.ts';
import { BREAKER_NAMES, type BreakerEvidence, type BreakerName } from '../domain/breaker-trip.ts';
import type { AgentId, SessionId } from '../domain/ids.ts';
import type { NanoUsd } from '../domain/money.ts';
import type { EpochMs } from '../domain/time.ts';

/** What a thread did, by its transcript. */
export interface PastThread {
  readonly sessionId: SessionId;
  readonly agentId: AgentId | null;
  readonly steps: readonly ThreadStep[];
}

/** A trip that would have been. */
export interface ReplayedTrip extends BreakerEvidence {
  readonly breaker: BreakerName;
  readonly at: EpochMs;
  readonly sessionId: SessionId;
  readonly agentId: AgentId | null;
  /** What the session spent afterwards. */
  readonly laterNanoUsd: NanoUsd;
}

export interface ReplayedBreaker {
  readonly breaker: BreakerName;
  readonly mode: BreakerRules[BreakerName]['mode'];
  readonly tripCount: number;
  readonly sessionCount: number;
  readonly trips: readonly ReplayedTrip[];
}

/** Replays threads against the money of their sessions; `lines` are all of those sessions', in any order. */
export function replayBreakers(
  threads: readonly PastThread[],
  lines: readonly LedgerLine[],
  rules: BreakerRules,
): readonly ReplayedBreaker[] {
  const asked = Object.fromEntries(
    BREAKER_NAMES.map((name) => [name, { ...rules[name], mode: 'observe' }]),
  ) as unknown as BreakerRules;
  const trips = threads.flatMap((thread) => tripsOf(thread, lines, asked));
  return BREAKER_NAMES.map((breaker) => {
    const own = trips.filter((trip) => trip.breaker === breaker).sort((a, b) => a.at - b.at);
    const sessionCount = new Set(own.map(({ sessionId }) => sessionId)).size;
    return { breaker, mode: rules[breaker].mode, tripCount: own.length, sessionCount, trips: own };
  });
}

function tripsOf(
  { sessionId, agentId, steps }: PastThread,
  lines: readonly LedgerLine[],
  rules: BreakerRules,
): ReplayedTrip[] {
  const session = spentBy(lines.filter((line) => line.sessionId === sessionId));
  const own =
    agentId === null
      ? session
      : spentBy(lines.filter((line) => line.sessionId === sessionId && line.agentId === agentId));
  let activity: Activity | null = null;
  return steps.flatMap((step): ReplayedTrip[] => {
    const spentSince = (at: EpochMs) => session(step.at) - session(at);
    const priced = { ...step, spentNanoUsd: own(step.at) } as Step;
    const watched = watchStep(activity, priced, rules, spentSince);
    activity = watched.activity;
    const laterNanoUsd = session(Number.POSITIVE_INFINITY) - session(step.at);
    return watched.trips.flatMap(({ mode: _, isNew, ...trip }) =>
      isNew ? [{ ...trip, at: step.at, sessionId, agentId, laterNanoUsd }] : [],
    );
  });
}

/** What lines had spent at an instant, by a search among their sums. */
function spentBy(lines: readonly LedgerLine[]): (at: EpochMs) => NanoUsd {
  const inOrder = [...lines].sort((a, b) => a.occurredAt - b.occurredAt);
  let sum = 0;
  const sums = inOrder.map(({ costNanoUsd }) => {
    sum += costNanoUsd;
    return sum;
  });
  return (at) => {
    let [low, high] = [0, inOrder.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((inOrder[middle]?.occurredAt ?? 0) <= at) low = middle + 1;
      else high = middle;
    }
    return sums[low - 1] ?? 0;
  };
}
