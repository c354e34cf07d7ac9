// Sessions that continue one another, the runs they belong to, and what the subagents of a turn have spent.
// Rule: reads are indexed and bounded, so that no decision grows with what is old.
import { sessionId } from '../../domain/ids.ts';
import type { Store } from '../store.ts';
import type { Connection } from './connection.ts';

export function chainRepository(db: Connection) {
  return {
    linkSession: ({ sessionId: id, previousId, reason }) => {
      db.run(
        `INSERT INTO session_link (session_id, previous_id, reason) VALUES (?, ?, ?)
         ON CONFLICT DO NOTHING`,
        [id, previousId, reason],
      );
    },
    readLink: (id) => {
      const row = db.get('SELECT * FROM session_link WHERE session_id = ?', [id]);
      if (!row) return null;
      return {
        sessionId: id,
        previousId: sessionId(String(row.previous_id)),
        reason: row.reason === 'run' ? 'run' : 'clear',
      };
    },
    joinRun: (runId, id, at) => {
      db.run(
        `INSERT INTO run_session (run_id, session_id, joined_at_ms) VALUES (?, ?, ?)
         ON CONFLICT DO NOTHING`,
        [runId, id, at],
      );
    },
    readRun: (runId) =>
      db
        .all(
          'SELECT session_id FROM run_session WHERE run_id = ? ORDER BY joined_at_ms, session_id',
          [runId],
        )
        .map((row) => sessionId(String(row.session_id))),
    readFanOut: (id, turnId, now) => {
      const key = db.findSessionKey(id) ?? -1;
      const spent = db.get(
        `SELECT coalesce(sum(cost_nano_usd), 0) AS spent FROM entry
         WHERE session_key = ? AND agent_id IS NOT NULL AND turn_id IS ?`,
        [key, turnId],
      );
      const held = db.get(
        `SELECT count(*) AS under_way FROM reservation
         WHERE session_key = ? AND agent_id <> '' AND agent_id NOT GLOB 'late:*' AND expires_at_ms > ?`,
        [key, now],
      );
      return {
        spentNanoUsd: Number(spent?.spent ?? 0),
        underWayCount: Number(held?.under_way ?? 0),
      };
    },
  } satisfies Partial<Store>;
}
