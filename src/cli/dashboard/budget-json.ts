// Budgets and grants as pages get them: the figures of a status with where it is heading, and raises with who gave them.
import { planFigures, recordedFigures, windowName } from '../../domain/spend.ts';
import type { BudgetProjection } from '../../gate/project-budget.ts';
import type { Grant } from '../../stores/store.ts';
import { budgetJson } from '../budget-line.ts';

/** A budget as `status` has it, with its window. */
export function windowJson(projection: BudgetProjection) {
  const { budgetStatus } = projection;
  const { window, reservedNanoUsd, grantedNanoUsd, windowKey } = budgetStatus;
  const instant = (at: number) => (Number.isFinite(at) && at > 0 ? at : null);
  return {
    ...budgetJson(projection),
    ...{ name: windowName(budgetStatus), windowKey },
    ...{ startAt: instant(window.startAt), endAt: instant(window.endAt) },
    ...planFigures(budgetStatus),
    ...{ reservedNanoUsd, grantedNanoUsd },
  };
}

/** A raise, in the unit it was given in. */
export function grantJson({
  budgetId,
  poolKey,
  amountNanoUsd,
  reason,
  author,
  grantedAt,
  expiresAt,
}: Grant) {
  return {
    ...{ budgetId, windowKey: poolKey, amountNanoUsd, ...recordedFigures(poolKey) },
    ...{ reason, author, grantedAt, expiresAt },
  };
}
