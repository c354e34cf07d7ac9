// Puts the alerts that became due into the outbox. Rule: in the transaction of the decision they follow from, so that of many who see a
// crossing one tells it; sending them is somebody else's work.
import type { AgentEvent } from '../agents/agent.ts';
import { enqueueAlert } from '../alerts/alert.ts';
import { alertsDue } from '../domain/alerts-due.ts';
import type { BreakerTrip } from '../domain/breaker-trip.ts';
import type { Decision } from '../domain/decide.ts';
import { evidenceText } from '../domain/explain-breaker.ts';
import type { BudgetStatus } from '../domain/spend.ts';
import type { EpochMs } from '../domain/time.ts';
import { expectedRequestCost } from './project-budget.ts';
import type { GateDeps } from './types.ts';

/** Raises what is due. `decision`: `null` where no request follows. Call inside `store.immediately`. */
export function raiseAlerts(
  { sessionId, agentId }: Pick<AgentEvent, 'sessionId' | 'agentId'>,
  budgetStatuses: readonly BudgetStatus[],
  decision: Decision | null,
  deps: Pick<GateDeps, 'store' | 'config' | 'pricer'>,
  now: EpochMs,
): void {
  const { store, config } = deps;
  const { thresholds } = config.alerts;
  const isRaised = store.hasAlert;
  const readRequestCost = () => expectedRequestCost(store.readThread(sessionId, agentId), deps);
  const { due, passed } = alertsDue({
    // A lease that runs low is renewed: that is no news.
    budgetStatuses: budgetStatuses.filter(({ team }) => team === undefined || team.isSpent),
    ...{ sessionId, decision, thresholds, isRaised, readRequestCost },
  });
  for (const key of passed) store.rearmAlert(key);
  for (const each of due) enqueueAlert(each, sessionId, deps, now);
}

/** Raises each breaker that has tripped and was not told before. Call inside `store.immediately`. */
export function raiseTrips(
  { sessionId, agentId }: Pick<AgentEvent, 'sessionId' | 'agentId'>,
  trips: readonly BreakerTrip[],
  deps: Pick<GateDeps, 'store' | 'config'>,
  now: EpochMs,
): void {
  for (const trip of trips) {
    const { breaker, count, costNanoUsd, mode, isNew } = trip;
    if (mode === 'observe' || !isNew) continue;
    const isHalted = mode === 'enforce';
    const evidence = evidenceText(trip);
    const alert = {
      code: 'BREAKER_TRIPPED',
      breaker,
      count,
      costNanoUsd,
      evidence,
      isHalted,
    } as const;
    const onceKey = ['BREAKER_TRIPPED', breaker, sessionId, agentId ?? '', now].join('|');
    enqueueAlert({ alert, onceKey }, sessionId, deps, now);
  }
}
