// What is said of a ceiling of the team. Rule: no command of this machine raises one, so whoever is halted is told whom to ask, or what is broken.
import { formatUsd } from './money.ts';
import type { BreachFigures } from './verdict.ts';

export type TeamFigures = Pick<BreachFigures, 'teamBudgetId' | 'teamOffline' | 'isTeamSilent'>;

/** What helps, as the end of a sentence; `null`: the ceiling is this machine's own. */
export function teamRemedy({
  teamBudgetId,
  teamOffline,
  isTeamSilent,
}: TeamFigures): string | null {
  if (teamBudgetId === undefined) return null;
  if (teamBudgetId === null) return 'ask a manager of the team.';
  if (teamOffline !== undefined)
    return "see why the team's database cannot be reached: tollgate team status";
  if (isTeamSilent)
    return "ask again in a moment: the team's database has not answered in time (tollgate team status)";
  return `have a manager give more: tollgate team grant ${teamBudgetId} 5`;
}

/** Which ceiling it is, and how it stands; `held`: what others hold of it. */
export function teamHeadText(breach: BreachFigures, held: string): string {
  const { teamBudgetId, teamOffline, windowLabel, spendNanoUsd, limitNanoUsd } = breach;
  if (teamBudgetId === null) return windowLabel;
  if (teamOffline === 'halt') return `${windowLabel}: the team wants nothing spent meanwhile`;
  const { forecastNanoUsd } = breach;
  const next =
    forecastNanoUsd === 0 ? '' : `, and the next request may need ${formatUsd(forecastNanoUsd)}`;
  return `${windowLabel}: ${formatUsd(spendNanoUsd)} spent${held} of ${formatUsd(limitNanoUsd)}${next}`;
}
