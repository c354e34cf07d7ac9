// Reports for pull requests and wikis: GitHub's tables. Rule: a label can neither end its cell nor start markup.
import type { Sums } from '../../domain/aggregates.ts';
import type { Report } from '../report.ts';
import type { Table } from '../table.ts';
import { aboutText, countText, moneyCells, othersName, othersNote, remarksOf } from './figures.ts';
import type { Format } from './format.ts';
import { pivotOf } from './pivot.ts';
import { printable } from './width.ts';

const NUMBERS = ['Cost', 'Requests', 'Input', 'Output', 'Cache read', 'Cache write'];

export const markdownFormat: Format = {
  name: 'markdown',
  summary: "a table in GitHub's Markdown",
  mostRows: 1_000,
  print: (table) => {
    const notes = [othersNote(table), ...remarksOf(table)].filter((note) => note !== null);
    const text = table.by.length === 2 ? printPivot(table) : printPlain(table);
    return [text, ...notes.map((note) => `\n${markdownText(note)}\n`)].join('');
  },
};

function printPlain({ by, rows, others, total }: Table): string {
  const money = moneyCells(total.costNanoUsd);
  const cells = ({ costNanoUsd, requestCount, usage }: Sums) => [
    money(costNanoUsd),
    countText(requestCount),
    countText(usage.inputTokens),
    countText(usage.outputTokens),
    countText(usage.cacheReadTokens),
    countText(usage.cacheWrite5mTokens + usage.cacheWrite1hTokens),
  ];
  const blanks = by.slice(1).map(() => '');
  const lines = rows.flatMap((row) => [
    [
      ...row.key.map((group, index) => `${markdownText(group)}${aboutText(group, by[index])}`),
      ...cells(row),
    ],
    ...row.models.map((each) => [`↳ ${markdownText(each.model)}`, ...blanks, ...cells(each)]),
  ]);
  if (others) lines.push([othersName(others), ...blanks, ...cells(others)]);
  lines.push(['**Total**', ...blanks, ...cells(total).map((cell) => `**${cell}**`)]);
  return toMarkdown([...titles(by), ...NUMBERS], by.length, lines);
}

function printPivot(table: Table): string {
  const { by, others, total } = table;
  const pivot = pivotOf(table);
  const money = moneyCells(total.costNanoUsd);
  const lines = pivot.rows.map((row) => [
    markdownText(row),
    ...pivot.columns.map((column) => money(pivot.cost(row, column))),
    money(pivot.rowTotal(row)),
  ]);
  if (others) {
    lines.push([othersName(others), ...pivot.columns.map(() => ''), money(others.costNanoUsd)]);
  }
  const totals = [...pivot.columns.map(pivot.columnTotal), total.costNanoUsd];
  lines.push(['**Total**', ...totals.map((cost) => `**${money(cost)}**`)]);
  const heading = [...titles(by).slice(0, 1), ...pivot.columns.map(markdownText), 'Total'];
  return toMarkdown(heading, 1, lines);
}

const titles = (by: readonly Report[]): string[] => by.map(({ title }) => markdownText(title));

/** A table whose first columns are names and whose others are numbers. */
export function toMarkdown(
  heading: readonly string[],
  nameCount: number,
  lines: readonly (readonly string[])[],
): string {
  const rule = heading.map((_, index) => (index < nameCount ? ':--' : '--:'));
  return [heading, rule, ...lines].map((cells) => `| ${cells.join(' | ')} |\n`).join('');
}

/** Text that shows as it is, in a cell and elsewhere: no markup, no mention of people, no HTML. */
export function markdownText(text: string): string {
  return printable(text)
    .replace(/[\\`*_{}[\]<>#|~!&]/g, '\\$&')
    .replace(/@(?=[A-Za-z0-9])/g, '@\u200b')
    .replace(/https?:\/\//gi, (scheme) => scheme.replace('/', '\\/'));
}
