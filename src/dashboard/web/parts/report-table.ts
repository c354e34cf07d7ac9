// A report as a table: the rows, their order and the figures of `tollgate report`.
import type { ReportData, ReportRow } from '../data.ts';
import { html } from '../html.ts';
import { countText, moneyCells, plural } from '../text.ts';
import { DataTable } from './data-table.ts';

/** As the terminal: more rows than anybody reads are left to CSV. */
const SHOWN_COUNT = 1_000;

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
  const shown = isTime ? rows.slice(-SHOWN_COUNT) : rows.slice(0, SHOWN_COUNT);
  const hidden = rows.length - shown.length;
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
    ${hidden > 0 && html`<p class="muted">${plural(hidden, 'row')} more: save as CSV, or choose a shorter time.</p>`}
    <${DataTable}
      caption=${`Spend by ${by.join(' and ')}`}
      columns=${columns}
      rows=${shown}
      keyOf=${(row: ReportRow) => by.map((name) => row.key[name]).join(' ')}
    />
  `;
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
