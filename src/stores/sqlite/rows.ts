// Between ledger rows and the domain's shapes. Rule: only naming and null-handling, no decisions.
import type { Attribution } from '../../domain/attribution.ts';
import { ATTRIBUTION_KEYS } from '../../domain/attribution.ts';
import type { EntryFlags } from '../../domain/entry.ts';
import { agentId, type SessionId, sessionId, turnId } from '../../domain/ids.ts';
import type { Usage } from '../../domain/usage.ts';
import type { SessionRecord, ThreadRecord } from '../store.ts';

export type Row = Record<string, unknown>;

/** The column of `attribution` that holds each label. */
const COLUMN_OF: Readonly<Record<keyof Attribution, string>> = {
  repository: 'repository',
  subPath: 'sub_path',
  worktree: 'worktree',
  branch: 'branch',
  developer: 'developer',
  client: 'client',
  costCentre: 'cost_centre',
  ticket: 'ticket',
  pullRequest: 'pull_request',
  model: 'model',
  agentType: 'agent_type',
  skill: 'skill',
  plugin: 'plugin',
  mcpServer: 'mcp_server',
  tool: 'tool',
  labels: 'labels',
};

/** What is no label (`turn`, `provenance`) is named as it is. */
export const columnOf = (key: string): string => COLUMN_OF[key as keyof Attribution] ?? key;

/** Columns of `attribution` in the order of `ATTRIBUTION_KEYS`. */
export const ATTRIBUTION_COLUMNS = ATTRIBUTION_KEYS.map(columnOf);

/** Columns of a usage, in the order of `usageValues`. */
export const USAGE_COLUMN_NAMES = [
  'input_tokens',
  'output_tokens',
  'cache_read_tokens',
  'cache_write_5m_tokens',
  'cache_write_1h_tokens',
  'web_search_count',
] as const;

/** What sums add up, in the order in which rows are read. */
export const SUM_COLUMNS = [
  'request_count',
  'unknown_count',
  ...USAGE_COLUMN_NAMES,
  'cost_nano_usd',
] as const;

export const USAGE_COLUMNS = USAGE_COLUMN_NAMES.join(', ');

/** A sum spans a quarter of an hour: every time zone starts its days on one. */
export const BUCKET_MS = 15 * 60 * 1_000;

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

export function toUsage(row: Row): Usage {
  return {
    inputTokens: Number(row.input_tokens ?? 0),
    outputTokens: Number(row.output_tokens ?? 0),
    cacheReadTokens: Number(row.cache_read_tokens ?? 0),
    cacheWrite5mTokens: Number(row.cache_write_5m_tokens ?? 0),
    cacheWrite1hTokens: Number(row.cache_write_1h_tokens ?? 0),
    webSearchCount: Number(row.web_search_count ?? 0),
  };
}

export function toAttribution(row: Row): Attribution {
  const pairs = ATTRIBUTION_KEYS.map((key) => [key, row[columnOf(key)] ?? null]);
  return Object.fromEntries(pairs) as Attribution;
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

/** The beginning of the quarter of an hour that an instant lies in. */
export const bucketOf = (at: number): number => Math.floor(at / BUCKET_MS) * BUCKET_MS;

/** SQLite integers are 64 bits wide; an open end is the widest of them that a number holds exactly. */
export function finite(at: number): number {
  return Math.min(Math.max(at, Number.MIN_SAFE_INTEGER), Number.MAX_SAFE_INTEGER);
}
