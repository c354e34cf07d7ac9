// What first requests and whole threads have cost, in the newest sessions and subagents. Rule: reads are indexed and bounded, so that no decision
// grows with the ledger.
import { sessionId } from '../../domain/ids.ts';
import type { Row } from '../columns.ts';
import type { Store, ThreadCost } from '../store.ts';
import type { Connection, Value } from './connection.ts';

const FIRST_OF_MAIN = `SELECT cost_nano_usd FROM entry WHERE entry.session_key = session.session_key
  AND agent_id IS NULL AND kind = 'usage' ORDER BY seq LIMIT 1`;
const OF_AGENT = `FROM entry WHERE entry.session_key = thread.session_key
  AND entry.agent_id = thread.agent_id`;

export function threadCostRepository(db: Connection) {
  const costsOf = (sql: string, values: readonly Value[]): ThreadCost[] =>
    db
      .all(sql, values)
      .map((row: Row) => ({
        firstNanoUsd: Number(row.first ?? 0),
        totalNanoUsd: Number(row.total ?? 0),
      }))
      .filter(({ firstNanoUsd }) => firstNanoUsd > 0);

  return {
    readSessionStarts: (repository, limit) =>
      costsOf(
        `SELECT (${FIRST_OF_MAIN}) AS first, (${FIRST_OF_MAIN}) AS total FROM session
         WHERE started_at_ms > 0${repository === null ? '' : ' AND repository = ?'}
         ORDER BY last_seen_at_ms DESC LIMIT ?`,
        repository === null ? [limit] : [repository, limit],
      ),
    readNewestSession: (repository) => {
      const row = db.get(
        `SELECT session_id FROM session JOIN thread USING (session_key)
         WHERE agent_id = ''${repository === null ? '' : ' AND repository = ?'}
         ORDER BY last_seen_at_ms DESC LIMIT 1`,
        repository === null ? [] : [repository],
      );
      return row === undefined ? null : sessionId(String(row.session_id));
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
