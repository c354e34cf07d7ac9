// What was recorded after an entry. Rule: money that was taken back does not count: the sum is the most that can have been added
// to any pool.

import type { LedgerPosition, SpendSince } from '../../domain/decision-lease.ts';
import { entryId } from '../../domain/ids.ts';
import type { EpochMs } from '../../domain/time.ts';
import type { Connection } from './connection.ts';

/** More entries than this are not added up: a millisecond. */
const MAX_ENTRIES = 4_000;

const READ_SINCE = `SELECT (SELECT entry_id FROM entry WHERE seq = ?) AS entry_id,
  count(*) AS entry_count, coalesce(sum(max(cost_nano_usd, 0)), 0) AS added_nano_usd,
  (SELECT coalesce(sum(amount_nano_usd), 0) FROM reservation WHERE expires_at_ms > ?) AS held_nano_usd
  FROM (SELECT cost_nano_usd FROM entry WHERE seq > ? LIMIT ${MAX_ENTRIES})`;

/** See `LeaseOperations.readPosition`. */
export function readPosition(db: Pick<Connection, 'get'>): LedgerPosition | null {
  const row = db.get('SELECT seq, entry_id FROM entry ORDER BY seq DESC LIMIT 1', []);
  return row ? { seq: Number(row.seq), entryId: entryId(String(row.entry_id)) } : null;
}

/** See `LeaseOperations.readSpendSince`. */
export function readSpendSince(
  db: Pick<Connection, 'get'>,
  position: LedgerPosition,
  now: EpochMs,
): SpendSince | null {
  const row = db.get(READ_SINCE, [position.seq, now, position.seq]);
  if (row?.entry_id !== position.entryId || Number(row.entry_count) >= MAX_ENTRIES) return null;
  return { addedNanoUsd: Number(row.added_nano_usd), reservedNanoUsd: Number(row.held_nano_usd) };
}
