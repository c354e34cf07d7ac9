// The facts in one line of a Claude Code transcript. Rule: a field of another type than expected counts as absent.
// Source: client 2.1.330, read 2026-11-21.
import { agentId, requestId, sessionId, turnId } from '../../../domain/ids.ts';
import { NANO_PER_USD } from '../../../domain/money.ts';
import type { RequestFact, ScanCarry, TranscriptFact } from '../../agent.ts';
import { parsePausedResponses, parseUsage } from './usage.ts';

export type Line = Readonly<Record<string, unknown>>;
export type Emit = (fact: TranscriptFact) => void;

/** Emits the facts of a line; answers what is to be remembered for the lines after it. */
export function readLine(line: Line, carry: ScanCarry, emit: Emit): ScanCarry {
  switch (line.type) {
    case 'assistant':
      return readAssistant(line, carry, emit);
    case 'user':
      return readUser(line, carry, emit);
    case 'system':
      readCompaction(line, carry, emit);
      return carry;
    case 'cost-state':
      return readCostState(line, carry, emit);
    default:
      return carry;
  }
}

function readAssistant(line: Line, carry: ScanCarry, emit: Emit): ScanCarry {
  const message = objectOf(line.message);
  const id = stringOf(message?.id);
  const model = stringOf(line.requestedModel) ?? stringOf(message?.model);
  // A fork copies its parent's lines under its own id, and says on them who really asked.
  const writer = stringOf(line.sessionId);
  const session = stringOf(line.requestSessionId) ?? writer;
  // Old clients wrote the cost itself.
  const writtenCostNanoUsd = costOf(line.costUSD);
  const report = parseUsage(message?.usage ?? (writtenCostNanoUsd === null ? null : {}));
  if (!message || !id || model === null || session === null || report === null) return carry;
  if (model === '<synthetic>' || message.model === '<synthetic>') return carry;
  if (line.isApiErrorMessage === true || line.isUnmetered === true) return carry;

  const content = contentOf(message);
  const interrupted = message.stop_reason === null;
  const cutOff = interrupted ? withCutOff(carry, id, line, content) : null;
  const estimate = cutOff === null ? 0 : estimatedTokens(cutOff, model);
  const tools = content.filter((block) => block?.type === 'tool_use');
  const isCopy = writer !== null && writer !== session;
  const agent = stringOf(line.agentId);
  emit({
    kind: 'request',
    requestId: requestId(id),
    sessionId: sessionId(session),
    copiedInto: isCopy ? sessionId(writer) : null,
    agentId: agent ? agentId(agent) : null,
    // A fork's copies name its own turn, not the one they were made in.
    turnId: carry.turnId === null || isCopy ? null : turnId(carry.turnId),
    occurredAt: instantOf(line.timestamp),
    model,
    report:
      estimate > report.usage.outputTokens
        ? { ...report, usage: { ...report.usage, outputTokens: estimate } }
        : report,
    paused: parsePausedResponses(message.pausedResponses),
    interrupted,
    writtenCostNanoUsd,
    cwd: stringOf(line.cwd),
    branch: stringOf(line.gitBranch),
    toolUseIds: tools.flatMap((block) => (typeof block?.id === 'string' ? [block.id] : [])),
    toolNames: tools.flatMap((block) => (typeof block?.name === 'string' ? [block.name] : [])),
    ...originOf(line),
  });
  return cutOff === carry.cutOff ? carry : { ...carry, cutOff };
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
  server?.startsWith('plugin:') ? (/^plugin:([^:]+):/.exec(server)?.[1] ?? null) : null;

/** The lines of a message that was cut off come one per block; a repeated line counts once. */
function withCutOff(
  carry: ScanCarry,
  id: string,
  line: Line,
  content: readonly (Line | null)[],
): NonNullable<ScanCarry['cutOff']> {
  const key = String(line.apiBlockIndex ?? stringOf(line.uuid) ?? '');
  const length = content.reduce((sum, block) => sum + textOf(block).length, 0);
  const known = carry.cutOff?.id === id ? carry.cutOff.lengths : {};
  return { id, lengths: { ...known, [key]: length } };
}

/** What the model streamed in a block: text, thoughts, or a tool's input. */
function textOf(block: Line | null): string {
  if (block?.type !== 'tool_use') return stringOf(block?.text) ?? stringOf(block?.thinking) ?? '';
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

function readUser(line: Line, carry: ScanCarry, emit: Emit): ScanCarry {
  const session = stringOf(line.sessionId);
  if (session === null) return carry;
  const occurredAt = instantOf(line.timestamp);
  const count = Number(objectOf(line.toolUseResult)?.searchCount ?? 0);
  if (count > 0 && Number.isSafeInteger(count)) {
    const id = stringOf(line.uuid) ?? `${session}:${occurredAt}`;
    emit({ kind: 'search', id, sessionId: sessionId(session), occurredAt, count });
  }
  const turn = stringOf(line.promptId);
  if (turn === null || turn === carry.turnId) return carry;
  emit({
    kind: 'turn',
    turnId: turnId(turn),
    sessionId: sessionId(session),
    occurredAt,
    afterTotalCount: carry.totalCount,
  });
  return { ...carry, turnId: turn };
}

function readCompaction(line: Line, carry: ScanCarry, emit: Emit): void {
  const session = stringOf(line.sessionId);
  const id = stringOf(line.uuid);
  if (line.subtype !== 'compact_boundary' || session === null || id === null) return;
  const tokens = Number(objectOf(line.compactMetadata)?.preTokens ?? 0);
  emit({
    kind: 'compaction',
    id,
    sessionId: sessionId(session),
    occurredAt: instantOf(line.timestamp),
    contextTokens: Number.isSafeInteger(tokens) && tokens > 0 ? tokens : 0,
    afterTotalCount: carry.totalCount,
  });
}

function readCostState(line: Line, carry: ScanCarry, emit: Emit): ScanCarry {
  const session = stringOf(line.sessionId);
  const totalNanoUsd = costOf(line.totalCostUSD);
  if (session === null || totalNanoUsd === null) return carry;
  const ordinal = carry.totalCount + 1;
  emit({
    kind: 'client-total',
    sessionId: sessionId(session),
    ordinal,
    totalNanoUsd,
    hasUnknownModel: line.hasUnknownModelCost === true,
  });
  return { ...carry, totalCount: ordinal };
}

/** A dollar number the client wrote. It is a double; nine decimals are all it can be trusted for. */
function costOf(value: unknown): number | null {
  if (typeof value !== 'number' || !Number.isFinite(value) || value < 0) return null;
  const nano = Math.round(value * NANO_PER_USD);
  return Number.isSafeInteger(nano) ? nano : null;
}

/** Epoch ms; 0 when the line does not say. */
function instantOf(value: unknown): number {
  const at = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isNaN(at) ? 0 : at;
}

const contentOf = (message: Line | null): readonly (Line | null)[] =>
  Array.isArray(message?.content) ? message.content.map(objectOf) : [];
const stringOf = (value: unknown): string | null => (typeof value === 'string' ? value : null);
const objectOf = (value: unknown): Line | null =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Line) : null;
