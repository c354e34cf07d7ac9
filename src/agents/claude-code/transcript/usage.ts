// Reads the usage object of a Claude Code response. Rule: it never throws and never loses a token it can understand; what
// is no count is 0 and reported, unless it is absent or null. Checked by hand, because it runs per line.
import { promptTokens, type Usage } from '../../../domain/usage.ts';
import type { AdvisorUsage, UsageReport } from '../../../pricing/usage-report.ts';
import { type Line, numberOf, objectOf } from './spellings.ts';

/**
 * The largest count believed, in tokens or searches: a thousand times the longest context there is.
 * What claims more is taken for this much (dear enough to halt, small enough to stay exact) and reported.
 */
export const MAX_COUNT = 1_000_000_000;

const NOTHING: readonly never[] = [];

/** Called for each value that should be a count and cannot be read as one. */
type OnUnreadable = () => void;
const ignore: OnUnreadable = () => {};

/** A usage has at least one of these. */
const COUNT_KEYS = [
  'input_tokens',
  'output_tokens',
  'cache_read_input_tokens',
  'cache_creation_input_tokens',
  'cache_creation',
  'server_tool_use',
  'iterations',
];

/** Whether an object looks like a usage: it has a count of tokens. */
export function isUsage(value: unknown): boolean {
  const raw = objectOf(value);
  return raw !== null && COUNT_KEYS.some((key) => key in raw);
}

/**
 * Parses `message.usage` of an assistant line. `null` when it is not an object at all;
 * an object without counts is a response that used nothing.
 * Fields as of client 2.1.330, read 2026-11-21.
 */
export function parseUsage(
  value: unknown,
  onUnreadable: OnUnreadable = ignore,
): UsageReport | null {
  const raw = objectOf(value);
  if (raw === null) return null;
  const usage = parseCounts(raw, onUnreadable);
  // Another API's names, perhaps beside ours with nothing in them.
  if (
    promptTokens(usage) + usage.outputTokens === 0 &&
    Object.values(raw).some((each) => Number(numberOf(each)) > 0)
  )
    onUnreadable();
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
  return { usage, speed, inferenceGeo, ...parseIterations(iterations, onUnreadable) };
}

/**
 * Parses `message.pausedResponses`: earlier responses under the same message id, each billed again.
 * Absent, or not a list, gives none; an element without a usage is left out.
 */
export function parsePausedResponses(
  raw: unknown,
  onUnreadable: OnUnreadable = ignore,
): readonly UsageReport[] {
  if (!Array.isArray(raw)) return NOTHING;
  const reports: UsageReport[] = [];
  for (const paused of raw) {
    const report = parseUsage(objectOf(paused)?.usage, onUnreadable);
    if (report) reports.push(report);
  }
  return reports;
}

function parseIterations(iterations: readonly unknown[], onUnreadable: OnUnreadable) {
  const messageIterations: Usage[] = [];
  const advisors: AdvisorUsage[] = [];
  const compactions: Usage[] = [];
  for (const each of iterations) {
    const iteration = objectOf(each);
    if (iteration?.type === 'message') {
      messageIterations.push(parseCounts(iteration, onUnreadable));
    } else if (iteration?.type === 'advisor_message') {
      const model = typeof iteration.model === 'string' ? iteration.model : '';
      advisors.push({ model, usage: parseCounts(iteration, onUnreadable) });
    } else if (iteration?.type === 'compaction') {
      compactions.push(parseCounts(iteration, onUnreadable));
    }
    // `fallback_message` is left out: unless the client itself armed the fallback, which no line
    // shows, it bills the totals at the model it asked for (measured).
  }
  return { messageIterations, advisors, compactions };
}

function parseCounts(raw: Line, onUnreadable: OnUnreadable): Usage {
  const breakdown = objectOf(raw.cache_creation);
  let written1h = 0;
  let written5m = breakdown ? 0 : count(raw.cache_creation, onUnreadable);
  for (const name in breakdown) {
    if (!name.endsWith('_tokens')) continue;
    const tokens = count(breakdown[name], onUnreadable);
    if (name === 'ephemeral_5m_input_tokens') written5m += tokens;
    // A lifetime that nobody knows yet costs at least what the longest known one does.
    else written1h += tokens;
  }
  let written = count(raw.cache_creation_input_tokens, onUnreadable);
  // Without a total the client stores the sum of the breakdown (measured).
  if (written === 0) written = Math.min(written1h + written5m, MAX_COUNT);
  // The total rules: one hour first, never more than the total; what is left is five minutes.
  const cacheWrite1hTokens = Math.min(written1h, written);
  return {
    inputTokens: count(raw.input_tokens, onUnreadable),
    outputTokens: count(raw.output_tokens, onUnreadable),
    cacheReadTokens: count(raw.cache_read_input_tokens, onUnreadable),
    cacheWrite5mTokens: written - cacheWrite1hTokens,
    cacheWrite1hTokens,
    webSearchCount: count(objectOf(raw.server_tool_use)?.web_search_requests, onUnreadable),
  };
}

/** `20.000`: no count has a fraction, so these are groups of three digits. */
const GROUPED_BY_POINTS = /^\s*[1-9]\d{0,2}(?:\.\d{3})+\s*$/;

/** A whole count between 0 and MAX_COUNT; a fraction counts as the next whole, never as less. */
function count(value: unknown, onUnreadable: OnUnreadable): number {
  if (value === undefined || value === null) return 0;
  const isGrouped = typeof value === 'string' && GROUPED_BY_POINTS.test(value);
  const number = numberOf(isGrouped ? value.replaceAll('.', '') : value);
  if (number === null || !(number >= 0)) {
    onUnreadable();
    return 0;
  }
  if (number > MAX_COUNT) onUnreadable();
  return Math.min(Math.ceil(number), MAX_COUNT);
}
