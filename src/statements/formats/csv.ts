// A statement for spreadsheets: its lines and taxes, whose amounts add up to its total. Rule: nothing in a cell is executed by the program that
// opens the file. `excel` is for Excel in the statement's language: German and French expect semicolons and decimal commas.
import { exactUsd } from '../../domain/money.ts';
import { textCell, toCsv } from '../../reports/formats/csv.ts';
import { decimalsOf, decimalText, parseDecimal } from '../amounts.ts';
import { lineTextOf } from '../document.ts';
import type { Statement } from '../statement.ts';
import type { StatementFormat } from './format.ts';

const HEADER = [
  ...['number', 'client', 'period_start', 'period_end', 'time_zone', 'kind', 'description'],
  ...['requests', 'cost_usd', 'cost_nano_usd', 'amount', 'currency'],
];

/** How numbers and cells are written. */
interface Dialect {
  readonly number: (text: string) => string;
  readonly file: (lines: readonly (readonly string[])[]) => string;
}

const PLAIN: Dialect = { number: (text) => text, file: toCsv };

const COMMAS: Dialect = {
  number: (text) => text.replace('.', ','),
  file: (lines) => lines.map((cells) => `${cells.join(';')}\r\n`).join(''),
};

export const csvFormat: StatementFormat = {
  name: 'csv',
  extension: 'csv',
  summary: 'CSV (RFC 4180) that no spreadsheet executes',
  render: (statement) => render(statement, PLAIN),
};

export const excelFormat: StatementFormat = {
  name: 'excel',
  extension: 'csv',
  summary: "CSV as Excel opens it in the statement's language",
  render: (statement) =>
    `\ufeff${render(statement, statement.terms.language === 'en' ? PLAIN : COMMAS)}`,
};

function render(statement: Statement, { number: numeral, file }: Dialect): string {
  const { number, client, startAt, endAt, terms } = statement;
  const day = (at: number) =>
    new Intl.DateTimeFormat('sv-SE', { timeZone: terms.timeZone }).format(at);
  const own = [number ?? 'draft', client, day(startAt), day(endAt - 1), terms.timeZone].map(
    textCell,
  );
  const line = (kind: string, text: string, figures: readonly string[], amount: string) => [
    ...[...own, kind, textCell(text)],
    ...figures.map(numeral),
    ...[numeral(amount), terms.currency],
  ];
  const textOf = lineTextOf(statement);
  const lines = statement.lines.map((each) => {
    const cost = 'costNanoUsd' in each ? each.costNanoUsd : null;
    const figures = [
      each.kind === 'usage' ? String(each.requestCount) : '',
      ...(cost === null ? ['', ''] : [exactUsd(cost), String(cost)]),
    ];
    return line(each.kind, textOf(each), figures, each.amount);
  });
  const blank = ['', '', ''];
  const taxes = statement.taxes.map(({ name, amount }) => line('tax', name, blank, amount));
  const rounding = roundingOf(statement);
  const difference = rounding === null ? [] : [line('rounding', '', blank, rounding)];
  return file([HEADER, ...lines, ...difference, ...taxes]);
}

/** What rounding the net sum has added to the lines; `null`: nothing. */
export function roundingOf({ lines, net, terms }: Statement): string | null {
  const sum = lines.reduce((all, { amount }) => all + parseDecimal(amount), 0n);
  const difference = parseDecimal(net) - sum;
  return difference === 0n ? null : decimalText(difference, decimalsOf(terms.currency));
}
