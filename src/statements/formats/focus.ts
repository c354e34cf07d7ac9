// A statement for FinOps tools: FOCUS 1.2 (focus.finops.org, read 2026-11-21), a charge for each of its lines. Here BilledCost and InvoiceId can be
// filled: the sender's statement is the invoice that they speak of.
import { exactUsd } from '../../domain/money.ts';
import { textCell, toCsv } from '../../reports/formats/csv.ts';
import { lineTextOf } from '../document.ts';
import type { Statement } from '../statement.ts';
import { roundingOf } from './csv.ts';
import type { StatementFormat } from './format.ts';

interface Charge {
  readonly category: string;
  readonly text: string;
  readonly amount: string;
  readonly costNanoUsd: number | null;
  readonly isCorrection: boolean;
}

type Cell = (charge: Charge, statement: Statement) => string;

const COLUMNS: readonly (readonly [string, Cell])[] = [
  ['BilledCost', ({ amount }) => amount],
  ['BillingAccountId', (_, { client }) => textCell(client)],
  ['BillingAccountName', (_, { client, terms }) => textCell(terms.title ?? client)],
  ['BillingCurrency', (_, { terms }) => terms.currency],
  ['BillingPeriodEnd', (_, { endAt }) => instantText(endAt)],
  ['BillingPeriodStart', (_, { startAt }) => instantText(startAt)],
  ['ChargeCategory', ({ category }) => category],
  ['ChargeClass', ({ isCorrection }) => (isCorrection ? 'Correction' : '')],
  ['ChargeDescription', ({ text }) => textCell(text)],
  ['ChargeFrequency', ({ category }) => (category === 'Usage' ? 'Usage-Based' : 'Recurring')],
  ['ChargePeriodEnd', (_, { endAt }) => instantText(endAt)],
  ['ChargePeriodStart', (_, { startAt }) => instantText(startAt)],
  ['EffectiveCost', ({ amount }) => amount],
  ['InvoiceId', (_, { number }) => textCell(number ?? '')],
  ['InvoiceIssuerName', (_, { sender }) => textCell(sender?.name ?? '')],
  ['ServiceCategory', () => 'AI and Machine Learning'],
  ['ServiceName', () => 'Claude'],
  ['x_CostNanoUsd', ({ costNanoUsd }) => (costNanoUsd === null ? '' : String(costNanoUsd))],
  ['x_CostUsd', ({ costNanoUsd }) => (costNanoUsd === null ? '' : exactUsd(costNanoUsd))],
];

export const focusFormat: StatementFormat = {
  name: 'focus',
  extension: 'focus.csv',
  summary: 'CSV with the columns of FOCUS 1.2, a charge for each line',
  render: (statement) =>
    toCsv([
      COLUMNS.map(([name]) => name),
      ...chargesOf(statement).map((charge) => COLUMNS.map(([, cell]) => cell(charge, statement))),
    ]),
};

function chargesOf(statement: Statement): readonly Charge[] {
  const textOf = lineTextOf(statement);
  const other = { costNanoUsd: null, isCorrection: false };
  const rounding = roundingOf(statement);
  return [
    ...statement.lines.map((line) => ({
      category: categoryOf(line.kind),
      text: textOf(line),
      amount: line.amount,
      costNanoUsd: 'costNanoUsd' in line ? line.costNanoUsd : null,
      isCorrection: line.kind === 'correction',
    })),
    ...(rounding === null
      ? []
      : [{ ...other, category: 'Adjustment', text: 'Rounding', amount: rounding }]),
    ...statement.taxes.map(({ name, amount }) => ({
      ...{ ...other, category: 'Tax', text: name, amount },
    })),
  ];
}

function categoryOf(kind: Statement['lines'][number]['kind']): string {
  if (kind === 'discount') return 'Credit';
  if (kind === 'spread') return 'Adjustment';
  if (kind === 'flat' || kind === 'developer') return 'Purchase';
  return 'Usage';
}

const instantText = (at: number): string => `${new Date(at).toISOString().slice(0, -5)}Z`;
