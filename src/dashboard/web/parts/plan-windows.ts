// The windows of the plan: how much of each is used, and when it starts anew.
import type { PlanData } from '../data.ts';
import { html } from '../html.ts';
import { shareText, spanText } from '../text.ts';
import { Meter } from './meter.ts';

export function PlanWindows({
  plans,
  now,
}: {
  readonly plans: readonly PlanData[];
  readonly now: number;
}) {
  if (plans.length === 0) return null;
  return html`<section class="card" aria-labelledby="plans">
    <h2 id="plans">Your plan</h2>
    <div class="columns">
      ${plans.map(
        (plan) => html`<div key=${plan.window} class="budget">
          <div class="budget-line">
            <span class="budget-name">${nameOf(plan)}</span>
            <strong>${plan.usedRatio === null ? 'not known yet' : `${shareText(plan.usedRatio)} used`}</strong>
          </div>
          ${plan.usedRatio !== null && html`<${Meter} label=${`${nameOf(plan)}: share used`} ratio=${plan.usedRatio} />`}
          <p class="budget-ahead">${aheadOf(plan, now)}</p>
        </div>`,
      )}
    </div>
  </section>`;
}

/** `five-hour window`; its end is told below. */
const nameOf = ({ label }: PlanData): string => label.replace(/ to .*$/, '');

function aheadOf({ resetText, endAt, basis, errorRatio }: PlanData, now: number): string {
  return [
    `resets ${resetText}, in ${spanText(endAt - now)}`,
    ...(basis === 'reading'
      ? []
      : [`by our estimate${errorRatio === null ? '' : `, ± ${shareText(errorRatio)}`}`]),
  ].join(' · ');
}
