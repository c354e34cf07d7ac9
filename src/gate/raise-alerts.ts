// Puts the alerts that became due into the outbox. Rule: in the transaction of the decision they follow from, so that of many who see a
// crossing one tells it; sending them is somebody else's work.
import { enqueueAlert } from '../alerts/alert.ts';
import { alertsDue } from '../domain/alerts-due.ts';
import type { Decision } from '../domain/decide.ts';
import type { SessionId } from '../domain/ids.ts';
import type { BudgetStatus } from '../domain/spend.ts';
import type { EpochMs } from '../domain/time.ts';
import type { GateDeps } from './types.ts';

/** Raises what is due. `decision`: `null` where no request follows. Call inside `store.immediately`. */
export function raiseAlerts(
  sessionId: SessionId,
  budgetStatuses: readonly BudgetStatus[],
  decision: Decision | null,
  deps: Pick<GateDeps, 'store' | 'config'>,
  now: EpochMs,
): void {
  const { store, config } = deps;
  const { thresholds } = config.alerts;
  const isRaised = store.hasAlert;
  const { due, passed } = alertsDue({ sessionId, budgetStatuses, decision, thresholds, isRaised });
  for (const key of passed) store.rearmAlert(key);
  for (const each of due) enqueueAlert(each, sessionId, deps, now);
}
