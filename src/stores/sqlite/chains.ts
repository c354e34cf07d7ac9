// Sessions that go on from one another, the runs they belong to, and what their threads have cost.
// Rule: reads are indexed and bounded, so that no decision grows with what is old.
import { sessionId } from '../../domain/ids.ts';
import type { Store, ThreadCost } from '../store.ts';
import type { Connection, Value } from './connection.ts';
import type { Row } from './rows.ts';

const FIRST_OF_MAIN = `SELECT cost_nano_usd FROM entry WHERE entry.session_key = session.session_key
  AND agent_id IS NULL AND kind = 'usage' ORDER BY seq LIMIT 1`;
const OF_AGENT = `FROM entry WHERE entry.session_key = thread.session_key
  AND entry.agent_id = thread.agent_id`;

export function chainRepository(db: Connection) {
  const costsOf = (sql: string, values: readonly Value[]): ThreadCost[] =>
    db
      .all(sql, values)
      .map((row: Row) => ({
        firstNanoUsd: Number(row.first ?? 0),
        totalNanoUsd: Number(row.total ?? 0),
      }))
      .filter(({ firstNanoUsd }) => firstNanoUsd > 0);

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
    readSessionStarts: (repository, limit) =>
      costsOf(
        `SELECT (${FIRST_OF_MAIN}) AS first, (${FIRST_OF_MAIN}) AS total FROM session
         WHERE started_at_ms > 0${repository === null ? '' : ' AND repository = ?'}
         ORDER BY last_seen_at_ms DESC LIMIT ?`,
        repository === null ? [limit] : [repository, limit],
      ),
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
    readSubagentCosts: (agentType, repository, limit) =>
      costsOf(
        `SELECT (SELECT cost_nano_usd ${OF_AGENT} AND kind = 'usage' ORDER BY seq LIMIT 1) AS first,
           (SELECT sum(cost_nano_usd) ${OF_AGENT}) AS total
         FROM thread${repository === null ? '' : ' JOIN session USING (session_key)'}
         WHERE agent_type = ? AND agent_id <> ''${repository === null ? '' : ' AND repository = ?'}
         ORDER BY last_request_at_ms DESC LIMIT ?`,
        repository === null ? [agentType, limit] : [agentType, repository, limit],
      ),
  } satisfies Partial<Store>;
}
