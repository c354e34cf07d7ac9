// Halts that stay, stages that were announced, and the log of decisions.
// Rule: a session has one latch at most, and a stage of a pool is announced by exactly one caller, ever.
import { budgetId, sessionId } from '../../domain/ids.ts';
import type { Stage } from '../../domain/spend.ts';
import type { BreachCode } from '../../domain/verdict.ts';
import type { Store } from '../store.ts';
import type { Connection } from './connection.ts';

export function haltRepository(db: Connection) {
  return {
    readHalt: (id) => {
      const row = db.get('SELECT * FROM latch WHERE session_id = ?', [id]);
      if (!row) return null;
      return {
        sessionId: sessionId(String(row.session_id)),
        budgetId: budgetId(String(row.budget_id)),
        windowKey: String(row.window_key),
        code: String(row.code) as BreachCode,
        haltedAt: Number(row.halted_at_ms),
        ceilingNanoUsd: row.ceiling_nano_usd === null ? null : Number(row.ceiling_nano_usd),
        spendNanoUsd: Number(row.spend_nano_usd),
        reason: row.reason === null ? null : String(row.reason),
      };
    },
    writeHalt: (haltRecord) => {
      db.run(
        `INSERT INTO latch (session_id, budget_id, window_key, code, halted_at_ms, ceiling_nano_usd,
           spend_nano_usd, reason) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT DO UPDATE SET budget_id = excluded.budget_id, window_key = excluded.window_key,
           code = excluded.code, halted_at_ms = excluded.halted_at_ms,
           ceiling_nano_usd = excluded.ceiling_nano_usd, spend_nano_usd = excluded.spend_nano_usd,
           reason = excluded.reason`,
        [
          haltRecord.sessionId,
          haltRecord.budgetId,
          haltRecord.windowKey,
          haltRecord.code,
          haltRecord.haltedAt,
          haltRecord.ceilingNanoUsd,
          haltRecord.spendNanoUsd,
          haltRecord.reason,
        ],
      );
    },
    releaseHalt: (id) => {
      db.run('DELETE FROM latch WHERE session_id = ?', [id]);
    },
    announce: (poolKey, stage, at) =>
      db.run(
        'INSERT INTO announcement (pool_key, stage, announced_at_ms) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
        [poolKey, stage, at],
      ) === 1,
    readAnnounced: (poolKey) =>
      db
        .all('SELECT stage FROM announcement WHERE pool_key = ?', [poolKey])
        .map((row) => row.stage as Stage),
    withdraw: (poolKey, stage) => {
      db.run('DELETE FROM announcement WHERE pool_key = ? AND stage = ?', [poolKey, stage]);
    },
    recordDecision: ({ at, sessionId: id, moment, verdict }) => {
      db.run(
        'INSERT INTO decision (decided_at_ms, session_id, moment, verdict) VALUES (?, ?, ?, ?)',
        [at, id, moment, JSON.stringify(verdict)],
      );
    },
  } satisfies Partial<Store>;
}
