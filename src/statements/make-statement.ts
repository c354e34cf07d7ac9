// From what a client has cost, and its terms, to a statement. Rule: pure; the lines' cost is the ledger's cost, to the nano-dollar.
import type { Charge, ClientTerms, DatedRate, LineGroup } from '../domain/billing.ts';
import { NANO_PER_USD } from '../domain/money.ts';
import {
  converted,
  decimalsOf,
  decimalText,
  type Exact,
  exactOf,
  parseDecimal,
  rounded,
  shareOf,
} from './amounts.ts';
import type { BreakdownRow, CostRow, Statement, StatementLine } from './statement.ts';

/** What a statement is made of. */
export interface StatementInput
  extends Pick<Statement, 'number' | 'client' | 'sender' | 'terms' | 'rate'> {
  readonly startAt: number;
  readonly endAt: number;
  readonly madeAt: number;
  readonly rows: readonly CostRow[];
  /** Lines beside those of the period: corrections. */
  readonly otherLines: readonly StatementLine[];
  readonly isOfTeam?: true;
}

export function makeStatement({ rows, otherLines, ...input }: StatementInput): Statement {
  const { terms, rate } = input;
  const decimals = decimalsOf(terms.currency);
  const own = chargedLines(rows, terms, rate);
  const lines = [...own, ...discountLines(own, terms), ...otherLines];
  const netExact = lines.reduce((sum, { exact }) => sum + parseDecimal(exact), 0n);
  const net = netOf(lines, terms);
  const taxes = terms.taxes.map(({ name, sharePpm }) => ({
    ...{ name, sharePpm },
    amount: rounded(shareOf(net, sharePpm), decimals),
  }));
  const total = taxes.reduce((sum, { amount }) => sum + amount, net);
  const text = (amount: Exact) => decimalText(amount, decimals);
  return {
    ...input,
    ...{ lines, netExact: text(netExact), net: text(net), total: text(total) },
    taxes: taxes.map((tax) => ({ ...tax, amount: text(tax.amount) })),
    cost: {
      costNanoUsd: sumOf(rows, 'costNanoUsd'),
      estimatedNanoUsd: sumOf(
        rows.filter(({ isEstimated }) => isEstimated),
        'costNanoUsd',
      ),
      requestCount: sumOf(rows, 'requestCount'),
      unknownCount: sumOf(rows, 'unknownCount'),
    },
    breakdowns: {
      repository: breakdown(rows, 'repository'),
      branch: breakdown(rows, 'branch'),
      ticket: breakdown(rows, 'ticket'),
      developer: breakdown(rows, 'developer'),
      model: breakdown(rows, 'model'),
    },
  };
}

/** What lines come to together, as it is billed. */
function netOf(lines: readonly StatementLine[], { currency, rounding }: ClientTerms): Exact {
  const of = (key: 'amount' | 'exact') =>
    lines.reduce((sum, line) => sum + parseDecimal(line[key]), 0n);
  return rounding === 'line' ? of('amount') : rounded(of('exact'), decimalsOf(currency));
}

/** What a period comes to under terms, without corrections. */
export function netOfRows(
  rows: readonly CostRow[],
  terms: ClientTerms,
  rate: DatedRate | null,
): Exact {
  const own = chargedLines(rows, terms, rate);
  return netOf([...own, ...discountLines(own, terms)], terms);
}

function chargedLines(
  rows: readonly CostRow[],
  terms: ClientTerms,
  rate: DatedRate | null,
): StatementLine[] {
  const { charge } = terms;
  switch (charge.kind) {
    case 'cost':
      return usageLines(rows, terms, (row) => costAmount(row, charge, rate));
    case 'flat':
      return [
        { kind: 'flat', ...amounts(exactOf(charge.amountNano), terms) },
        ...usageLines(rows, terms, () => 0n),
      ];
    case 'developer':
      return [...developerLines(rows, charge, terms), ...usageLines(rows, terms, () => 0n)];
  }
}

/** An amount before rounding and as it is billed, both as text. */
export function amounts(
  exact: Exact,
  { currency, rounding }: ClientTerms,
): { readonly exact: string; readonly amount: string } {
  const decimals = decimalsOf(currency);
  const billed = rounding === 'line' ? rounded(exact, decimals) : exact;
  return { exact: decimalText(exact, decimals), amount: decimalText(billed, decimals) };
}

