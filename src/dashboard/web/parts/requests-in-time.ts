// A session's requests as bars by class of tokens, with cache misses and alerts marked, and the context of its main loop above time.
import { useMemo } from 'preact/hooks';
import { ContextLine } from '../charts/context-line.ts';
import type { Stacks } from '../charts/series.ts';
import { type BarMark, StackedBars } from '../charts/stacked-bars.ts';
import type { AlertData, ClassesData, RequestData } from '../data.ts';
import { html } from '../html.ts';
import { clockText, countText, money, plural, timeText } from '../text.ts';

interface InTimeProps {
  readonly requests: readonly RequestData[];
  readonly alerts: readonly AlertData[];
  readonly timeZone: string;
}

const CLASSES: readonly (readonly [keyof ClassesData, string])[] = [
  ['input', 'Input'],
  ['output', 'Output'],
  ['cacheRead', 'Cache read'],
  ['cacheWrite', 'Cache write'],
];

export const MISS_CAUSES: Readonly<Record<string, string>> = {
  pause: 'missed the cache after a pause',
  'model-change': 'missed the cache: another model',
  other: 'missed the cache',
};

export function RequestsInTime({ requests, alerts, timeZone }: InTimeProps) {
  const stacks = useMemo(() => stacksOf(requests, timeZone), [requests, timeZone]);
  const marks = useMemo(() => marksOf(requests, alerts), [requests, alerts]);
  const misses = requests.filter(({ miss }) => miss !== null).length;
  const detailOf = (place: number | null) =>
    place === null ? null : html`<${Detail} request=${requests[place]} timeZone=${timeZone} />`;
  return html`<section class="card" aria-labelledby="in-time">
    <h2 id="in-time">Requests in time</h2>
    <${StackedBars}
      label=${`Cost of ${plural(requests.length, 'request')} by class of tokens, ${misses === 1 ? '1 cache miss' : `${misses} cache misses`} marked; the table below has the figures`}
      stacks=${stacks}
      marks=${marks}
      onBucket=${(_: string, place: number) => showRow(requests[place]?.entryId ?? '')}
      onGroup=${null}
      detailOf=${detailOf}
    />
    <p class="muted">
      <span class="mark-over"></span> cache miss
      <span class="mark-before"></span> halt, warning or grant
    </p>
    <div class="bars context">
      <${ContextLine} requests=${requests} timeZone=${timeZone} />
      <h3 class="legend-title">Context of the main loop, in tokens</h3>
    </div>
  </section>`;
}

function showRow(entryId: string): void {
  const row = document.getElementById(`row-${entryId}`);
  row?.scrollIntoView({ block: 'center' });
  row?.focus();
}

function Detail({
  request,
  timeZone,
}: {
  readonly request: RequestData;
  readonly timeZone: string;
}) {
  const { occurredAt, model, tool, agentType, agentId, contextTokens, miss, reason } = request;
  return html`<ul class="detail">
    <li>${timeText(occurredAt, timeZone)}</li>
    <li>${model ?? reason}</li>
    ${agentId !== null && html`<li>${agentType ?? 'subagent'}</li>`} ${tool !== null && html`<li>${tool}</li>`}
    ${contextTokens !== null && html`<li>${countText(contextTokens)} tokens of context</li>`}
    ${miss !== null && html`<li class="bad-text">${MISS_CAUSES[miss.cause]}: ${countText(miss.tokens)} tokens again</li>`}
    <li><strong>${money(request.costNanoUsd)}</strong></li>
  </ul>`;
}

/** One bar for each request; what no usage line shows is a class of its own. */
function stacksOf(requests: readonly RequestData[], timeZone: string): Stacks {
  const series = CLASSES.map(([key, name]) =>
    seriesOf(name, requests, ({ classes }) => classes[key]),
  );
  const unseen = seriesOf('Settled', requests, ({ kind, classes, costNanoUsd }) =>
    kind === 'correction' && Object.values(classes).every((cost) => cost === 0) ? costNanoUsd : 0,
  );
  return {
    buckets: requests.map(({ occurredAt }) => clockText(occurredAt, timeZone)),
    series: unseen.values.some((value) => value !== 0) ? [...series, unseen] : series,
  };
}

function seriesOf(
  name: string,
  requests: readonly RequestData[],
  costOf: (request: RequestData) => number,
) {
  const values = requests.map(costOf);
  return { name, values, totalNanoUsd: values.reduce((sum, value) => sum + value, 0) };
}

function marksOf(
  requests: readonly RequestData[],
  alerts: readonly AlertData[],
): readonly BarMark[] {
  const misses = requests.flatMap(({ miss }, place) =>
    miss === null ? [] : [{ place, at: 'over' as const }],
  );
  const befell = alerts.map(({ raisedAt }) => {
    const next = requests.findIndex(({ occurredAt }) => occurredAt > raisedAt);
    return { place: next === -1 ? requests.length : next, at: 'before' as const };
  });
  return [...misses, ...befell];
}
