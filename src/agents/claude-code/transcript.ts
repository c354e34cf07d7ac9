// What Claude Code's transcript lines tell, found by byte scan: only lines that can matter are parsed.
// Rule: a torn, foreign or garbled line tells nothing and harms nothing. Source: client 2.1.330, 2026-11-21.
import { agentId, requestId, sessionId, turnId } from '../../domain/ids.ts';
import { NANO_PER_USD } from '../../domain/money.ts';
import type { ScanCarry, TranscriptFact } from '../agent.ts';
import { parseUsage } from './usage.ts';

const NEWLINE = 0x0a;

/** Bytes that a line must contain, unescaped, to be worth parsing. */
const TURN_MARK = '"promptId":"';
const MARKS = [
  '"usage":{',
  TURN_MARK,
  '"type":"cost-state"',
  '"compact_boundary"',
  '"searchCount":',
  '"costUSD":',
] as const;

type Line = Record<string, unknown>;
type Tell = (fact: TranscriptFact) => void;

/** See `Agent.scan`. `bytes` may end in the middle of a line; that part is not consumed. */
export function scanTranscript(
  bytes: Uint8Array,
  carry: ScanCarry,
  tell: Tell,
): { consumedBytes: number; carry: ScanCarry } {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = buffer.lastIndexOf(NEWLINE) + 1;
  const nextMark = marksOf(buffer, end);
  let state = carry;
  for (let mark = nextMark(0); mark < end; ) {
    // Every result of a tool names its turn, and may be megabytes long: the same turn is not news.
    if (isSameTurn(buffer, mark, state.turnId)) {
      mark = nextMark(mark + 1);
      continue;
    }
    const lineStart = mark === 0 ? 0 : buffer.lastIndexOf(NEWLINE, mark) + 1;
    const lineEnd = buffer.indexOf(NEWLINE, mark);
    state = readLine(buffer.toString('utf8', lineStart, lineEnd), state, tell);
    mark = nextMark(lineEnd + 1);
  }
  return { consumedBytes: end, carry: state };
}

function isSameTurn(buffer: Buffer, mark: number, turn: string | null): boolean {
  if (turn === null) return false;
  const text = `${TURN_MARK}${turn}"`;
  return buffer.toString('latin1', mark, mark + text.length) === text;
}

/** Finds the next position of any mark at or after a position; each mark is searched once over the buffer. */
function marksOf(buffer: Buffer, end: number): (from: number) => number {
  const found = MARKS.map((mark) => ({ mark, at: -1 }));
  return (from) => {
    let nearest = end;
    for (const entry of found) {
      if (entry.at < from) {
        const at = buffer.indexOf(entry.mark, from, 'latin1');
        entry.at = at === -1 ? end : at;
      }
      if (entry.at < nearest) nearest = entry.at;
    }
    return nearest;
  };
}

function readLine(text: string, carry: ScanCarry, tell: Tell): ScanCarry {
  let line: Line;
  try {
    line = JSON.parse(text) as Line;
  } catch {
    return carry;
  }
  if (typeof line !== 'object' || line === null) return carry;
  switch (line.type) {
    case 'assistant':
      return readAssistant(line, carry, tell);
    case 'user':
      return readUser(line, carry, tell);
    case 'system':
      readSystem(line, tell);
      return carry;
    case 'cost-state':
      readCostState(line, tell);
      return carry;
    default:
      return carry;
  }
}

function readAssistant(line: Line, carry: ScanCarry, tell: Tell): ScanCarry {
  const message = objectOf(line.message);
  const id = stringOf(message?.id);
  const model = stringOf(line.requestedModel) ?? stringOf(message?.model);
  // A fork copies its parent's lines under its own id, and says on them who really asked.
  const teller = stringOf(line.sessionId);
  const session = stringOf(line.requestSessionId) ?? teller;
  if (!message || id === null || model === null || session === null) return carry;
  if (model === '<synthetic>' || message.model === '<synthetic>') return carry;
  if (line.isApiErrorMessage === true || line.isUnmetered === true) return carry;
  const report = parseUsage(message.usage);
  const writtenCost = costOf(line.costUSD);
  if (report === null && writtenCost === null) return carry;

  const content = Array.isArray(message.content) ? message.content.map(objectOf) : [];
  const interrupted = message.stop_reason === null;
  const cutOff = interrupted ? addCutOff(carry, id, content) : null;
  const base = report ?? parseUsage({});
  if (base === null) return carry;
  const estimate = cutOff === null ? 0 : Math.ceil(cutOff.bytes / bytesPerToken(model));
  const tools = content.filter((block) => block?.type === 'tool_use');
  const agent = stringOf(line.agentId);
  tell({
    kind: 'request',
    requestId: requestId(id),
    sessionId: sessionId(session),
    copiedInto: teller !== null && teller !== session ? sessionId(teller) : null,
    agentId: agent ? agentId(agent) : null,
    turnId: carry.turnId === null ? null : turnId(carry.turnId),
    occurredAt: instantOf(line.timestamp),
    model,
    report:
      estimate > base.usage.outputTokens
        ? { ...base, usage: { ...base.usage, outputTokens: estimate } }
        : base,
    paused: pausedOf(message.pausedResponses),
    interrupted,
    writtenCostNanoUsd: writtenCost,
    cwd: stringOf(line.cwd),
    branch: stringOf(line.gitBranch),
    toolUseIds: tools.flatMap((block) => (typeof block?.id === 'string' ? [block.id] : [])),
    toolNames: tools.flatMap((block) => (typeof block?.name === 'string' ? [block.name] : [])),
  });
  return { ...carry, cutOff };
}

