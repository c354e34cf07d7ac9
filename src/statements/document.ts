// A statement as a document to read: worded once, laid out by each format. Rule: all text is in the client's language; names are as they are.
import { LINE_GROUPS } from '../domain/billing.ts';
import { exactUsd } from '../domain/money.ts';
import { decimalsOf } from './amounts.ts';
import type { BreakdownRow, Statement, StatementLine } from './statement.ts';
import { type Figures, figuresOf, WORDS, type Words } from './words.ts';

/** A column of a table: text is to the left, numbers to the right. */
export interface Column {
  readonly title: string;
  readonly isNumber: boolean;
}

export interface StatementTable {
  readonly heading: string;
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly string[])[];
  /** Sums. */
  readonly foot: readonly (readonly string[])[];
}

export interface StatementDocument {
  readonly language: string;
  readonly title: string;
  /** `null`: it was issued. */
  readonly draftNote: string | null;
  /** Absolute path. */
  readonly logo: string | null;
  readonly parties: readonly { readonly heading: string; readonly lines: readonly string[] }[];
  readonly facts: readonly (readonly [string, string])[];
  readonly tables: readonly StatementTable[];
  readonly notes: readonly string[];
  readonly footer: string | null;
  readonly pageText: (page: number, count: number) => string;
  readonly madeAt: number;
}

interface Wording {
  readonly words: Words;
  readonly figures: Figures;
  readonly usd: (nanoUsd: number) => string;
  readonly money: (text: string) => string;
  readonly period: (startAt: number, endAt: number) => string;
}

export function statementDocument(statement: Statement): StatementDocument {
  const { number, sender, terms } = statement;
  const wording = wordingOf(statement);
  const { words } = wording;
  return {
    language: terms.language,
    title: number === null ? words.draft : `${words.statement} ${number}`,
    draftNote: number === null ? words.draftNote : null,
    logo: sender?.logo ?? null,
    parties: partiesOf(statement, words),
    facts: factsOf(statement, wording),
    tables: [linesTable(statement, wording), ...breakdownTables(statement, wording)],
    notes: notesOf(statement, wording),
    footer: sender?.footer ?? null,
    pageText: words.page,
    madeAt: statement.madeAt,
  };
}

function wordingOf({ terms }: Statement): Wording {
  const { language, currency, timeZone, rounding } = terms;
  const figures = figuresOf(language);
  const decimals = decimalsOf(currency);
  const most = rounding === 'line' ? decimals : Math.max(decimals, 4);
  return {
    words: WORDS[language],
    figures,
    usd: (nano) => figures.decimal(exactUsd(nano), 4, 4),
    money: (text) => figures.decimal(text, most, most, currency),
    period: (startAt, endAt) =>
      `${figures.date(startAt, timeZone)} – ${figures.date(endAt - 1, timeZone)}`,
  };
}

function partiesOf({ client, sender, terms }: Statement, words: Words) {
  const from = sender === null ? [] : [sender.name, ...sender.address];
  const taxId = sender?.taxId ?? null;
  return [
    { heading: words.from, lines: [...from, ...(taxId ? [`${words.taxId}: ${taxId}`] : [])] },
    { heading: words.to, lines: [terms.title ?? client, ...terms.address] },
  ].filter(({ lines }) => lines.length > 0);
}

function factsOf(statement: Statement, { words, figures, period }: Wording) {
  const { number, terms, rate, startAt, endAt, madeAt } = statement;
  const facts: (readonly [string, string | null])[] = [
    [words.number, number],
    [words.date, figures.date(madeAt, terms.timeZone)],
    [words.period, period(startAt, endAt)],
    [words.timeZone, terms.timeZone],
    [words.reference, terms.reference],
    [
      words.rateName,
      rate === null
        ? null
        : words.rate(
            rate.currency,
            figures.decimal(exactUsd(rate.rateNano), 2, 9),
            figures.date(Date.parse(rate.on), 'UTC'),
            rate.source,
          ),
    ],
  ];
  return facts.filter((fact): fact is readonly [string, string] => fact[1] !== null);
}

