// A report as a table: the rows, their order and the figures of `tollgate report`.
import { useState } from 'preact/hooks';
import type { ReportData, ReportRow } from '../data.ts';
import { html } from '../html.ts';
import { countText, moneyCells, plural } from '../text.ts';
import { DataTable } from './data-table.ts';

/** At first: a table of a thousand rows takes the browser a second. */
const FIRST_COUNT = 100;
/** As the terminal: more rows than anybody reads are left to CSV. */
const MAX_COUNT = 1_000;

interface ReportTableProps {
  readonly data: ReportData;
  /** Goes into a bar; for the first column of a report of time. */
  readonly onBucket?: (bucket: string) => void;
  /** Goes into a group; for the last column of groups. */
  readonly onGroup?: (name: string) => void;
}

export function ReportTable({ data, onBucket, onGroup }: ReportTableProps) {
  const { by, rows, total } = data;
  const money = moneyCells(total.costNanoUsd);
  const isTime = onBucket !== undefined;
  const { shown, note } = useShownRows(rows, isTime);
  const goesInto = (place: number) =>
    place === 0 && onBucket ? onBucket : place === by.length - 1 ? onGroup : undefined;
  const tokens = (read: (row: Pick<ReportRow, 'usage'>) => number, title: string) => ({
    ...{
      title,
      isNumber: true,
      cell: (row: ReportRow) => countText(read(row)),
      total: countText(read(total)),
    },
  });
  const columns = [
    ...by.map((name, place) => ({
      title: TITLES[name] ?? name,
      isWhole: isTime && place === 0,
      cell: (row: ReportRow) => groupCell(row.key[name] ?? '', goesInto(place)),
      ...(place === 0 ? { total: 'Total' } : {}),
    })),
    {
      title: 'Cost',
      isNumber: true,
      cell: (row: ReportRow) => money(row.costNanoUsd),
      total: money(total.costNanoUsd),
    },
    {
      title: 'Requests',
      isNumber: true,
      cell: (row: ReportRow) => countText(row.requestCount),
      total: countText(total.requestCount),
    },
    tokens(({ usage }) => usage.inputTokens, 'Input'),
    tokens(({ usage }) => usage.outputTokens, 'Output'),
    tokens(({ usage }) => usage.cacheReadTokens, 'Cache read'),
    tokens(({ usage }) => usage.cacheWrite5mTokens + usage.cacheWrite1hTokens, 'Cache write'),
  ];
  return html`
    ${note}
    <${DataTable}
      caption=${`Spend by ${by.join(' and ')}`}
      columns=${columns}
      rows=${shown}
      keyOf=${(row: ReportRow) => by.map((name) => row.key[name]).join(' ')}
    />
  `;
}

/** The rows that are shown, the newest of time, and what is said of the others. */
function useShownRows(rows: readonly ReportRow[], isTime: boolean) {
  const [count, setCount] = useState(FIRST_COUNT);
  const shown = isTime ? rows.slice(-count) : rows.slice(0, count);
  const hidden = rows.length - shown.length;
  const following = Math.min(hidden, MAX_COUNT - count);
  const more = html`<button type="button" class="plain link" onClick=${() => setCount(MAX_COUNT)}>
    Show ${countText(following)} of them
  </button>`;
  const note = html`<p class="muted">
    ${plural(hidden, 'row')} more: save as CSV, or choose a shorter time. ${following > 0 && more}
  </p>`;
  return { shown, note: hidden > 0 && note };
}

const TITLES: Readonly<Record<string, string>> = {
  ...{
    hour: 'Hour',
    day: 'Day',
    week: 'Week from',
    month: 'Month',
    pr: 'Pull request',
    mcp: 'MCP server',
  },
  ...{
    model: 'Model',
    repository: 'Repository',
    branch: 'Branch',
    client: 'Client',
    developer: 'Developer',
  },
  ...{
    ticket: 'Ticket',
    agent: 'Agent',
    tool: 'Tool',
    session: 'Session',
    costCentre: 'Cost centre',
    subPath: 'Folder',
  },
  ...{
    worktree: 'Worktree',
    skill: 'Skill',
    plugin: 'Plugin',
    provenance: 'Provenance',
    turn: 'Turn',
  },
};

const groupCell = (value: string, goInto: ((value: string) => void) | undefined) =>
  goInto === undefined
    ? value
    : html`<button type="button" class="plain link" onClick=${() => goInto(value)}>${value}</button>`;
