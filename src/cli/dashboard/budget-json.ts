// Budgets and grants as pages get them: the figures of a status with where it is heading, and raises with who gave them.
import {
  ceilingOf,
  headroomOf,
  planFigures,
  recordedFigures,
  spendOf,
  windowName,
} from '../../domain/spend.ts';
import type { BudgetProjection } from '../../gate/project-budget.ts';
import type { Grant } from '../../stores/store.ts';

/** A budget as it stands, and where it is heading. */
export function budgetJson({ budgetStatus, ...ahead }: BudgetProjection) {
  const { budget, window } = budgetStatus;
  const instant = (at: number) => (Number.isFinite(at) && at > 0 ? at : null);
  return {
    budgetId: budget.id,
    name: windowName(budgetStatus),
    windowKey: budgetStatus.windowKey,
    window: budgetStatus.windowLabel,
    startAt: instant(window.startAt),
    endAt: instant(window.endAt),
    period: budget.period.kind,
    mode: budget.mode,
    ...planFigures(budgetStatus),
    softNanoUsd: budget.softNanoUsd,
    hardNanoUsd: budget.hardNanoUsd,
    ceilingNanoUsd: ceilingOf(budgetStatus),
    spendNanoUsd: spendOf(budgetStatus),
    reservedNanoUsd: budgetStatus.reservedNanoUsd,
    grantedNanoUsd: budgetStatus.grantedNanoUsd,
    headroomNanoUsd: headroomOf(budgetStatus),
    announced: budgetStatus.announced,
    burnNanoUsdPerHour: ahead.burnNanoUsdPerHour,
    paceRatio: ahead.paceRatio,
    runOutAt: ahead.runOutAt,
    requestsLeft: ahead.requestsLeft,
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
