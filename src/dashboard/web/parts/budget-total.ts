// The running total of a budget's window against its limits, with a forecast to its end.
import { RunningTotal } from '../charts/running-total.ts';
import type { BudgetsData, FillingData } from '../data.ts';
import { html } from '../html.ts';
import { useData } from '../live-data.ts';
import { addressOf } from '../route.ts';
import { money } from '../text.ts';
import type { View } from '../view.ts';
import { ProblemNote } from './problem-note.ts';

interface BudgetTotalProps {
  readonly view: View;
  readonly onView: (view: View) => void;
  readonly timeZone: string;
}

export function BudgetTotal({ view, onView, timeZone }: BudgetTotalProps) {
  const { data } = useData<BudgetsData>('/api/budgets', false);
  const windows = (data?.windows ?? []).filter(
    ({ startAt, endAt, fullNanoUsd }) =>
      startAt !== null && endAt !== null && fullNanoUsd === undefined,
  );
  const chosen = windows.find(({ windowKey }) => windowKey === view.budget) ?? windows.at(-1);
  if (chosen === undefined) return null;
  return html`<section class="card" aria-labelledby="total">
    <header>
      <h2 id="total">Running total against a budget</h2>
      <label class="inline"
        ><span class="unseen">Budget</span>
        <select
          onChange=${(event: Event) => onView({ ...view, budget: (event.currentTarget as HTMLSelectElement).value })}
        >
          ${windows.map(
            ({ windowKey, name }) =>
              html`<option value=${windowKey} selected=${windowKey === chosen.windowKey}>${name}</option>`,
          )}
        </select>
      </label>
    </header>
    <${Total} key=${chosen.windowKey} windowKey=${chosen.windowKey} timeZone=${timeZone} />
  </section>`;
}

function Total({ windowKey, timeZone }: { readonly windowKey: string; readonly timeZone: string }) {
  const { data, problem } = useData<FillingData>(addressOf('/api/window', { key: windowKey }));
  if (problem !== null) return html`<${ProblemNote} problem=${problem} />`;
  if (data === null) return null;
  const { budget, forecast } = data;
  const { ceilingNanoUsd, spendNanoUsd } = budget;
  const isOver =
    ceilingNanoUsd !== null && forecast !== null && forecast.expectedNanoUsd > ceilingNanoUsd;
  return html`
    <p>
      <strong>${money(spendNanoUsd)}</strong>${ceilingNanoUsd !== null && ` of ${money(ceilingNanoUsd)}`}.
      ${
        forecast === null
          ? ' Too little of the window is over to tell how it ends.'
          : html`${' If it goes on like this, about '}<strong class=${isOver ? 'bad-text' : ''}>${money(forecast.expectedNanoUsd)}</strong> at the end
              (${money(forecast.lowNanoUsd)} to ${money(forecast.highNanoUsd)} in eight of ten).`
      }
    </p>
    <${RunningTotal} filling=${data} timeZone=${timeZone} />
  `;
}
