// How a budget stands, as one line of `tollgate status`, and for scripts.
import { aheadText } from '../domain/burn-rate.ts';
import { amountText, unbilledText } from '../domain/plan-window.ts';
import {
  ceilingOf,
  headroomOf,
  planFigures,
  planJson,
  spendOf,
  windowName,
} from '../domain/spend.ts';
import type { BudgetProjection } from '../gate/project-budget.ts';
import { barText } from './live/figures-text.ts';

const BAR_WIDTH = 10;

/** The line. `isFirst`: the budget is met before all others, so what is ahead is told. */
export function budgetLine(projection: BudgetProjection, isFirst: boolean, now: number): string {
  const { budgetStatus } = projection;
  const { budget, announced, plan } = budgetStatus;
  const ceiling = ceilingOf(budgetStatus);
  const spend = spendOf(budgetStatus);
  const name = windowName(budgetStatus);
  const show = (nano: number) => amountText(nano, planFigures(budgetStatus));
  if (plan?.basis === 'unknown') {
    return `${name}: not known yet, so nothing is halted: Claude Code's status line has said nothing of it`;
  }
  const unbilled = unbilledText(planFigures(budgetStatus));
  if (ceiling === null || ceiling <= 0) return `${name}: ${show(spend)}${unbilled}, no ceiling`;
  const bar = barText(spend / ceiling, BAR_WIDTH);
  const granted = budgetStatus.grantedNanoUsd
    ? `, ${show(budgetStatus.grantedNanoUsd)} of it granted`
    : '';
  const crossed = announced.includes('hard') ? ': would have halted' : '';
  const mode = budget.mode === 'enforce' ? '' : ` [${budget.mode} only${crossed}]`;
  const known = plan?.basis === 'estimate' ? ' (estimated)' : '';
  // The others are not met first.
  const ahead = isFirst ? aheadText(projection, now) : '';
  return `${bar} ${show(spend)}${known} of ${show(ceiling)}${unbilled}${granted}  ${name}${mode}${ahead === '' ? '' : `, ${ahead}`}`;
}

/** The same for scripts. */
export function budgetJson({ budgetStatus, ...ahead }: BudgetProjection) {
  return {
    budgetId: budgetStatus.budget.id,
    period: budgetStatus.budget.period.kind,
    window: budgetStatus.windowLabel,
    mode: budgetStatus.budget.mode,
    announced: budgetStatus.announced,
    softNanoUsd: budgetStatus.budget.softNanoUsd,
    hardNanoUsd: budgetStatus.budget.hardNanoUsd,
    ceilingNanoUsd: ceilingOf(budgetStatus),
    spendNanoUsd: spendOf(budgetStatus),
    headroomNanoUsd: headroomOf(budgetStatus),
    burnNanoUsdPerHour: ahead.burnNanoUsdPerHour,
    paceRatio: ahead.paceRatio,
    runOutAt: ahead.runOutAt,
    requestsLeft: ahead.requestsLeft,
    ...planJson(budgetStatus),
  };
}
