// What the ledger says otherwise now of periods that were billed. Rule: pure; a statement that was issued is never changed, the difference is a
// line of the client's next one, under the terms that the period was billed by.
import type { ClientTerms, DatedRate } from '../domain/billing.ts';
import { type Exact, parseDecimal } from './amounts.ts';
import { amounts, billedAmountOfCost, netOfRows } from './make-statement.ts';
import type { CostRow, Statement, StatementLine } from './statement.ts';

/** What the period of a statement has cost its client, as the ledger has it now. */
export type RowsOf = (statement: Statement) => readonly CostRow[];

type Correction = Extract<StatementLine, { kind: 'correction' }>;

/** The lines that a client's next statement must have. `issued`: all statements that it got, oldest first. */
export function correctionsOf(
  issued: readonly Statement[],
  rowsOf: RowsOf,
  next: { readonly terms: ClientTerms; readonly rate: DatedRate | null },
): readonly Correction[] {
  return issued.flatMap((statement) => {
    const { number, startAt, endAt, terms, rate } = statement;
    if (number === null) return [];
    const rows = rowsOf(statement);
    const told = issued.flatMap(({ lines, terms: { currency } }) =>
      lines.flatMap((line) =>
        line.kind === 'correction' && line.number === number ? [{ line, currency }] : [],
      ),
    );
    const costNow = rows.reduce((sum, { costNanoUsd }) => sum + costNanoUsd, 0);
    const costTold = told.reduce((sum, { line }) => sum + line.costNanoUsd, 0);
    const costNanoUsd = costNow - statement.cost.costNanoUsd - costTold;
    const isSameMoney =
      terms.currency === next.terms.currency &&
      told.every(({ currency }) => currency === terms.currency);
    const exact = isSameMoney
      ? netOfRows(rows, terms, rate) -
        ownNet(statement) -
        told.reduce((sum, { line }) => sum + parseDecimal(line.amount), 0n)
      : billedAmountOfCost(costNanoUsd, next.terms, next.rate);
    if (costNanoUsd === 0 && exact === 0n) return [];
    const money = amounts(exact, next.terms);
    return [{ kind: 'correction', number, startAt, endAt, costNanoUsd, ...money }];
  });
}

/** What was billed for the period itself. */
function ownNet({ net, lines }: Statement): Exact {
  return lines.reduce(
    (left, line) =>
      line.kind === 'correction' || line.kind === 'spread'
        ? left - parseDecimal(line.amount)
        : left,
    parseDecimal(net),
  );
}
