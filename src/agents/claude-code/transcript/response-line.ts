// The request in a line of a Claude Code transcript: who was asked, what was used, what it was for. Rule: whatever used
// tokens becomes a request, however little else the line says. Source: client 2.1.330, read 2026-11-21.
import { agentId, requestId, sessionId, turnId } from '../../../domain/ids.ts';
import { NANO_PER_USD } from '../../../domain/money.ts';
import { promptTokens } from '../../../domain/usage.ts';
import type { UsageReport } from '../../../pricing/usage-report.ts';
import type { OpenResponse, RequestFact, ScanCarry } from '../../agent.ts';
import { listOf } from '../fields.ts';
import type { LineContext } from './line-context.ts';
import { type LineTokens, responseOf } from './response-identity.ts';
import { idOf, instantOf, type Line, numberOf, objectOf, stringOf } from './spellings.ts';
import { isUsage, parsePausedResponses, parseUsage } from './usage.ts';

/** In place of a model that no line names. */
const UNKNOWN_MODEL = 'unknown';
/** What the client itself says, and no model. */
const SYNTHETIC_MODEL = '<synthetic>';

/** Reads a line of a response. */
export function readResponse(line: Line, carry: ScanCarry, context: LineContext): ScanCarry {
  const message = objectOf(line.message) ?? line;
  if (isUnpaid(line, message)) return carry;
  if (!isUsage(message.usage) && isUsage(line.usage)) {
    return readPaidLine(line, { ...message, usage: line.usage }, carry, context);
  }
  return readPaidLine(line, message, carry, context);
}

/** Claude Code's own words, errors of the API, and what a subscription includes. */
const isUnpaid = (line: Line, message: Line): boolean =>
  line.requestedModel === SYNTHETIC_MODEL ||
  message.model === SYNTHETIC_MODEL ||
  line.isApiErrorMessage === true ||
  line.isUnmetered === true;

function readPaidLine(
  line: Line,
  message: Line,
  before: ScanCarry,
  context: LineContext,
): ScanCarry {
  // Old clients wrote the cost itself.
  const writtenCostNanoUsd = costOf(line.costUSD);
  const raw = message.usage ?? (writtenCostNanoUsd === null ? null : {});
  const counts = { unreadable: 0 };
  const onUnreadable = () => {
    counts.unreadable = 1;
  };
  const report = parseUsage(raw, onUnreadable);
  const paused = parsePausedResponses(message.pausedResponses, onUnreadable);
  const id = idOf(message.id);
  const { source, at } = context;
  const response = responseOf(line, id, report && tokensOf(report), before.response, source, at);
  const isNew = before.response?.name !== response.name || before.response.key !== response.key;
  const carry = {
    ...before,
    response,
    unusableCount: before.unusableCount + counts.unreadable + usageChange(response, before, isNew),
  };
  if (report === null) return carry;
  const content = listOf(message.content);
  const interrupted = message.stop_reason === null;
  const cutOff = interrupted ? withCutOff(carry, response.name, line, content) : null;
  const model = modelOf(line, message);
  const estimate = cutOff === null ? 0 : estimatedTokens(cutOff, model);
  const tools = content.filter(({ type }) => type === 'tool_use');
  const origin = ownerOf(line, carry, context);
  if (origin === null) return { ...carry, unusableCount: carry.unusableCount + 1 };
  context.emit({
    kind: 'request',
    requestId: requestId(response.name),
    responseKey: response.key,
    ...origin,
    model,
    report:
      estimate > report.usage.outputTokens
        ? { ...report, usage: { ...report.usage, outputTokens: estimate } }
        : report,
    paused,
    interrupted,
    writtenCostNanoUsd,
    toolUseIds: tools.flatMap(({ id: useId }) => (typeof useId === 'string' ? [useId] : [])),
    toolNames: tools.flatMap(({ name }) => (typeof name === 'string' ? [name] : [])),
    ...originOf(line),
  });
  return { ...carry, cutOff };
}

const tokensOf = ({ usage }: UsageReport): LineTokens => ({
  promptTokens: promptTokens(usage),
  outputTokens: usage.outputTokens,
});

/** A response is unusable while none of its lines has a usage. */
function usageChange(response: OpenResponse, { response: known }: ScanCarry, isNew: boolean) {
  if (isNew) return response.hasUsage ? 0 : 1;
  return response.hasUsage && known?.hasUsage === false ? -1 : 0;
}

const modelOf = (line: Line, message: Line): string =>
  textOf(line.requestedModel) ?? textOf(message.model) ?? textOf(line.model) ?? UNKNOWN_MODEL;

const textOf = (value: unknown): string | null => stringOf(value)?.trim() || null;

type Owner = Pick<
  RequestFact,
  'sessionId' | 'copiedInto' | 'agentId' | 'turnId' | 'occurredAt' | 'cwd' | 'branch'
>;

/** Whose the request is, where and when it was made; `null` where not even the file says whose. */
function ownerOf(line: Line, carry: ScanCarry, { source }: LineContext): Owner | null {
  // A fork copies its parent's lines under its own id, and says on them who really asked.
  const writer = idOf(line.sessionId) ?? (source.sessionId || null);
  const session = idOf(line.requestSessionId) ?? writer;
  if (session === null) return null;
  const isCopy = writer !== null && writer !== session;
  const agent = stringOf(line.agentId);
  return {
    sessionId: sessionId(session),
    copiedInto: isCopy ? sessionId(writer) : null,
    agentId: agent ? agentId(agent) : null,
    // A fork's copies name its own turn, not the one they were made in.
    turnId: carry.turnId === null || isCopy ? null : turnId(carry.turnId),
    // Without a time of its own it was made about when the line before it was.
    occurredAt: instantOf(line.timestamp) || carry.lastAt || Math.floor(source.writtenAt),
    cwd: stringOf(line.cwd),
    branch: stringOf(line.gitBranch),
  };
}

