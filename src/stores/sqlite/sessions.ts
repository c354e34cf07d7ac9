// Sessions, their threads, and their totals. Rule: totals come from the sums, never from a scan of lines.
import type { SessionId } from '../../domain/ids.ts';
import type { SessionTotals, Store } from '../store.ts';
import type { Connection } from './connection.ts';
import { sessionValues, toSession, toThread, toUsage, USAGE_COLUMN_NAMES } from './rows.ts';

const SESSION_COLUMNS = `session_id, transcript_path, cwd, started_at_ms, last_seen_at_ms, repository,
  branch, developer, parent_session_id, forked_at_ms, inherited_nano_usd, client_total_nano_usd,
  client_total_until_ms, ended_at_ms, client_pid`;

const WRITE_SESSION = `INSERT INTO session (${SESSION_COLUMNS})
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (session_id) DO UPDATE SET
    transcript_path = excluded.transcript_path, cwd = excluded.cwd,
    started_at_ms = excluded.started_at_ms, last_seen_at_ms = excluded.last_seen_at_ms,
    repository = excluded.repository, branch = excluded.branch, developer = excluded.developer,
    parent_session_id = excluded.parent_session_id, forked_at_ms = excluded.forked_at_ms,
    inherited_nano_usd = excluded.inherited_nano_usd,
    client_total_nano_usd = excluded.client_total_nano_usd,
    client_total_until_ms = excluded.client_total_until_ms, ended_at_ms = excluded.ended_at_ms,
    client_pid = excluded.client_pid`;

const WRITE_THREAD = `INSERT INTO thread (session_key, agent_id, agent_type, model, context_tokens, last_output_tokens,
  cache_lifetime, last_request_at_ms, last_request_id, turn_id, tool_use_ids)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT DO UPDATE SET agent_type = excluded.agent_type, model = excluded.model,
    context_tokens = excluded.context_tokens,
    last_output_tokens = excluded.last_output_tokens, cache_lifetime = excluded.cache_lifetime,
    last_request_at_ms = excluded.last_request_at_ms, last_request_id = excluded.last_request_id,
    turn_id = excluded.turn_id, tool_use_ids = excluded.tool_use_ids`;

const READ_TOTALS = `SELECT provenance, sum(request_count) AS request_count,
  sum(input_tokens) AS input_tokens, sum(output_tokens) AS output_tokens,
  sum(cache_read_tokens) AS cache_read_tokens, sum(cache_write_5m_tokens) AS cache_write_5m_tokens,
  sum(cache_write_1h_tokens) AS cache_write_1h_tokens, sum(web_search_count) AS web_search_count,
  sum(cost_nano_usd) AS cost_nano_usd FROM rollup WHERE session_key = ? GROUP BY provenance`;

const READ_MODELS = `SELECT model, sum(request_count) AS request_count,
  sum(cost_nano_usd) AS cost_nano_usd, sum(unknown_count) AS unknown_count
  FROM rollup JOIN attribution USING (attribution_id)
  WHERE session_key = ? AND model IS NOT NULL GROUP BY model ORDER BY cost_nano_usd DESC, model`;

const READ_SETTLEMENT = `SELECT
  sum(CASE WHEN (kind = 'usage' OR reason = 'grown') AND occurred_at_ms < ? THEN cost_nano_usd END)
    AS requests,
  sum(CASE WHEN provenance = 'client-settled' THEN cost_nano_usd END) AS settled,
  sum(CASE WHEN kind = 'correction' AND provenance = 'estimated' AND reason <> 'grown'
    THEN cost_nano_usd END) AS estimated,
  sum(CASE WHEN kind = 'correction' AND provenance = 'estimated'
    AND reason NOT IN ('grown', 'estimate-settled') AND occurred_at_ms >= ?
    THEN cost_nano_usd END) AS open_estimates
  FROM entry WHERE session_key = ?`;

