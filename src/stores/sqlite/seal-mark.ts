// How far the ledger is sealed. Rule: every hook that opens the gate reads it, so nothing else lives here.
import type { SealMark } from '../sealing.ts';
import type { Connection } from './connection.ts';

export function readSealMark(db: Pick<Connection, 'get'>): SealMark {
  const row = db.get('SELECT * FROM seal_mark', []) ?? {};
  return {
    ledgerId: String(row.ledger_id ?? ''),
    seq: Number(row.seq ?? 0),
    head: String(row.head ?? ''),
    throughSeq: Number(row.through_seq ?? 0),
    entryCount: Number(row.entry_count ?? 0),
    costNanoUsd: Number(row.cost_nano_usd ?? 0),
    isStale: Number(row.is_stale ?? 0) === 1,
  };
}