/** The lines of a message that was cut off come one per block; what was streamed is their sum. */
function addCutOff(carry: ScanCarry, id: string, content: (Line | null)[]): ScanCarry['cutOff'] {
  const bytes = content.reduce((sum, block) => {
    if (block === null) return sum;
    if (block.type === 'tool_use')
      return sum + Buffer.byteLength(JSON.stringify(block.input ?? {}));
    return sum + Buffer.byteLength(stringOf(block.text) ?? stringOf(block.thinking) ?? '');
  }, 0);
  return { id, bytes: (carry.cutOff?.id === id ? carry.cutOff.bytes : 0) + bytes };
}

/** How the client estimates output that it never got a count for: finer for newer tokenisers. */
function bytesPerToken(model: string): number {
  const version = /(\d+)-(\d{1,2})(?!\d)/.exec(model) ?? /(\d+)()/.exec(model);
  const major = Number(version?.[1] ?? 9);
  const minor = Number(version?.[2] || 0);
  return major < 4 || (major === 4 && minor <= 6) ? 4 : 3;
}

function readUser(line: Line, carry: ScanCarry, tell: Tell): ScanCarry {
  const session = stringOf(line.sessionId);
  if (session === null) return carry;
  const occurredAt = instantOf(line.timestamp);
  const result = objectOf(line.toolUseResult);
  const count = Number(result?.searchCount ?? 0);
  if (count > 0 && Number.isSafeInteger(count)) {
    const id = stringOf(line.uuid) ?? `${session}:${occurredAt}`;
    tell({ kind: 'search', id, sessionId: sessionId(session), occurredAt, count });
  }
  const turn = stringOf(line.promptId);
  if (turn === null || turn === carry.turnId) return carry;
  tell({ kind: 'turn', turnId: turnId(turn), sessionId: sessionId(session), occurredAt });
  return { ...carry, turnId: turn };
}

function readSystem(line: Line, tell: Tell): void {
  const session = stringOf(line.sessionId);
  const id = stringOf(line.uuid);
  const meta = objectOf(line.compactMetadata);
  if (line.subtype !== 'compact_boundary' || session === null || id === null) return;
  const tokens = Number(meta?.preTokens ?? 0);
  tell({
    kind: 'compaction',
    id,
    sessionId: sessionId(session),
    occurredAt: instantOf(line.timestamp),
    contextTokens: Number.isSafeInteger(tokens) && tokens > 0 ? tokens : 0,
  });
}

function readCostState(line: Line, tell: Tell): void {
  const session = stringOf(line.sessionId);
  const total = costOf(line.totalCostUSD);
  if (session === null || total === null) return;
  tell({
    kind: 'client-total',
    sessionId: sessionId(session),
    totalNanoUsd: total,
    hasUnknownModel: line.hasUnknownModelCost === true,
  });
}

function pausedOf(value: unknown) {
  if (!Array.isArray(value)) return [];
  return value.flatMap((paused) => {
    const report = parseUsage(objectOf(paused)?.usage);
    return report === null ? [] : [report];
  });
}

/** A dollar number the client wrote. It is a double; nine decimals are all it can be trusted for. */
function costOf(value: unknown): number | null {
  if (typeof value !== 'number' || !Number.isFinite(value) || value < 0) return null;
  const nano = Math.round(value * NANO_PER_USD);
  return Number.isSafeInteger(nano) ? nano : null;
}

function instantOf(value: unknown): number {
  const at = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isNaN(at) ? 0 : at;
}

const stringOf = (value: unknown): string | null => (typeof value === 'string' ? value : null);
const objectOf = (value: unknown): Line | null =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Line) : null;
