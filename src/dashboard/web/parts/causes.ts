// Why a session cost what it did, as `tollgate why` says it: the sentence, the parts, and other models.
import type { PartData, WhyData } from '../data.ts';
import { html } from '../html.ts';
import { countText, money, moneyCells, percent, timeText } from '../text.ts';
import { DataTable } from './data-table.ts';

export function Causes({ why, timeZone }: { readonly why: WhyData; readonly timeZone: string }) {
  const { classes, hiddenNanoUsd, costNanoUsd, turns, models, toolHabits } = why;
  const parts = [
    { name: 'Input', costNanoUsd: classes.input },
    { name: 'Output', costNanoUsd: classes.output },
    { name: 'Cache read', costNanoUsd: classes.cacheRead },
    { name: 'Cache write', costNanoUsd: classes.cacheWrite },
    ...(hiddenNanoUsd === 0 ? [] : [{ name: 'On no usage line', costNanoUsd: hiddenNanoUsd }]),
  ];
  const named = turns.map((turn) => ({ ...turn, name: timeText(turn.startedAt, timeZone) }));
  return html`
    <section class="card" aria-labelledby="why">
      <h2 id="why">What made it expensive</h2>
      <p class="prose">${why.text}</p>
      <div class="columns">
        <${Parts} title="Class of tokens" parts=${parts} total=${costNanoUsd} />
        <${Parts} title="Most expensive turns" parts=${named} total=${costNanoUsd} />
        <${Parts} title="Models" parts=${models} total=${costNanoUsd} />
        ${toolHabits !== null && toolHabits.rereads.length > 0 && html`<${Rereads} habits=${toolHabits} />`}
      </div>
    </section>
    <${Elsewhere} why=${why} />
  `;
}

type Cost = Pick<PartData, 'name' | 'costNanoUsd'>;

function Parts({
  title,
  parts,
  total,
}: {
  readonly title: string;
  readonly parts: readonly Cost[];
  readonly total: number;
}) {
  const cell = moneyCells(total);
  const columns = [
    { title, isWhole: true, cell: ({ name }: Cost) => name },
    { title: 'Cost', isNumber: true, cell: ({ costNanoUsd }: Cost) => cell(costNanoUsd) },
    {
      title: 'Share',
      isNumber: true,
      cell: ({ costNanoUsd }: Cost) => (total > 0 ? percent(costNanoUsd / total) : ''),
    },
  ];
  return html`<${DataTable} caption=${title} columns=${columns} rows=${parts} keyOf=${({ name }: Cost) => name} />`;
}

type Habits = NonNullable<WhyData['toolHabits']>;
type Reread = Habits['rereads'][number];

const REREAD_COUNT = 5;

function Rereads({ habits }: { readonly habits: Habits }) {
  const columns = [
    {
      title: 'Read again without a change',
      cell: ({ file }: Reread) => html`<code>${file}</code>`,
    },
    { title: 'Times', isNumber: true, cell: ({ readCount }: Reread) => countText(readCount) },
  ];
  return html`<${DataTable}
    caption="Files read again without a change"
    columns=${columns}
    rows=${habits.rereads.slice(0, REREAD_COUNT)}
    keyOf=${({ file }: Reread) => file}
  />`;
}

function Elsewhere({ why }: { readonly why: WhyData }) {
  type Other = WhyData['elsewhere'][number];
  const used = new Set(why.models.map(({ name }) => name));
  const columns = [
    {
      title: 'Model',
      isWhole: true,
      cell: ({ model }: Other) =>
        used.has(model) ? html`${model} <span class="badge">used here</span>` : model,
    },
    { title: 'Cost', isNumber: true, cell: ({ costNanoUsd }: Other) => money(costNanoUsd) },
    {
      title: 'Of what it was',
      isNumber: true,
      cell: ({ ratio }: Other) => (ratio === null ? '' : percent(ratio)),
    },
  ];
  return html`<section class="card" aria-labelledby="elsewhere">
    <h2 id="elsewhere">The same on other models</h2>
    <p class="muted">The same token counts at other prices; another model would have written more or less.</p>
    <${DataTable} caption="Cost on other models" columns=${columns} rows=${why.elsewhere} keyOf=${({ model }: Other) => model} />
  </section>`;
}
