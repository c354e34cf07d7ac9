// What was recorded after an entry. Rule: money that came in counts, money that was taken back does not: whoever asks wants
// to know how much can have been added to any pool.

import type { LedgerEnd, Since } from '../../domain/decision-lease.ts';
import { entryId } from '../../domain/ids.ts';
import type { EpochMs } from '../../domain/time.ts';
import type { Connection } from './connection.ts';

/** More entries than this are not added up: a millisecond. */
const MOST_ENTRIES = 4_000;

const READ_SINCE = `SELECT (SELECT entry_id FROM entry WHERE seq = ?) AS entry_id,
  count(*) AS entry_count, coalesce(sum(max(cost_nano_usd, 0)), 0) AS added_nano_usd,
  (SELECT coalesce(sum(amount_nano_usd), 0) FROM reservation WHERE expires_at_ms > ?) AS held_nano_usd
  FROM (SELECT cost_nano_usd FROM entry WHERE seq > ? LIMIT ${MOST_ENTRIES})`;

/** See `PassVerbs.readEnd`. */
export function readEnd(db: Pick<Connection, 'get'>): LedgerEnd | null {
  const row = db.get('SELECT seq, entry_id FROM entry ORDER BY seq DESC LIMIT 1', []);
  return row ? { seq: Number(row.seq), entryId: entryId(String(row.entry_id)) } : null;
}

/** See `PlainStore.readSince`. */
export function readSince(db: Pick<Connection, 'get'>, end: LedgerEnd, now: EpochMs): Since | null {
  const row = db.get(READ_SINCE, [end.seq, now, end.seq]);
  if (row?.entry_id !== end.entryId || Number(row.entry_count) >= MOST_ENTRIES) return null;
  return { addedNanoUsd: Number(row.added_nano_usd), heldNanoUsd: Number(row.held_nano_usd) };
}
