// Reads the usage object of a Claude Code response. Rule: it never throws and never loses a token
// it can understand; anything that is not a count is 0. Checked by hand, because it runs per line.
import type { Usage } from '../../../domain/usage.ts';
import type { AdvisorUsage, UsageReport } from '../../../pricing/usage-report.ts';

/**
 * The largest count believed, in tokens or searches: a thousand times the longest context there is.
 * What claims more is taken for this much: dear enough to halt, small enough to stay exact.
 */
export const MAX_COUNT = 1_000_000_000;

type Fields = Readonly<Record<string, unknown>>;

const NOTHING: readonly never[] = [];

/**
 * Parses `message.usage` of an assistant line. `null` when it is not an object at all;
 * an object without counts is a response that used nothing.
 * Fields as of client 2.1.330, read 2026-11-21.
 */
export function parseUsage(raw: unknown): UsageReport | null {
  if (!isFields(raw)) return null;
  const usage = parseCounts(raw);
  const inferenceGeo = typeof raw.inference_geo === 'string' ? raw.inference_geo : null;
  const speed = raw.speed === 'fast' ? 'fast' : 'standard';
  const iterations = raw.iterations;
  if (!Array.isArray(iterations) || iterations.length === 0) {
    return {
      usage,
      speed,
      inferenceGeo,
      messageIterations: NOTHING,
      advisors: NOTHING,
      compactions: NOTHING,
    };
  }
  return { usage, speed, inferenceGeo, ...parseIterations(iterations) };
}

/**
 * Parses `message.pausedResponses`: earlier responses under the same message id, each billed again.
 * Absent, or not a list, gives none; an element without a usage is left out.
 */
export function parsePausedResponses(raw: unknown): readonly UsageReport[] {
  if (!Array.isArray(raw) || raw.length === 0) return NOTHING;
  const reports: UsageReport[] = [];
  for (const paused of raw) {
    const report = isFields(paused) ? parseUsage(paused.usage) : null;
    if (report) reports.push(report);
  }
  return reports;
}

function parseIterations(iterations: readonly unknown[]) {
  const messageIterations: Usage[] = [];
  const advisors: AdvisorUsage[] = [];
  const compactions: Usage[] = [];
  for (const iteration of iterations) {
    if (!isFields(iteration)) continue;
    if (iteration.type === 'message') {
      messageIterations.push(parseCounts(iteration));
    } else if (iteration.type === 'advisor_message') {
      const model = typeof iteration.model === 'string' ? iteration.model : '';
      advisors.push({ model, usage: parseCounts(iteration) });
    } else if (iteration.type === 'compaction') {
      compactions.push(parseCounts(iteration));
    }
    // `fallback_message` is left out: unless the client itself armed the fallback, which no line
    // shows, it bills the totals at the model it asked for (measured).
  }
  return { messageIterations, advisors, compactions };
}

function parseCounts(raw: Fields): Usage {
  const breakdown = isFields(raw.cache_creation) ? raw.cache_creation : null;
  const written1h = breakdown ? count(breakdown.ephemeral_1h_input_tokens) : 0;
  let written = count(raw.cache_creation_input_tokens);
  // Without a total the client stores the sum of the breakdown (measured).
  if (written === 0 && breakdown) {
    written = Math.min(written1h + count(breakdown.ephemeral_5m_input_tokens), MAX_COUNT);
  }
  // The total rules: one hour first, never more than the total; what is left is five minutes.
  const cacheWrite1hTokens = Math.min(written1h, written);
  return {
    inputTokens: count(raw.input_tokens),
    outputTokens: count(raw.output_tokens),
    cacheReadTokens: count(raw.cache_read_input_tokens),
    cacheWrite5mTokens: written - cacheWrite1hTokens,
    cacheWrite1hTokens,
    webSearchCount: isFields(raw.server_tool_use)
      ? count(raw.server_tool_use.web_search_requests)
      : 0,
  };
}

/** A whole count between 0 and MAX_COUNT; a fraction counts as the next whole, never as less. */
function count(value: unknown): number {
  if (typeof value !== 'number' || !(value > 0)) return 0;
  return value >= MAX_COUNT ? MAX_COUNT : Math.ceil(value);
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
