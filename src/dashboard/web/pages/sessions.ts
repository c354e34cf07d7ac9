// Sessions: what each has cost, the most expensive first.
import type { SessionRow, SessionsData } from '../data.ts';
import { html } from '../html.ts';
import { useData } from '../live-data.ts';
import type { PageProps } from '../page.ts';
import { DataTable } from '../parts/data-table.ts';
import { Empty } from '../parts/empty.ts';
import { ProblemNote } from '../parts/problem-note.ts';
import { SpanChoice } from '../parts/span-choice.ts';
import { addressOf, follow, sessionAddress } from '../route.ts';
import { countText, moneyCells, placeText, plural, shortId, timeText } from '../text.ts';
import { spanOf } from '../view.ts';

const SHOWN_COUNT = '100';

export function SessionsPage({ route, about }: PageProps) {
  const span = spanOf(route.query);
  const { data, problem } = useData<SessionsData>(
    addressOf('/api/sessions', { ...span, top: SHOWN_COUNT }),
  );
  return html`
    <section class="controls" aria-label="What is shown"><${SpanChoice} path="/sessions" span=${span} /></section>
    ${problem && html`<${ProblemNote} problem=${problem} />`}
    ${data && html`<${SessionsOf} data=${data} timeZone=${about.timeZone} />`}
  `;
}

function SessionsOf({
  data,
  timeZone,
}: {
  readonly data: SessionsData;
  readonly timeZone: string;
}) {
  const { rows, total, others } = data;
  if (rows.length === 0) {
    return html`<${Empty} title="No session has spent anything here" hint="Choose a longer time." />`;
  }
  const money = moneyCells(total.costNanoUsd);
  const columns = [
    {
      title: 'Session',
      cell: ({ key, title }: SessionRow) => {
        const id = key.session ?? '';
        return html`<a href=${sessionAddress(id)} onClick=${follow}>${title ?? shortId(id)}</a>`;
      },
      total: 'Total',
    },
    { title: 'Where', cell: ({ repository, branch }: SessionRow) => placeText(repository, branch) },
    {
      ...{ title: 'Cost', isNumber: true, total: money(total.costNanoUsd) },
      cell: ({ costNanoUsd }: SessionRow) => money(costNanoUsd),
    },
    {
      ...{ title: 'Requests', isNumber: true, total: countText(total.requestCount) },
      cell: ({ requestCount }: SessionRow) => countText(requestCount),
    },
    {
      title: 'Last request',
      cell: ({ lastAt }: SessionRow) =>
        lastAt === null ? '' : timeText(Date.parse(lastAt), timeZone),
    },
  ];
  return html`<section class="card" aria-label="Sessions">
    ${others && html`<p class="muted">${plural(others.groupCount, 'cheaper one')} are in the total.</p>`}
    <${DataTable} caption="Spend by session" columns=${columns} rows=${rows} keyOf=${({ key }: SessionRow) => key.session ?? ''} />
  </section>`;
}