export function sessionRoom(db: Connection) {
  return {
    readSession: (id) => {
      const row = db.get(
        `SELECT session_key, ${SESSION_COLUMNS} FROM session WHERE session_id = ?`,
        [id],
      );
      if (!row) return null;
      db.noteSessionKey(id, Number(row.session_key));
      return Number(row.started_at_ms) > 0 ? toSession(row) : null;
    },
    writeSession: (session) => {
      db.run(WRITE_SESSION, sessionValues(session));
    },
    readSessions: ({ sinceAt = 0, limit = -1 }) =>
      db
        .all(
          `SELECT ${SESSION_COLUMNS} FROM session WHERE last_seen_at_ms >= ? AND started_at_ms > 0
           ORDER BY last_seen_at_ms DESC, session_key DESC LIMIT ?`,
          [sinceAt, limit],
        )
        .map(toSession),
    readSessionTotals: (id) => readTotals(db, id),
    readSettlement: (id, untilAt) => {
      const row = db.get(READ_SETTLEMENT, [
        finite(untilAt),
        finite(untilAt),
        db.findSessionKey(id) ?? -1,
      ]);
      return {
        requestsNanoUsd: Number(row?.requests ?? 0),
        settledNanoUsd: Number(row?.settled ?? 0),
        estimatedNanoUsd: Number(row?.estimated ?? 0),
        openEstimatesNanoUsd: Number(row?.open_estimates ?? 0),
      };
    },
    readCostBefore: (id, beforeAt) =>
      Number(
        db.get(
          `SELECT coalesce(sum(cost_nano_usd), 0) AS cost FROM entry
           WHERE session_key = ? AND occurred_at_ms < ?`,
          [db.findSessionKey(id) ?? -1, finite(beforeAt)],
        )?.cost ?? 0,
      ),
    readThread: (id, agentId) => {
      const key = db.findSessionKey(id);
      if (key === null) return null;
      const row = db.get('SELECT * FROM thread WHERE session_key = ? AND agent_id = ?', [
        key,
        agentId ?? '',
      ]);
      return row ? toThread(id, row) : null;
    },
    writeThread: (thread) => {
      db.run(WRITE_THREAD, [
        db.sessionKey(thread.sessionId),
        thread.agentId ?? '',
        thread.agentType,
        thread.model,
        thread.contextTokens,
        thread.lastOutputTokens,
        thread.cacheLifetime,
        thread.lastRequestAt,
        thread.lastRequestId,
        thread.turnId,
        JSON.stringify(thread.toolUseIds),
      ]);
    },
  } satisfies Partial<Store>;
}

/** SQLite integers are 64 bits wide; an open end is the widest of them that a number holds exactly. */
export function finite(at: number): number {
  return Math.min(Math.max(at, Number.MIN_SAFE_INTEGER), Number.MAX_SAFE_INTEGER);
}

function readTotals(db: Connection, id: SessionId): SessionTotals {
  const key = db.findSessionKey(id) ?? -1;
  const rows = db.all(READ_TOTALS, [key]);
  const sum = (column: string) => rows.reduce((total, row) => total + Number(row[column]), 0);
  const cost = (provenance: string) =>
    Number(rows.find((row) => row.provenance === provenance)?.cost_nano_usd ?? 0);
  return {
    requestCount: sum('request_count'),
    costNanoUsd: sum('cost_nano_usd'),
    usage: toUsage(Object.fromEntries(USAGE_COLUMN_NAMES.map((column) => [column, sum(column)]))),
    provenance: {
      meteredNanoUsd: cost('metered'),
      settledNanoUsd: cost('client-settled'),
      estimatedNanoUsd: cost('estimated'),
    },
    models: db.all(READ_MODELS, [key]).map((row) => ({
      model: String(row.model),
      requestCount: Number(row.request_count),
      costNanoUsd: Number(row.cost_nano_usd),
      unknownModel: Number(row.unknown_count) > 0,
    })),
  };
}
