// Between ledger rows and the domain's shapes. Rule: only naming and null-handling, no decisions.
import type { EntryFlags } from '../../domain/entry.ts';
import { agentId, type SessionId, sessionId, turnId } from '../../domain/ids.ts';
import type { Usage } from '../../domain/usage.ts';
import type { Row } from '../columns.ts';
import type { SessionRecord, ThreadRecord } from '../store.ts';

export function usageValues(usage: Usage): number[] {
  return [
    usage.inputTokens,
    usage.outputTokens,
    usage.cacheReadTokens,
    usage.cacheWrite5mTokens,
    usage.cacheWrite1hTokens,
    usage.webSearchCount,
  ];
}

export function flagValues(flags: EntryFlags): number[] {
  return [flags.unknownModel ? 1 : 0, flags.interrupted ? 1 : 0];
}

const text = (value: unknown): string | null => (typeof value === 'string' ? value : null);
const number = (value: unknown): number | null => (typeof value === 'number' ? value : null);

export function toSession(row: Row): SessionRecord {
  const parent = text(row.parent_session_id);
  return {
    sessionId: sessionId(String(row.session_id)),
    transcriptPath: text(row.transcript_path),
    cwd: text(row.cwd),
    startedAt: Number(row.started_at_ms),
    lastSeenAt: Number(row.last_seen_at_ms),
    repository: text(row.repository),
    branch: text(row.branch),
    developer: text(row.developer),
    parentSessionId: parent === null ? null : sessionId(parent),
    forkedAt: number(row.forked_at_ms),
    inheritedNanoUsd: Number(row.inherited_nano_usd),
    hostTotalNanoUsd: number(row.client_total_nano_usd),
    hostTotalUntil: number(row.client_total_until_ms),
    endedAt: number(row.ended_at_ms),
    hostPid: number(row.client_pid),
  };
}

export function sessionValues(session: SessionRecord): (string | number | null)[] {
  return [
    session.sessionId,
    session.transcriptPath,
    session.cwd,
    session.startedAt,
    session.lastSeenAt,
    session.repository,
    session.branch,
    session.developer,
    session.parentSessionId,
    session.forkedAt,
    session.inheritedNanoUsd,
    session.hostTotalNanoUsd,
    session.hostTotalUntil,
    session.endedAt,
    session.hostPid,
  ];
}

export function toThread(id: SessionId, row: Row): ThreadRecord {
  const agent = text(row.agent_id);
  const turn = text(row.turn_id);
  return {
    sessionId: id,
    agentId: agent ? agentId(agent) : null,
    agentType: text(row.agent_type),
    model: String(row.model),
    contextTokens: Number(row.context_tokens),
    lastOutputTokens: Number(row.last_output_tokens),
    cacheLifetime: row.cache_lifetime === '1h' ? '1h' : '5m',
    lastRequestAt: Number(row.last_request_at_ms),
    lastRequestId: String(row.last_request_id),
    turnId: turn === null ? null : turnId(turn),
    toolUseIds: JSON.parse(String(row.tool_use_ids)) as string[],
  };
}

/** The other way round: the values of `WRITE_THREAD`. */
export function threadValues(sessionKey: number, thread: ThreadRecord): (string | number | null)[] {
  return [
    sessionKey,
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
  ];
}

/** SQLite integers are 64 bits wide; an open end is the widest of them that a number holds exactly. */
export function finite(at: number): number {
  return Math.min(Math.max(at, Number.MIN_SAFE_INTEGER), Number.MAX_SAFE_INTEGER);
}
