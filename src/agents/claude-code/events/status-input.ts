// What Claude Code hands its status line on stdin, read by hand: it runs after every message, and a schema library
// would cost more than all the rest. Absent or foreign fields are `null`. Source: client 2.1.330, read 2026-11-21.
import { type SessionId, sessionId } from '../../../domain/ids.ts';
import { NANO_PER_USD, type NanoUsd } from '../../../domain/money.ts';
import { type Fields, fieldsOf } from '../fields.ts';

export interface StatusInput {
  readonly sessionId: SessionId;
  readonly transcriptPath: string | null;
  readonly cwd: string | null;
  readonly modelName: string | null;
  /** The client's own total of the session, what it inherited included. */
  readonly totalNanoUsd: NanoUsd | null;
  /** The main loop's last request; `null` before the first one and after a compaction. */
  readonly lastRequest: { readonly promptTokens: number; readonly outputTokens: number } | null;
  /** How full the context is, 0..1. */
  readonly contextRatio: number | null;
  /** Tokens that the model can be given. */
  readonly contextWindowTokens: number | null;
  /** The plan's limits as they stand in the input: see `parseRateLimits`. */
  readonly rateLimits: unknown;
  /** Columns, as ccstatusline and others that pass the input on tell them. */
  readonly columns: number | null;
}

/** Reads the input; `null` when it is none (yet): not JSON, or without a session. */
export function parseStatusInput(text: string): StatusInput | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  const raw = fieldsOf(value);
  const id = raw.session_id;
  if (typeof id !== 'string' || id === '') return null;
  const model = fieldsOf(raw.model);
  const window = fieldsOf(raw.context_window);
  const percentage = numberOf(window.used_percentage);
  return {
    sessionId: sessionId(id),
    transcriptPath: textOf(raw.transcript_path),
    cwd: textOf(fieldsOf(raw.workspace).current_dir) ?? textOf(raw.cwd),
    modelName: textOf(model.display_name) ?? textOf(model.id),
    totalNanoUsd: costOf(fieldsOf(raw.cost).total_cost_usd),
    lastRequest: requestOf(fieldsOf(window.current_usage)),
    contextRatio: percentage === null ? null : Math.min(1, Math.max(0, percentage / 100)),
    contextWindowTokens: numberOf(window.context_window_size) || null,
    rateLimits: raw.rate_limits ?? null,
    columns: numberOf(raw.terminal_width),
  };
}

const textOf = (value: unknown): string | null =>
  typeof value === 'string' && value !== '' ? value : null;
const numberOf = (value: unknown): number | null =>
  typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : null;

/** The client reckons in doubles; nine decimals are all a total can be trusted for. */
function costOf(value: unknown): NanoUsd | null {
  const dollars = numberOf(value);
  if (dollars === null) return null;
  const nano = Math.round(dollars * NANO_PER_USD);
  return Number.isSafeInteger(nano) ? nano : null;
}

function requestOf(usage: Fields): StatusInput['lastRequest'] {
  const count = (name: string) => numberOf(usage[name]) ?? 0;
  const promptTokens =
    count('input_tokens') + count('cache_creation_input_tokens') + count('cache_read_input_tokens');
  const outputTokens = count('output_tokens');
  return promptTokens + outputTokens === 0 ? null : { promptTokens, outputTokens };
}