function costAmount(
  { developer, costNanoUsd }: Pick<CostRow, 'developer' | 'costNanoUsd'>,
  { markUpPpm, developers }: Extract<Charge, { kind: 'cost' }>,
  rate: DatedRate | null,
): Exact {
  const own = developer !== null && Object.hasOwn(developers, developer);
  const share = own ? (developers[developer] ?? markUpPpm) : markUpPpm;
  return converted(costNanoUsd, 1_000_000 + share, rate?.rateNano ?? NANO_PER_USD);
}

/**
 * What cost comes to that no row tells of, rounded as it is billed: with the general mark-up; nothing where cost is not
 * what is billed.
 */
export function billedAmountOfCost(
  costNanoUsd: number,
  { charge, currency }: ClientTerms,
  rate: DatedRate | null,
): Exact {
  if (charge.kind !== 'cost') return 0n;
  const exact = costAmount({ developer: null, costNanoUsd }, charge, rate);
  return rounded(exact, decimalsOf(currency));
}

function usageLines(
  rows: readonly CostRow[],
  terms: ClientTerms,
  amountOf: (row: CostRow) => Exact,
): StatementLine[] {
  const groups = new Map<string, { of: CostRow[]; exact: Exact }>();
  for (const row of rows) {
    const key = JSON.stringify([row[terms.lines], row.isEstimated]);
    const group = groups.get(key) ?? { of: [], exact: 0n };
    group.of.push(row);
    group.exact += amountOf(row);
    groups.set(key, group);
  }
  return [...groups.values()]
    .map(({ of, exact }) => ({
      kind: 'usage' as const,
      group: of[0]?.[terms.lines] ?? null,
      isEstimated: of[0]?.isEstimated ?? false,
      costNanoUsd: sumOf(of, 'costNanoUsd'),
      requestCount: sumOf(of, 'requestCount'),
      ...amounts(exact, terms),
    }))
    .sort(
      (a, b) =>
        Number(a.isEstimated) - Number(b.isEstimated) ||
        b.costNanoUsd - a.costNanoUsd ||
        byName(a.group, b.group),
    );
}

function developerLines(
  rows: readonly CostRow[],
  { amountsNano }: Extract<Charge, { kind: 'developer' }>,
  terms: ClientTerms,
): StatementLine[] {
  return breakdown(rows, 'developer')
    .filter(({ costNanoUsd, requestCount }) => costNanoUsd !== 0 || requestCount !== 0)
    .map(({ name }) => {
      const isNamed = name !== null && Object.hasOwn(amountsNano, name);
      const nano = (isNamed ? amountsNano[name] : amountsNano['*']) ?? 0;
      return { kind: 'developer', group: name, ...amounts(exactOf(nano), terms) };
    });
}

function discountLines(own: readonly StatementLine[], terms: ClientTerms): StatementLine[] {
  const sum = own.reduce((all, { exact }) => all + parseDecimal(exact), 0n);
  return terms.discounts.map((discount) => {
    const isShare = 'sharePpm' in discount;
    const off = isShare ? shareOf(sum, discount.sharePpm) : exactOf(discount.amountNano);
    return {
      ...{ kind: 'discount', text: discount.text, sharePpm: isShare ? discount.sharePpm : null },
      ...amounts(-off, terms),
    };
  });
}

function breakdown(rows: readonly CostRow[], group: LineGroup): BreakdownRow[] {
  const found = new Map<string | null, { costNanoUsd: number; requestCount: number }>();
  for (const row of rows) {
    const sums = found.get(row[group]) ?? { costNanoUsd: 0, requestCount: 0 };
    sums.costNanoUsd += row.costNanoUsd;
    sums.requestCount += row.requestCount;
    found.set(row[group], sums);
  }
  return [...found]
    .map(([name, sums]) => ({ name, ...sums }))
    .sort((a, b) => b.costNanoUsd - a.costNanoUsd || byName(a.name, b.name));
}

const byName = (a: string | null, b: string | null): number =>
  (a ?? '') < (b ?? '') ? -1 : (a ?? '') > (b ?? '') ? 1 : 0;

function sumOf(
  rows: readonly CostRow[],
  key: 'costNanoUsd' | 'requestCount' | 'unknownCount',
): number {
  return rows.reduce((sum, row) => sum + row[key], 0);
}
