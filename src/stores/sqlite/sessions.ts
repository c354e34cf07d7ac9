// Sessions and their threads, as they were last written. Rule: a session that somebody only named is none yet.
import { isFolderName } from '../../domain/repository.ts';
import type { Store } from '../store.ts';
import type { Connection } from './connection.ts';
import { sessionValues, threadValues, toSession, toThread } from './rows.ts';

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

export function sessionRepository(db: Connection) {
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
    readSpelling: (repository) => {
      if (isFolderName(repository)) return repository;
      const row = db.get(
        'SELECT repository FROM session WHERE repository = ? COLLATE NOCASE ORDER BY session_key LIMIT 1',
        [repository],
      );
      return row ? String(row.repository) : repository;
    },
    readSessions: ({ sinceAt = 0, limit = -1 }) =>
      db
        .all(
          `SELECT ${SESSION_COLUMNS} FROM session WHERE last_seen_at_ms >= ? AND started_at_ms > 0
           ORDER BY last_seen_at_ms DESC, session_key DESC LIMIT ?`,
          [sinceAt, limit],
        )
        .map(toSession),
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
      db.run(WRITE_THREAD, threadValues(db.sessionKey(thread.sessionId), thread));
    },
    readContextWindow: (id) => {
      const key = db.findSessionKey(id);
      const row =
        key !== null && db.get('SELECT tokens FROM context_window WHERE session_key = ?', [key]);
      return row ? Number(row.tokens) : null;
    },
    noteContextWindow: (id, tokens) => {
      db.run(
        `INSERT INTO context_window (session_key, tokens) VALUES (?, ?)
         ON CONFLICT DO UPDATE SET tokens = excluded.tokens WHERE tokens <> excluded.tokens`,
        [db.sessionKey(id), tokens],
      );
    },
  } satisfies Partial<Store>;
}
