// Reports for people at a terminal. Rule: the total is always the last line of the table, and what cannot be
// trusted as it stands (models without a price, estimates) is said below it.
import { formatUsd } from '../../domain/money.ts';
import { localText } from '../local-time.ts';
import type { Report } from '../report.ts';
import type { Table, TableRow } from '../table.ts';
import {
  aboutText,
  bar,
  countText,
  moneyCells,
  othersName,
  othersNote,
  plural,
  remarksOf,
  sparkline,
} from './figures.ts';
import type { Format, Style } from './format.ts';
import { layOut, type TextColumn } from './layout.ts';
import { bold, dim, paintOf, tinted } from './paint.ts';
import { pivotOf } from './pivot.ts';
import { cutTo, printable } from './width.ts';

const BAR_WIDTH = 16;
const SHORT_ID = 8;
const LONGEST_TITLE = 32;

export const textFormat: Format = {
  name: 'text',
  summary: 'a table for people',
  mostRows: 1_000,
  print: (table, style) => {
    if (table.rows.length === 0) {
      return `${headingOf(table)}\n\nNothing was spent${table.window.startAt > Number.NEGATIVE_INFINITY || table.window.endAt < Number.POSITIVE_INFINITY ? ' in this time' : ' yet'}.\n`;
    }
    const paint = paintOf(style);
    const columns = table.by.length === 2 ? pivotColumns(table, style) : listColumns(table, style);
    const lines = layOut(columns, style.columns, {
      heading: paint(dim),
      total: paint(bold),
    });
    const trend = trendOf(table, style);
    return [
      paint(bold)(headingOf(table)),
      ...(trend ? [paint(tinted)(trend)] : []),
      '',
      ...lines,
      ...notesOf(table).map((note) => `\n${note}`),
      '',
    ].join('\n');
  },
};

function headingOf({ by, window, zone }: Table): string {
  const what = by.map(({ title }) => title.replace(/ from$/, '').toLowerCase()).join(' and ');
  const from = Number.isFinite(window.startAt) ? ` from ${clock(window.startAt, zone)}` : '';
  const to = Number.isFinite(window.endAt) ? ` to ${clock(window.endAt, zone)}` : '';
  return `Cost by ${what}${from}${to} (${zone.timeZone})`;
}

/** A local date, with the time where it is not midnight. */
function clock(at: number, zone: Table['zone']): string {
  const text = localText(zone, at);
  return text.slice(11, 16) === '00:00' ? text.slice(0, 10) : text.slice(0, 16).replace('T', ' ');
}

function trendOf({ by, rows }: Table, { isFancy, columns }: Style): string {
  if (!isFancy || by.length !== 1 || by[0]?.order !== 'time' || rows.length < 3) return '';
  return sparkline(
    rows.map(({ costNanoUsd }) => costNanoUsd),
    Math.min(columns, 60),
  );
}

/** One column for each report, then cost and counts. */
function listColumns(table: Table, style: Style): TextColumn[] {
  const { by, total } = table;
  const lines = shownLines(table);
  const paint = paintOf(style);
  const dimParts = (cell: string, line: number) => (lines[line]?.isPart ? paint(dim)(cell) : cell);
  const left = { align: 'left', weight: 0, canShrink: true, paint: dimParts } as const;
  const right = { align: 'right', canShrink: false, isFigures: true, paint: dimParts } as const;
  const counts = (title: string, weight: number, value: (row: Counted) => number): TextColumn => ({
    ...{ ...right, title, weight, total: countText(value(total)) },
    cells: lines.map(({ row }) => countText(value(row))),
  });
  const names = by.map(({ title }, index): TextColumn => {
    const cells = lines.map((line) => line.names[index] ?? '');
    return { ...left, title, cells, total: index === 0 ? 'Total' : '' };
  });
  const money = moneyCells(total.costNanoUsd);
  const cost: TextColumn = {
    ...{ ...right, title: 'Cost', weight: 0, total: money(total.costNanoUsd) },
    cells: lines.map(({ row }) => money(row.costNanoUsd)),
  };
  return [
    ...names,
    ...(by.some(({ isId }) => isId) ? [startedColumn(lines, table)] : []),
    cost,
    ...(style.isFancy ? [barColumn(lines, table, style)] : []),
    counts('Requests', 3, ({ requestCount }) => requestCount),
    counts('Input', 6, ({ usage }) => usage.inputTokens),
    counts('Output', 5, ({ usage }) => usage.outputTokens),
    counts('Cache read', 7, ({ usage }) => usage.cacheReadTokens),
    counts('Cache write', 8, ({ usage }) => usage.cacheWrite5mTokens + usage.cacheWrite1hTokens),
  ];
}

type Counted = Pick<TableRow, 'usage' | 'requestCount'>;

