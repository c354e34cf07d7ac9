// History: what was spent, by any unit of time, grouping and filter of `report`. Rule: the address bar holds the whole view.
import { useMemo } from 'preact/hooks';
import { download } from '../api.ts';
import { OTHERS, stacksOf } from '../charts/series.ts';
import { barsLabel, StackedBars } from '../charts/stacked-bars.ts';
import type { ReportData } from '../data.ts';
import { html } from '../html.ts';
import { useData } from '../live-data.ts';
import type { PageProps } from '../page.ts';
import { BudgetTotal } from '../parts/budget-total.ts';
import { Calendar } from '../parts/calendar.ts';
import { Empty } from '../parts/empty.ts';
import { HistoryControls } from '../parts/history-controls.ts';
import { ProblemNote } from '../parts/problem-note.ts';
import { ReportTable } from '../parts/report-table.ts';
import { addressOf, go } from '../route.ts';
import { insideOf, reportWords, type View, viewOf, viewWords } from '../view.ts';

export function HistoryPage({ route, about }: PageProps) {
  const view = viewOf(route.query);
  const show = (next: View) => go(addressOf('/history', viewWords(next)));
  const words = reportWords(view);
  const { data, problem, isLoading } = useData<ReportData>(addressOf('/api/report', words));
  return html`
    <${HistoryControls} view=${view} onView=${show} />
    ${problem && html`<${ProblemNote} problem=${problem} />`}
    ${data && html`<${HistoryOf} data=${data} view=${view} onView=${show} isLoading=${isLoading} />`}
    ${
      // What was asked for is read first.
      (data ?? problem) !== null &&
      html`<${BudgetTotal} view=${view} onView=${show} timeZone=${about.timeZone} />
        <${Calendar} view=${view} onView=${show} timeZone=${about.timeZone} />`
    }
  `;
}

interface HistoryProps {
  readonly data: ReportData;
  readonly view: View;
  readonly onView: (view: View) => void;
  readonly isLoading: boolean;
}

function HistoryOf({ data, view, onView, isLoading }: HistoryProps) {
  const group = view.group === '' ? null : (data.by[1] ?? null);
  const stacks = useMemo(() => stacksOf(data, group), [data, group]);
  if (data.rows.length === 0) return html`<${NothingSpent} view=${view} />`;
  const goInto = (name: string) => {
    if (name !== OTHERS && group !== null)
      onView({ ...view, where: [...view.where, `${group}=${name}`] });
  };
  return html`
    <section class=${`card ${isLoading ? 'loading' : ''}`} aria-label="Spend over time">
      <${StackedBars}
        label=${barsLabel(stacks.buckets)}
        stacks=${stacks}
        onBucket=${(bucket: string) => onView(insideOf(view, bucket))}
        onGroup=${group === null ? null : goInto}
      />
    </section>
    <section class="card" aria-labelledby="rows">
      <header>
        <h2 id="rows">The same as a table</h2>
        <button
          type="button"
          onClick=${() => download(addressOf('/api/report.csv', reportWords(view)), 'tollgate-report.csv')}
        >
          Save as CSV
        </button>
      </header>
      <${ReportTable} data=${data} onBucket=${(bucket: string) => onView(insideOf(view, bucket))} onGroup=${goInto} />
    </section>
  `;
}

function NothingSpent({ view }: { readonly view: View }) {
  return view.where.length > 0 || view.since !== ''
    ? html`<${Empty} title="Nothing was spent here" hint="Choose a longer time, or take a filter off." />`
    : html`<${Empty}
        title="The ledger is empty"
        hint="Work with Claude Code in a repository that Tollgate guards, or read what older transcripts tell:"
        command="tollgate sync"
      />`;
}
