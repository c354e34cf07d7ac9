// A budget as it stands for a session: how full, and where it is heading.
import type { BudgetData } from '../data.ts';
import { html } from '../html.ts';
import { amountText, spanText } from '../text.ts';
import { Meter } from './meter.ts';

export function BudgetMeter({
  budget,
  now,
}: {
  readonly budget: BudgetData;
  readonly now: number;
}) {
  const { name, ceilingNanoUsd, spendNanoUsd, softNanoUsd, mode } = budget;
  const money = (nano: number) => amountText(nano, budget);
  const limit = ceilingNanoUsd ?? softNanoUsd;
  const isSoft = ceilingNanoUsd === null && softNanoUsd !== null;
  return html`<div class="budget">
    <div class="budget-line">
      <span class="budget-name">${name}${mode !== 'enforce' && html` <span class="badge">${mode} only</span>`}</span>
      <span class="budget-sum">
        <strong>${money(spendNanoUsd)}</strong>
        ${limit === null ? ' spent, no ceiling' : ` of ${money(limit)}${isSoft ? ' (soft)' : ''}`}
      </span>
    </div>
    ${
      limit !== null &&
      limit > 0 &&
      html`<${Meter}
        label=${`${name}: ${money(spendNanoUsd)} of ${money(limit)}`}
        ratio=${spendNanoUsd / limit}
        softRatio=${softNanoUsd === null || isSoft ? null : softNanoUsd / limit}
      />`
    }
    <p class="budget-ahead">${aheadTexts(budget, now).join(' · ')}</p>
  </div>`;
}

function aheadTexts(budget: BudgetData, now: number): readonly string[] {
  const { headroomNanoUsd, grantedNanoUsd, reservedNanoUsd, paceRatio, runOutAt, endAt } = budget;
  const money = (nano: number) => amountText(nano, budget);
  return [
    ...(headroomNanoUsd === null ? [] : [`${money(headroomNanoUsd)} left`]),
    ...(grantedNanoUsd === 0 ? [] : [`${money(grantedNanoUsd)} granted`]),
    ...(reservedNanoUsd === 0 ? [] : [`${money(reservedNanoUsd)} held`]),
    ...(paceRatio === null || paceRatio === 0 ? [] : [`pace ${paceRatio}×`]),
    ...(runOutAt === null
      ? []
      : [runOutAt <= now ? 'reached' : `out in ${spanText(runOutAt - now)}`]),
    ...(endAt === null ? [] : [`ends in ${spanText(endAt - now)}`]),
  ];
}
