// Columns that the ledger of a machine and that of a team name alike, and what is read from them. Rule: only naming and null-handling.
import { ATTRIBUTION_KEYS, type Attribution } from '../domain/attribution.ts';
import type { Usage } from '../domain/usage.ts';

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

/** The beginning of the quarter of an hour that an instant lies in. */
export const bucketOf = (at: number): number => Math.floor(at / BUCKET_MS) * BUCKET_MS;

const WITHOUT_LABELS: readonly string[] = [
  'day',
  'hour',
  'utcHour',
  'session',
  'turn',
  'provenance',
];

/** Whether a key is one of an entry's labels. */
export const isLabel = (key: string): boolean => !WITHOUT_LABELS.includes(key);