function linesTable(statement: Statement, wording: Wording): StatementTable {
  const { lines, net, taxes, total, terms } = statement;
  const { words, figures, usd } = wording;
  const decimals = decimalsOf(terms.currency);
  const sum = (text: string) => figures.decimal(text, decimals, decimals, terms.currency);
  return {
    heading: words.summary,
    columns: [
      { title: words.description, isNumber: false },
      { title: words.requests, isNumber: true },
      { title: words.cost, isNumber: true },
      { title: words.amount, isNumber: true },
    ],
    rows: lines.map((line) => [
      lineText(line, wording),
      line.kind === 'usage' ? figures.count(line.requestCount) : '',
      'costNanoUsd' in line ? usd(line.costNanoUsd) : '',
      line.kind === 'usage' && terms.charge.kind !== 'cost' ? '' : wording.money(line.amount),
    ]),
    foot: [
      ...(taxes.length > 0 ? [[words.net, '', '', sum(net)]] : []),
      ...taxes.map(({ name, sharePpm, amount }) => [
        `${name} ${figures.percent(sharePpm / 1_000_000)}`,
        ...['', '', sum(amount)],
      ]),
      [words.total, '', '', sum(total)],
    ],
  };
}

/** What a line is for. */
function lineText(
  line: StatementLine,
  { words, figures, period }: Pick<Wording, 'words' | 'figures' | 'period'>,
): string {
  switch (line.kind) {
    case 'usage': {
      const name = line.group ?? words.unattributed;
      return line.isEstimated ? `${name} (${words.estimated})` : name;
    }
    case 'flat':
      return words.flat;
    case 'developer':
      return `${words.developer}: ${line.group ?? words.unattributed}`;
    case 'discount':
      return line.sharePpm === null
        ? line.text
        : `${line.text} ${figures.percent(line.sharePpm / 1_000_000)}`;
    case 'spread':
      return words.spread;
    case 'correction':
      return words.correction(line.number, period(line.startAt, line.endAt));
  }
}

/** The same for formats that have no document. */
export const lineTextOf = (statement: Statement): ((line: StatementLine) => string) => {
  const wording = wordingOf(statement);
  return (line) => lineText(line, wording);
};

/** A table that divides the cost shows so many rows, and the others as one; the JSON document has all. */
const MAX_ROWS = 25;

/** What the lines do not tell already. */
function breakdownTables(
  { breakdowns, cost, terms }: Statement,
  { words, figures, usd }: Wording,
): StatementTable[] {
  const line = (name: string, { requestCount, costNanoUsd }: Omit<BreakdownRow, 'name'>) => [
    ...[name, figures.count(requestCount), usd(costNanoUsd)],
    cost.costNanoUsd === 0 ? '' : figures.percent(costNanoUsd / cost.costNanoUsd, 1),
  ];
  return LINE_GROUPS.filter((group) => group !== terms.lines && breakdowns[group].length > 0).map(
    (group) => {
      const all = breakdowns[group];
      const shown = all.length > MAX_ROWS ? all.slice(0, MAX_ROWS - 1) : all;
      const others = all.slice(shown.length);
      const sum = (key: 'requestCount' | 'costNanoUsd') =>
        others.reduce((added, each) => added + each[key], 0);
      const rest = { requestCount: sum('requestCount'), costNanoUsd: sum('costNanoUsd') };
      return {
        heading: words.by[group],
        columns: [
          { title: words.description, isNumber: false },
          { title: words.requests, isNumber: true },
          { title: words.cost, isNumber: true },
          { title: words.share, isNumber: true },
        ],
        rows: [
          ...shown.map((each) => line(each.name ?? words.unattributed, each)),
          ...(others.length > 0 ? [line(words.others(figures.count(others.length)), rest)] : []),
        ],
        foot: [[words.total, figures.count(cost.requestCount), usd(cost.costNanoUsd), '']],
      };
    },
  );
}

function notesOf({ cost, breakdowns, terms }: Statement, { words, figures, usd }: Wording) {
  const unattributed = LINE_GROUPS.flatMap((group) => {
    const nobody = breakdowns[group].find(({ name }) => name === null);
    if (nobody === undefined || nobody.costNanoUsd === 0) return [];
    return [words.unattributedNote(words.by[group], usd(nobody.costNanoUsd))];
  });
  return [
    words.costNote(figures.decimal(exactUsd(cost.costNanoUsd), 2, 9)),
    ...(cost.estimatedNanoUsd === 0 ? [] : [words.estimatedNote(usd(cost.estimatedNanoUsd))]),
    ...unattributed,
    ...(cost.unknownCount === 0 ? [] : [words.unknownNote(figures.count(cost.unknownCount))]),
    terms.rounding === 'line' ? words.roundedLine : words.roundedTotal,
  ];
}
