// A session's requests as a table, the newest first.
import { useState } from 'preact/hooks';
import type { RequestData } from '../data.ts';
import { html } from '../html.ts';
import { clockText, countText, moneyCells, NONE, plural } from '../text.ts';
import { DataTable } from './data-table.ts';
import { MISS_CAUSES } from './requests-in-time.ts';

const SHOWN_COUNT = 200;

export function RequestTable({
  requests,
  timeZone,
}: {
  readonly requests: readonly RequestData[];
  readonly timeZone: string;
}) {
  const [isWhole, setIsWhole] = useState(false);
  const newest = requests.toReversed();
  const shown = isWhole ? newest : newest.slice(0, SHOWN_COUNT);
  const most = requests.reduce((sum, { costNanoUsd }) => Math.max(sum, costNanoUsd), 0);
  return html`<section class="card" aria-labelledby="requests">
    <header>
      <h2 id="requests">${plural(requests.length, 'line')} of the ledger</h2>
      ${
        shown.length < newest.length &&
        html`<button type="button" onClick=${() => setIsWhole(true)}>Show all</button>`
      }
    </header>
    <${DataTable}
      caption="Requests, the newest first"
      columns=${columnsOf(moneyCells(most), timeZone)}
      rows=${shown}
      keyOf=${({ entryId }: RequestData) => entryId}
      idOf=${({ entryId }: RequestData) => `row-${entryId}`}
    />
  </section>`;
}

const columnsOf = (money: (nano: number) => string, timeZone: string) => [
  {
    title: 'Time',
    isWhole: true,
    cell: ({ occurredAt }: RequestData) => clockText(occurredAt, timeZone),
  },
  {
    title: 'Model',
    isWhole: true,
    cell: ({ model, reason, agentId, agentType }: RequestData) => html`${model ?? reason ?? NONE}
      ${agentId !== null && html`<small class="line">${agentType ?? 'subagent'}</small>`}`,
  },
  { title: 'Tool', cell: ({ tool }: RequestData) => tool ?? '' },
  number('Cost', ({ costNanoUsd }) => money(costNanoUsd)),
  number('Input', ({ usage }) => countText(usage.inputTokens)),
  number('Output', ({ usage }) => countText(usage.outputTokens)),
  number('Cache read', ({ usage }) => countText(usage.cacheReadTokens)),
  number('Cache write', ({ usage }) =>
    countText(usage.cacheWrite5mTokens + usage.cacheWrite1hTokens),
  ),
  number('Context', ({ contextTokens }) =>
    contextTokens === null ? NONE : countText(contextTokens),
  ),
  {
    title: 'Cache',
    cell: ({ miss }: RequestData) =>
      miss !== null && html`<span class="badge bad" title=${MISS_CAUSES[miss.cause]}>miss</span>`,
  },
];

const number = (title: string, cell: (request: RequestData) => string) => ({
  ...{ title, isNumber: true, cell },
});
