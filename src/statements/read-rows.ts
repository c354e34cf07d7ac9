// What clients have cost, read from the ledger. Rule: every entry of a window belongs to exactly one client or to nobody, so the rows of all
// clients and of nobody add up to the ledger.
import type { SumKey } from '../domain/aggregates.ts';
import type { Window } from '../domain/time.ts';
import { zoneDays } from '../reports/local-time.ts';
import type { ReportReads } from '../stores/store.ts';
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

/** The ledger of this machine, or the team's. */
export type SumReads = Pick<ReportReads, 'readSums'>;

/** Rows by client; `null`: what belongs to no client. */
export type RowsByClient = ReadonlyMap<string | null, readonly CostRow[]>;

/** Reads windows, each once. */
export function rowsReader(reads: SumReads): (window: Window) => Promise<RowsByClient> {
  const known = new Map<string, Promise<RowsByClient>>();
  return (window) => {
    const key = `${window.startAt}|${window.endAt}`;
    const rows = known.get(key) ?? readRows(reads, window);
    known.set(key, rows);
    return rows;
  };
}

async function readRows(reads: SumReads, window: Window): Promise<RowsByClient> {
  // No key is a day, so that any zone gives the same.
  const zone = zoneDays('UTC', { startAt: 0, endAt: 0 });
  const rows = new Map<string | null, CostRow[]>();
  for (const sum of await reads.readSums({ by: KEYS, zone, window, where: [] })) {
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
