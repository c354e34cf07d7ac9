// What the provider has billed beyond (or below) the ledger, over the statements of a period. Rule: by what each client has cost, to the
// nano-dollar; at cost, without a mark-up, in a line that says what it is.
import type { ClientTerms, DatedRate } from '../domain/billing.ts';
import { divide, NANO_PER_USD, type NanoUsd } from '../domain/money.ts';
import { converted, decimalsOf, rounded } from './amounts.ts';
import { amounts } from './make-statement.ts';
import type { RowsByClient } from './read-rows.ts';
import type { StatementLine } from './statement.ts';

/** The part of each client; `null`: of what belongs to none. They add up to the difference. */
export function spreadOver(
  differenceNanoUsd: NanoUsd,
  rows: RowsByClient,
): ReadonlyMap<string | null, NanoUsd> {
  const clients = [...rows.keys()].sort((a, b) => ((a ?? '') < (b ?? '') ? -1 : 1));
  const costs = clients.map((client) =>
    Math.max(
      0,
      (rows.get(client) ?? []).reduce((sum, { costNanoUsd }) => sum + costNanoUsd, 0),
    ),
  );
  const shares = divide(differenceNanoUsd, costs);
  return new Map(clients.map((client, index) => [client, shares[index] ?? 0]));
}

/** The line of a client; none where its part is nothing. */
export function spreadLines(
  costNanoUsd: NanoUsd,
  terms: ClientTerms,
  rate: DatedRate | null,
): readonly StatementLine[] {
  if (costNanoUsd === 0) return [];
  const exact = converted(costNanoUsd, 1_000_000, rate?.rateNano ?? NANO_PER_USD);
  const billed = rounded(exact, decimalsOf(terms.currency));
  return [{ kind: 'spread', costNanoUsd, ...amounts(billed, terms) }];
}