/** Names under which tools and models keep what they like. */
const FREE_CONTENT: ReadonlySet<string> = new Set([
  'content',
  'input',
  'toolUseResult',
  'arguments',
]);
const MAX_DEPTH = 6;

/**
 * Reads what a line of an unknown type says of responses. A usage without an id of its own, beside the name of a subagent, is a
 * sum of lines in the subagent's own file.
 */
export function readNestedResponses(line: Line, carry: ScanCarry, context: LineContext): ScanCarry {
  let state = carry;
  for (const { owner, message } of responsesIn(line, line, 0)) {
    const id = idOf(message.id) ?? idOf(owner.requestId);
    if (isUnpaid(owner, message) || (id === null && idOf(owner.agentId) !== null)) continue;
    const inherited = { ...contextFields(line), ...owner };
    // Its own line may be elsewhere, so nothing of it may begin a response or end one.
    const read = readPaidLine(
      inherited,
      message,
      { ...state, response: null },
      {
        ...context,
        emit: (fact) => {
          // Without a request id it may be any response of that name.
          const isAny = idOf(message.id) !== null && idOf(owner.requestId) === null;
          context.emit(fact.kind === 'request' && isAny ? { ...fact, responseKey: null } : fact);
        },
      },
    );
    state = { ...read, response: state.response, cutOff: state.cutOff };
  }
  return state;
}

/** What a nested line leaves to the line it stands in. */
function contextFields({ sessionId, timestamp, cwd, gitBranch, uuid, agentId, model }: Line): Line {
  return { sessionId, timestamp, cwd, gitBranch, uuid, agentId, model };
}

interface Nested {
  /** The nearest object around it that is like a line. */
  readonly owner: Line;
  readonly message: Line;
}

function responsesIn(value: Line, owner: Line, depth: number): readonly Nested[] {
  if (depth > MAX_DEPTH) return [];
  if (isUsage(value.usage)) return [{ owner, message: value }];
  return Object.entries(value).flatMap(([name, child]) => {
    if (FREE_CONTENT.has(name)) return [];
    const list = Array.isArray(child) ? child : [child];
    return list.flatMap((each) => {
      const object = objectOf(each);
      if (object === null) return [];
      const isLine = 'message' in object || 'uuid' in object || 'requestId' in object;
      return responsesIn(object, isLine ? object : owner, depth + 1);
    });
  });
}

/**
 * What the client says a request was made for: the skill in force since it was called, until the turn ends and in
 * the subagents it starts; and the server whose answer came just before. [seen in client 2.1.330, 2026-11-22]
 */
function originOf(line: Line): Pick<RequestFact, 'skill' | 'plugin' | 'mcpServer'> {
  const server = stringOf(line.attributionMcpServer);
  return {
    skill: stringOf(line.attributionSkill),
    plugin: stringOf(line.attributionPlugin) ?? pluginOf(server),
    // Tools are named after their server with these characters only.
    mcpServer: server === null ? null : server.replace(/[^\w-]/g, '_'),
  };
}

/** A plugin's server is named `plugin:<plugin>:<server>`. */
const pluginOf = (server: string | null): string | null =>
  /^plugin:([^:]+):/.exec(server ?? '')?.[1] ?? null;

/** The lines of a message that was cut off come one per block; a repeated line counts once. */
function withCutOff(
  carry: ScanCarry,
  id: string,
  line: Line,
  content: readonly Line[],
): NonNullable<ScanCarry['cutOff']> {
  const key = String(line.apiBlockIndex ?? stringOf(line.uuid) ?? '');
  const length = content.reduce((sum, block) => sum + streamedText(block).length, 0);
  const known = carry.cutOff?.id === id ? carry.cutOff.lengths : {};
  return { id, lengths: { ...known, [key]: length } };
}

/** What the model streamed in a block: text, thoughts, or a tool's input. */
function streamedText(block: Line): string {
  if (block.type !== 'tool_use') return stringOf(block.text) ?? stringOf(block.thinking) ?? '';
  try {
    return JSON.stringify(block.input ?? {});
  } catch {
    return ''; // nested deeper than the stack: no model writes that
  }
}

/**
 * How the client counts output that it never got a count for: UTF-16 units over three (over four up to 4.6), to the
 * nearest. Measured on client 2.1.330 with twelve texts cut off by Esc, 2026-11-21.
 */
function estimatedTokens(cutOff: NonNullable<ScanCarry['cutOff']>, model: string): number {
  const length = Object.values(cutOff.lengths).reduce((sum, each) => sum + each, 0);
  const version = /(\d+)-(\d{1,2})(?!\d)/.exec(model) ?? /(\d+)()/.exec(model);
  const major = Number(version?.[1] ?? 9);
  const minor = Number(version?.[2] || 0);
  return Math.round(length / (major < 4 || (major === 4 && minor <= 6) ? 4 : 3));
}

/** A dollar number the client wrote. It is a double; nine decimals are all it can be trusted for. `null`: it says no cost. */
export function costOf(value: unknown): number | null {
  const dollars = numberOf(value) ?? Number.NaN;
  const nano = Math.round(dollars * NANO_PER_USD);
  return dollars >= 0 && Number.isSafeInteger(nano) ? nano : null;
}
