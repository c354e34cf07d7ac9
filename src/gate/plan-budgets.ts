// Budgets in windows of a plan belong to no session: they stand also where no session has been for long.
import type { SessionId } from '../domain/ids.ts';
import type { EpochMs } from '../domain/time.ts';
import { newSession } from '../ingest/record-fact.ts';
import type { BudgetProjection } from './project-budget.ts';
import { readSessionStatus, type SessionStatus } from './session-status.ts';
import type { GateDeps } from './types.ts';

/** Who asks when no session does. */
export const nobody = (now: EpochMs) => newSession('' as SessionId, now);

/** The plan's budgets of a configuration, without those that one of these sessions already has. Call inside `store.immediately`. */
export function readPlanBudgets(
  shown: readonly Pick<SessionStatus, 'budgets'>[],
  deps: GateDeps,
  now: EpochMs,
): readonly BudgetProjection[] {
  if (!deps.config.budgets.some(({ period }) => period.kind === 'plan')) return [];
  const keyOf = ({ budgetStatus }: BudgetProjection) => budgetStatus.windowKey;
  const known = new Set(shown.flatMap(({ budgets }) => budgets.map(keyOf)));
  return readSessionStatus(nobody(now), deps, now).budgets.filter(
    (each) => each.budgetStatus.budget.period.kind === 'plan' && !known.has(keyOf(each)),
  );
}
