// Savings: what giving subagents smaller models has saved, and whether it held.
import type { SavingsData } from '../data.ts';
import { html } from '../html.ts';
import { useData } from '../live-data.ts';
import type { PageProps } from '../page.ts';
import { DataTable } from '../parts/data-table.ts';
import { Empty } from '../parts/empty.ts';
import { Figure } from '../parts/figure.ts';
import { ProblemNote } from '../parts/problem-note.ts';
import { SpanChoice } from '../parts/span-choice.ts';
import { addressOf } from '../route.ts';
import { countText, money, moneyOr } from '../text.ts';
import { spanOf } from '../view.ts';

type Row = SavingsData['rows'][number];

/** `savings` takes no open beginning. */
const BEGINNING = '2000-01-01';

export function SavingsPage({ route }: PageProps) {
  const span = spanOf(route.query);
  const words = { since: span.since === '' ? BEGINNING : span.since };
  const { data, problem } = useData<SavingsData>(addressOf('/api/savings', words));
  return html`
    <section class="controls" aria-label="What is shown"><${SpanChoice} path="/savings" span=${span} isOpen /></section>
    ${problem && html`<${ProblemNote} problem=${problem} />`} ${data && html`<${SavingsOf} data=${data} />`}
  `;
}

function SavingsOf({ data }: { readonly data: SavingsData }) {
  const { rows, savedNanoUsd } = data;
  if (rows.length === 0) {
    return html`<${Empty}
      title="No subagent was given another model"
      hint="Rules under “routing” in the configuration give subagents smaller models. What would have cost less, with its evidence:"
      command="tollgate advise"
    />`;
  }
  return html`
    <dl class="figures lead"><${Figure} name="Saved" value=${money(savedNanoUsd)} /></dl>
    <section class="card" aria-label="Reroutings">
      <${DataTable}
        caption="What was saved, by kind of subagent"
        columns=${COLUMNS}
        rows=${rows}
        keyOf=${({ agentType, askedModel, givenModel }: Row) => `${agentType} ${askedModel} ${givenModel}`}
      />
    </section>
  `;
}

const number = (title: string, cell: (row: Row) => string) => ({ title, isNumber: true, cell });

const COLUMNS = [
  {
    title: 'Subagent',
    isWhole: true,
    cell: ({ agentType, givenModel, askedModel }: Row) => html`${agentType}
      <small class="line">${givenModel} instead of ${askedModel}</small>`,
  },
  number('Saved', ({ savedNanoUsd }) => money(savedNanoUsd)),
  number('Spent', ({ spentNanoUsd }) => money(spentNanoUsd)),
  number('Requests', ({ requestCount }) => countText(requestCount)),
  number('Came to an end', ({ finishedCount, count }) => `${finishedCount} of ${count}`),
  number('Each', ({ perFinishedNanoUsd }) => moneyOr(perFinishedNanoUsd)),
  number('Each that kept its model', ({ others }) => moneyOr(others.averageNanoUsd)),
  number('Tried again', ({ triedAgainCount }) => countText(triedAgainCount)),
  number(
    'Failed tool calls',
    ({ failedToolCallCount, toolCallCount }) => `${failedToolCallCount} of ${toolCallCount}`,
  ),
];
