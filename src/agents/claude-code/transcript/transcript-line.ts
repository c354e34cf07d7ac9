// The facts in one line of a Claude Code transcript. Rule: a field of another type than expected counts as absent, and what
// cannot be counted is counted as a line that could not be used. Source: client 2.1.330, read 2026-11-21.
import { sessionId, turnId } from '../../../domain/ids.ts';
import type { ScanCarry } from '../../agent.ts';
import type { LineContext } from './line-context.ts';
import { costOf, readNestedResponses, readResponse } from './response-line.ts';
import { idOf, instantOf, type Line, numberOf, objectOf, stringOf } from './spellings.ts';
import { isUsage } from './usage.ts';

/** Lines that tell totals of what other lines tell, or nothing of the model. */
const WITHOUT_RESPONSES: ReadonlySet<unknown> = new Set(['result', 'summary']);

/** Emits the facts of a line; answers what is to be remembered for the lines after it. */
export function readLine(line: Line, carry: ScanCarry, context: LineContext): ScanCarry {
  return atTime(readFacts(line, carry, context), line.timestamp);
}

/** Remembers the time of a line, if it gives one. */
export function atTime(carry: ScanCarry, timestamp: unknown): ScanCarry {
  const at = instantOf(timestamp);
  return at === 0 || at === carry.lastAt ? carry : { ...carry, lastAt: at };
}

function readFacts(line: Line, carry: ScanCarry, context: LineContext): ScanCarry {
  // Lines that a crash has run together can be of one type and have the message of another.
  const isRunTogether = line.type === 'user' || line.type === 'system';
  if (isRunTogether && isUsage(objectOf(line.message)?.usage)) {
    return readResponse(line, carry, context);
  }
  switch (line.type) {
    case 'assistant':
      return readResponse(line, carry, context);
    case 'user':
      return readUser(line, carry, context);
    case 'system':
      readCompaction(line, carry, context);
      return carry;
    case 'cost-state':
      return readCostState(line, carry, context);
    default:
      if (!mentionsUsage(context) || WITHOUT_RESPONSES.has(line.type)) return carry;
      return readNestedResponses(line, carry, context);
  }
}

const mentionsUsage = ({ text }: LineContext): boolean => text?.includes('"usage"') ?? true;

/** Without a request id, what comes behind a user's line is another response. */
export function endResponse(carry: ScanCarry): ScanCarry {
  const { response } = carry;
  if (response === null || response.isOver) return carry;
  return { ...carry, response: { ...response, isOver: true } };
}

const sessionOf = (line: Line, { source }: LineContext): string | null =>
  idOf(line.sessionId) ?? (source.sessionId || null);

function readUser(line: Line, before: ScanCarry, context: LineContext): ScanCarry {
  const carry = endResponse(before);
  const { emit } = context;
  const session = sessionOf(line, context);
  if (session === null) return carry;
  const occurredAt = instantOf(line.timestamp);
  const count = numberOf(objectOf(line.toolUseResult)?.searchCount) ?? 0;
  if (count > 0 && Number.isSafeInteger(count)) {
    const id = idOf(line.uuid) ?? `${session}:${occurredAt || context.at}`;
    const at = occurredAt || carry.lastAt || Math.floor(context.source.writtenAt);
    emit({ kind: 'search', id, sessionId: sessionId(session), occurredAt: at, count });
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

function readCompaction(line: Line, carry: ScanCarry, context: LineContext): void {
  const session = sessionOf(line, context);
  if (line.subtype !== 'compact_boundary' || session === null) return;
  const tokens = numberOf(objectOf(line.compactMetadata)?.preTokens) ?? 0;
  context.emit({
    kind: 'compaction',
    id: idOf(line.uuid) ?? `${session}@${context.at}`,
    sessionId: sessionId(session),
    occurredAt: instantOf(line.timestamp),
    contextTokens: Number.isSafeInteger(tokens) && tokens > 0 ? tokens : 0,
    afterTotalCount: carry.totalCount,
  });
}

function readCostState(line: Line, carry: ScanCarry, context: LineContext): ScanCarry {
  const session = sessionOf(line, context);
  const totalNanoUsd = costOf(line.totalCostUSD);
  if (session === null || totalNanoUsd === null) return carry;
  const ordinal = carry.totalCount + 1;
  context.emit({
    kind: 'client-total',
    sessionId: sessionId(session),
    ordinal,
    totalNanoUsd,
    hasUnknownModel: line.hasUnknownModelCost === true,
  });
  return { ...carry, totalCount: ordinal };
}
