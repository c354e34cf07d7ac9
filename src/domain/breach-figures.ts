// The figures that a breach carries, of a budget as it stands.
import type { NanoUsd } from './money.ts';
import { type BudgetStatus, ceilingOf, planFigures, postedOf } from './spend.ts';
import type { BreachFigures } from './verdict.ts';

export const figuresOf = (
  status: BudgetStatus,
  limitNanoUsd: NanoUsd,
  forecastNanoUsd: NanoUsd,
): BreachFigures => ({
  budgetId: status.budget.id,
  windowLabel: status.windowLabel,
  spendNanoUsd: postedOf(status),
  reservedNanoUsd: status.reservedNanoUsd,
  ceilingNanoUsd: ceilingOf(status),
  ...{ limitNanoUsd, forecastNanoUsd },
  ...planFigures(status),
  ...teamFigures(status),
});

/** Of a ceiling that refuses something: a team that may have more was asked for it before. */
export function refusalFigures(
  status: BudgetStatus,
  limitNanoUsd: NanoUsd,
  forecastNanoUsd: NanoUsd,
): BreachFigures {
  const { team } = status;
  const isReachable = team !== undefined && team.budgetId !== null && team.offline === null;
  return {
    ...figuresOf(status, limitNanoUsd, forecastNanoUsd),
    ...(isReachable && team.spareNanoUsd === null ? { isTeamSilent: true } : {}),
  };
}

/** Nothing for a budget of this machine. */
function teamFigures({ team }: BudgetStatus): Pick<BreachFigures, 'teamBudgetId' | 'teamOffline'> {
  if (team === undefined) return {};
  const { budgetId, offline } = team;
  return { teamBudgetId: budgetId, ...(offline === null ? {} : { teamOffline: offline }) };
}