/** Rows, below each of them its models, and the rows that are left out as one. */
function shownLines({ rows, by, others }: Table): Shown[] {
  const lines = rows.flatMap((row): Shown[] => [
    { row, names: row.key.map((group, index) => rowName(group, by[index])), isPart: false },
    ...row.models.map((each) => ({
      row: { ...row, ...each },
      names: [`  ${printable(each.model)}`],
      isPart: true,
    })),
  ]);
  if (others === null) return lines;
  const row = { ...others, key: [], models: [] };
  const line = { row, names: [othersName(others)], isPart: false };
  return others.areEarlier ? [line, ...lines] : [...lines, line];
}

function barColumn(lines: readonly Shown[], { rows }: Table, style: Style): TextColumn {
  const largest = rows.reduce((most, { costNanoUsd }) => Math.max(most, costNanoUsd), 0);
  return {
    title: '',
    align: 'left',
    weight: 4,
    canShrink: false,
    cells: lines.map(({ row, isPart }) => (isPart ? '' : bar(row.costNanoUsd, largest, BAR_WIDTH))),
    total: '',
    paint: paintOf(style)(tinted),
  };
}

interface Shown {
  readonly row: TableRow;
  readonly names: readonly string[];
  readonly isPart: boolean;
}

function startedColumn(lines: readonly Shown[], { zone }: Table): TextColumn {
  const started = ({ row, isPart }: Shown) =>
    isPart || row.key.length === 0
      ? ''
      : localText(zone, row.firstAt).slice(0, 16).replace('T', ' ');
  return {
    title: 'Started',
    align: 'left',
    weight: 2,
    canShrink: false,
    cells: lines.map(started),
    total: '',
  };
}

/** Two reports as a matrix: a column for each group of the second, as many as fit, the rest together. */
function pivotColumns(table: Table, style: Style): TextColumn[] {
  const { by, total, others } = table;
  const pivot = pivotOf(table);
  const money = moneyCells(total.costNanoUsd);
  const blank = (cost: number) => (cost === 0 ? '·' : money(cost));
  const fitting = Math.max(1, Math.floor((style.columns - 30) / 12) - 1);
  const isTime = by[1]?.order === 'time';
  const most = pivot.columns.length <= fitting ? pivot.columns.length : Math.max(1, fitting - 1);
  const shown = isTime ? pivot.columns.slice(-most) : pivot.columns.slice(0, most);
  const rest = pivot.columns.filter((column) => !shown.includes(column));
  const costColumn = (title: string, cost: (row: string) => number, all: number): TextColumn => ({
    title,
    align: 'right',
    weight: 0,
    canShrink: false,
    cells: [...pivot.rows.map((row) => blank(cost(row))), ...(others ? [''] : [])],
    total: money(all),
  });
  const sum = (costs: readonly number[]) => costs.reduce((a, b) => a + b, 0);
  const columns = shown.map((column) =>
    costColumn(nameOf(column, by[1]), (row) => pivot.cost(row, column), pivot.columnTotal(column)),
  );
  const restColumn = costColumn(
    isTime ? '(earlier)' : `(${rest.length} more)`,
    (row) => sum(rest.map((column) => pivot.cost(row, column))),
    sum(rest.map(pivot.columnTotal)),
  );
  const names: TextColumn = {
    title: by[0]?.title ?? '',
    align: 'left',
    weight: 0,
    canShrink: true,
    cells: [
      ...pivot.rows.map((row) => rowName(row, by[0])),
      ...(others ? [othersName(others)] : []),
    ],
    total: 'Total',
  };
  const totals: TextColumn = {
    ...costColumn('Total', pivot.rowTotal, total.costNanoUsd),
    cells: [
      ...pivot.rows.map((row) => money(pivot.rowTotal(row))),
      ...(others ? [money(others.costNanoUsd)] : []),
    ],
    paint: paintOf(style)(bold),
  };
  return [
    names,
    ...(isTime && rest.length > 0 ? [restColumn] : []),
    ...columns,
    ...(!isTime && rest.length > 0 ? [restColumn] : []),
    totals,
  ];
}

function nameOf(group: string, report: Report | undefined): string {
  const isShortened = report?.isId && group !== report.nullName;
  return `${printable(isShortened ? group.slice(0, SHORT_ID) : group)}${aboutText(group, report)}`;
}

/** The beginning of an id comes first: it stays where a narrow table cuts the title. */
function rowName(group: string, report: Report | undefined): string {
  const title = report?.titleOf?.(group) ?? null;
  const name = nameOf(group, report);
  return title === null ? name : `${name} ${cutTo(printable(title), LONGEST_TITLE)}`;
}

function notesOf(table: Table): string[] {
  const { total, rows, by } = table;
  const note = othersNote(table);
  const notes = note === null ? [] : [note];
  if (total.unknownCount > 0) {
    notes.push(
      `! ${plural(total.unknownCount, 'request')} went to models without a price and are priced as another one: tollgate report --by model`,
    );
  }
  const hidden = rows.filter(({ costNanoUsd }) => costNanoUsd < 0);
  if (hidden.length > 0 && by[0]) {
    notes.push(`Rows below ${formatUsd(0)} are corrections of earlier ones.`);
  }
  return [...notes, ...remarksOf(table)];
}
