// What clients have cost, read from the ledger. Rule: every entry of a window belongs to exactly one client or to nobody, so the rows of all
// clients and of nobody add up to the ledger.
import type { SumKey } from '../domain/aggregates.ts';
import type { Window } from '../domain/time.ts';
import { zoneDays } from '../reports/local-time.ts';
import type { Store } from '../stores/store.ts';
import type { CostRow } from './statement.ts';

const KEYS: readonly SumKey[] = [
  'client',
  'repository',
  'branch',
  'ticket',
  'developer',
  'model',
  'provenance',
];

/** Rows by client; `null`: what belongs to no client. */
export type RowsByClient = ReadonlyMap<string | null, readonly CostRow[]>;

/** Reads windows, each once. */
export function rowsReader(store: Pick<Store, 'readSums'>): (window: Window) => RowsByClient {
  const known = new Map<string, RowsByClient>();
  return (window) => {
    const key = `${window.startAt}|${window.endAt}`;
    const rows = known.get(key) ?? readRows(store, window);
    known.set(key, rows);
    return rows;
  };
}

function readRows(store: Pick<Store, 'readSums'>, window: Window): RowsByClient {
  // No key is a day, so that any zone gives the same.
  const zone = zoneDays('UTC', { startAt: 0, endAt: 0 });
  const rows = new Map<string | null, CostRow[]>();
  for (const sum of store.readSums({ by: KEYS, zone, window, where: [] })) {
    const [client, repository, branch, ticket, developer, model, provenance] = sum.key.map(
      (value) => (value === null ? null : String(value)),
    );
    const of = rows.get(client ?? null) ?? [];
    of.push({
      repository: repository ?? null,
      branch: branch ?? null,
      ticket: ticket ?? null,
      developer: developer ?? null,
      model: model ?? null,
      isEstimated: provenance === 'estimated',
      costNanoUsd: sum.costNanoUsd,
      requestCount: sum.requestCount,
      unknownCount: sum.unknownCount,
    });
    rows.set(client ?? null, of);
  }
  return rows;
}
