// What one kind of group has cost: bars of months and the report's table; a click leads on to its history.
import { useMemo } from 'preact/hooks';
import { OTHERS, stacksOf } from '../charts/series.ts';
import { barsLabel, StackedBars } from '../charts/stacked-bars.ts';
import type { ReportData } from '../data.ts';
import { html } from '../html.ts';
import { useData } from '../live-data.ts';
import { addressOf, go } from '../route.ts';
import { insideOf, type Span, spanOf, type Unit, viewWords } from '../view.ts';
import { Empty } from './empty.ts';
import { ProblemNote } from './problem-note.ts';
import { ReportTable } from './report-table.ts';
import { SpanChoice } from './span-choice.ts';

interface GroupProps {
  readonly path: string;
  /** As `--by` takes it. */
  readonly group: string;
  readonly query: URLSearchParams;
  /** What helps where there is none. */
  readonly nothing: string;
}

/** Short times by day, long ones by month. */
const unitOf = ({ since }: Span): Unit =>
  ['', 'this-year', '90d'].includes(since) ? 'month' : 'day';

export function GroupSpend({ path, group, query, nothing }: GroupProps) {
  const span = spanOf(query);
  const unit = unitOf(span);
  const byGroup = useData<ReportData>(addressOf('/api/report', { by: group, ...span }));
  const inTime = useData<ReportData>(addressOf('/api/report', { by: `${unit},${group}`, ...span }));
  const problem = byGroup.problem ?? inTime.problem;
  const view = { ...span, unit, group, where: [], budget: '' };
  const goInto = (name: string) => {
    const where = [`${group}=${name}`];
    if (name !== OTHERS) go(addressOf('/history', viewWords({ ...view, where, group: 'model' })));
  };
  return html`
    <section class="controls" aria-label="What is shown"><${SpanChoice} path=${path} span=${span} /></section>
    ${problem && html`<${ProblemNote} problem=${problem} />`}
    ${byGroup.data?.rows.length === 0 && html`<${Empty} title="Nothing was spent in this time" hint=${nothing} />`}
    ${
      inTime.data &&
      inTime.data.rows.length > 0 &&
      html`<${Bars}
        data=${inTime.data}
        onBucket=${(bucket: string) => go(addressOf('/history', viewWords(insideOf(view, bucket))))}
        onGroup=${goInto}
      />`
    }
    ${
      byGroup.data &&
      byGroup.data.rows.length > 0 &&
      html`<section class="card" aria-label="As a table"><${ReportTable} data=${byGroup.data} onGroup=${goInto} /></section>`
    }
  `;
}

interface BarsProps {
  readonly data: ReportData;
  readonly onBucket: (bucket: string) => void;
  readonly onGroup: (name: string) => void;
}

function Bars({ data, onBucket, onGroup }: BarsProps) {
  const stacks = useMemo(() => stacksOf(data, data.by[1] ?? null), [data]);
  return html`<section class="card" aria-label="Spend over time">
    <${StackedBars} label=${barsLabel(stacks.buckets)} stacks=${stacks} onBucket=${onBucket} onGroup=${onGroup} />
  </section>`;
}
