// The responses in new lines of a main transcript, where every line is of the plainest kind. PURE. Rule: it says what
// `transcript-line.ts` would say of these lines, or nothing at all: whoever gets nothing reads them with that one.
// Source: client 2.1.330, read 2026-11-21.
import type { PlainResponse } from '../../../domain/decision-lease.ts';
import type { PlainOf } from '../../agent.ts';

type Fields = Readonly<Record<string, unknown>>;
type Growing = { -readonly [K in keyof PlainResponse]: PlainResponse[K] };

/** No plain response has more of anything; see `MAX_COUNT`. */
const MOST = 1_000_000_000;

/** `text` is whole lines, each with its end. `null`: not all of them are plain. */
export function plainResponses(text: string, of: PlainOf): readonly PlainResponse[] | null {
  const found: Growing[] = [];
  for (let start = 0, end = 0; start < text.length; start = end + 1) {
    end = text.indexOf('\n', start);
    const line = fieldsOf(parse(text.slice(start, end)));
    if (line === null) return null;
    switch (line.type) {
      case 'assistant':
        if (!addResponse(line, of, found)) return null;
        break;
      case 'user':
        // The beginning of a turn, or a search that a tool made.
        if (typeof line.promptId === 'string' && line.promptId !== of.turnId) return null;
        if (fieldsOf(line.toolUseResult)?.searchCount !== undefined) return null;
        break;
      case 'system':
        if (line.subtype === 'compact_boundary') return null;
        break;
      case 'cost-state':
        return null;
    }
  }
  return found;
}

/** False where the line is not plain. The lines of a response follow each other and say the same usage. */
function addResponse(line: Fields, of: PlainOf, found: Growing[]): boolean {
  const message = fieldsOf(line.message);
  const usage = fieldsOf(message?.usage);
  const at = typeof line.timestamp === 'string' ? Date.parse(line.timestamp) : Number.NaN;
  if (message === null || usage === null || !(at > 0) || typeof message.id !== 'string')
    return false;
  if (message.id === '' || line.sessionId !== of.sessionId || line.cwd !== of.cwd) return false;
  if ((line.requestSessionId ?? of.sessionId) !== of.sessionId) return false;
  if ((line.requestedModel ?? message.model) !== of.model || message.model === '<synthetic>')
    return false;
  if (isSaid(line.agentId) || isSaid(line.costUSD) || isSaid(line.isApiErrorMessage)) return false;
  if (
    isSaid(line.isUnmetered) ||
    isSaid(line.attributionPlugin) ||
    isSaid(line.attributionMcpServer)
  )
    return false;
  // A response that was cut off is counted by its content.
  if (typeof message.stop_reason !== 'string' || isSaid(message.pausedResponses)) return false;
  if (usage.speed === 'fast' || usage.inference_geo === 'us' || isSaid(usage.iterations))
    return false;
  const searches = fieldsOf(usage.server_tool_use)?.web_search_requests;
  if (searches !== undefined && searches !== 0) return false;
  const counts = countsOf(usage);
  if (counts === null || !Array.isArray(message.content)) return false;

  const last = found[found.length - 1];
  let response: Growing | undefined;
  if (last !== undefined && last.id === message.id) {
    if (!isSame(last, counts)) return false;
    response = last;
  } else {
    const branch = typeof line.gitBranch === 'string' ? line.gitBranch : null;
    const skill = typeof line.attributionSkill === 'string' ? line.attributionSkill : null;
    const { id } = message;
    response = { ...counts, id, occurredAt: at, branch, skill, tool: null, toolUseIds: [] };
    found.push(response);
  }
  for (const part of message.content) {
    const block = fieldsOf(part);
    if (block?.type !== 'tool_use') continue;
    // Tools of a server have its labels.
    if (typeof block.id !== 'string' || typeof block.name !== 'string') return false;
    if (block.name.startsWith('mcp__')) return false;
    response.tool ??= block.name;
    if (!response.toolUseIds.includes(block.id)) {
      response.toolUseIds = [...response.toolUseIds, block.id];
    }
  }
  return true;
}

type Counts = Pick<
  PlainResponse,
  'inputTokens' | 'outputTokens' | 'cacheReadTokens' | 'cacheWrite5mTokens' | 'cacheWrite1hTokens'
>;

/** `null` where a count is none, or the parts of what was cached are not its sum. */
function countsOf(usage: Fields): Counts | null {
  const inputTokens = countOf(usage.input_tokens);
  const outputTokens = countOf(usage.output_tokens);
  const cacheReadTokens = countOf(usage.cache_read_input_tokens);
  const written = countOf(usage.cache_creation_input_tokens);
  const parts = fieldsOf(usage.cache_creation);
  const cacheWrite1hTokens = countOf(parts?.ephemeral_1h_input_tokens);
  const cacheWrite5mTokens = parts === null ? written : countOf(parts.ephemeral_5m_input_tokens);
  const sum = inputTokens + outputTokens + cacheReadTokens + written;
  if (!(sum >= 0) || cacheWrite5mTokens + cacheWrite1hTokens !== written) return null;
  return { inputTokens, outputTokens, cacheReadTokens, cacheWrite5mTokens, cacheWrite1hTokens };
}

/** NaN for what is no plain count. */
const countOf = (value: unknown): number => {
  if (value === undefined) return 0;
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) < MOST
    ? (value as number)
    : Number.NaN;
};

const isSame = (a: Counts, b: Counts): boolean =>
  a.inputTokens === b.inputTokens &&
  a.outputTokens === b.outputTokens &&
  a.cacheReadTokens === b.cacheReadTokens &&
  a.cacheWrite5mTokens === b.cacheWrite5mTokens &&
  a.cacheWrite1hTokens === b.cacheWrite1hTokens;

/** Whether a field that plain lines do not have, or have empty, says something. */
const isSaid = (value: unknown): boolean =>
  value !== undefined && value !== null && value !== false && !isEmptyList(value);

const isEmptyList = (value: unknown): boolean => Array.isArray(value) && value.length === 0;

const fieldsOf = (value: unknown): Fields | null =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : null;

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null; // torn
  }
}
