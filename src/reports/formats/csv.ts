// Reports for spreadsheets: RFC 4180, one line per group. Rule: nothing in a cell is ever executed by the
// program that opens the file, and no line is a sum of others.

import type { Sums } from '../../domain/aggregates.ts';
import { exactUsd } from '../../domain/money.ts';
import type { Usage } from '../../domain/usage.ts';
import type { Table } from '../table.ts';
import { othersName } from './figures.ts';
import type { Format, Pieces } from './format.ts';

const NUMBERS = ['cost_usd', 'cost_nano_usd', 'requests'];
const USAGE: readonly (readonly [string, keyof Usage])[] = [
  ['input_tokens', 'inputTokens'],
  ['output_tokens', 'outputTokens'],
  ['cache_read_tokens', 'cacheReadTokens'],
  ['cache_write_5m_tokens', 'cacheWrite5mTokens'],
  ['cache_write_1h_tokens', 'cacheWrite1hTokens'],
  ['web_searches', 'webSearchCount'],
];

export const csvFormat: Format = {
  name: 'csv',
  summary: 'CSV (RFC 4180) that no spreadsheet executes',
  takesAnyGroups: true,
  print: (table) => {
    const { head, row, end } = piecesOf(table);
    return head + table.rows.map(row).join('') + end();
  },
  pieces: piecesOf,
};

function piecesOf({ by, rows, others, isListPrice }: Table): Pieces {
  const hasModels = rows.some(({ models }) => models.length > 0);
  const names = [...by.map(({ name }) => snake(name)), ...(hasModels ? ['model'] : [])];
  // Where dollars are list prices that a plan covers, each line says so.
  const billing = isListPrice ? { title: ['billing'], cell: ',plan' } : { title: [], cell: '' };
  const header = [...names, ...NUMBERS, ...USAGE.map(([title]) => title), ...billing.title];
  const line = (key: readonly string[], sums: Sums) =>
    `${key.map(textCell).join(',')},${cells(sums)}${billing.cell}\r\n`;
  const name = others ? othersName(others) : '';
  return {
    head: toCsv([header.map(textCell)]),
    row: (row) =>
      hasModels
        ? row.models.map((each) => line([...row.key, each.model], each)).join('')
        : line(row.key, row),
    end: () =>
      others
        ? line(
            names.map(() => name),
            others,
          )
        : '',
  };
}

/** Letters, digits, and what cannot begin a formula or end a cell. */
const HARMLESS = /^[\w(./:][\w.:()/+@#=-]*$/;

/** Cells that are ready, as a file; lines end as RFC 4180 wants it. */
export function toCsv(lines: readonly (readonly string[])[]): string {
  return lines.map((cells) => `${cells.join(',')}\r\n`).join('');
}

function cells({ costNanoUsd, requestCount, usage }: Sums): string {
  let text = `${exactUsd(costNanoUsd)},${costNanoUsd},${requestCount}`;
  for (const [, key] of USAGE) text += `,${usage[key]}`;
  return text;
}

/**
 * Text for a cell. Where a spreadsheet would see a formula (`=`, `+`, `-`, `@`, their wide forms, also behind
 * blanks, and behind whatever it may take for a separator of cells) an apostrophe makes it text.
 */
export function textCell(value: string): string {
  if (HARMLESS.test(value)) return value;
  const guarded = value.replace(
    /(^|[;,|\t\r\n])([\s\u00a0\u200b\ufeff]*)(?=[=+\-@＝＋－＠])/g,
    "$1'$2",
  );
  return /[",;|\t\r\n]|^\s|\s$/.test(guarded) ? `"${guarded.replaceAll('"', '""')}"` : guarded;
}

const snake = (name: string): string =>
  name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
