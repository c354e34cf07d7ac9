// Finds the lines of a Claude Code transcript that can matter: by a look at their heads and a byte search where there
// are few of them, by reading bytes where there are many. Only what is left over is parsed whole. Rule: a torn, foreign
// or garbled line tells nothing and harms nothing. Source: client 2.1.330, 2026-11-21.
import { latin1Of, utf8Of } from '../../../runtime/bytes.ts';
import type { ScanCarry } from '../../agent.ts';
import { lineReader } from './line-reader.ts';
import { type Emit, type Line, NOTHING, readLine } from './transcript-line.ts';

const NEWLINE = 0x0a;

/** No text holds more, so no parser could read it. */
const LONGEST_LINE = 2 ** 29 - 24;
const HEAD_BYTES = 400;
const TYPE = '"type":"';
const TURN = '"promptId":"';

/** How a line begins. Inside a line it is the next one, written behind a torn one. */
const TORN_MARKS = ['{"parentUuid":', '"type":"cost-state"'];
/** What a tool result can tell beside its turn. */
const RESULT_MARKS = ['"searchCount":', ...TORN_MARKS];
/** What a line must contain, unescaped, to be worth parsing, when its head does not say what it is. */
const ALL_MARKS = [
  '"usage":{',
  '"promptId":"',
  '"compact_boundary"',
  '"costUSD":',
  ...RESULT_MARKS,
];
const LINE_STARTS = ['{"parentUuid":', '{"type":'] as const;

/** A process that has read as much is going to read more: from here on it pays to get the reader ready. */
const MANY_BYTES = 256 * 1024;

let scannedBytes = 0;

let spare: Buffer | null = null;

/** A typed array's own searches: those of a buffer are compiled anew in every process, and look for the same byte. */
const { indexOf, lastIndexOf } = Uint8Array.prototype;

/** See `Agent.readBuffer`. */
export function readBuffer(length: number): Uint8Array {
  const reader = scannedBytes + length < MANY_BYTES ? null : lineReader();
  if (reader !== null) return reader.room(length);
  if (spare === null || spare.length < length) spare = Buffer.allocUnsafeSlow(length);
  return spare;
}

/** See `Agent.scan`. `bytes` may end in the middle of a line; that part is not consumed. */
export function scanTranscript(
  bytes: Uint8Array,
  carry: ScanCarry,
  emit: Emit,
  manyBytes = MANY_BYTES,
): { consumedBytes: number; carry: ScanCarry } {
  const given =
    bytes instanceof Buffer ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const consumedBytes = lastIndexOf.call(given, NEWLINE) + 1;
  scannedBytes += consumedBytes;
  const reader = scannedBytes < manyBytes ? null : lineReader();
  const first = reader?.load(given.subarray(0, consumedBytes)) ?? 0;
  const buffer = reader?.buffer() ?? given;
  const limit = first + consumedBytes;
  let state = carry;
  for (let start = first, end = 0; start < limit; start = end + 1) {
    const known = reader?.read(start, state.turnId) ?? null;
    end = known === null ? indexOf.call(buffer, NEWLINE, start) : (reader?.end() ?? 0);
    if (known === NOTHING) continue;
    const line =
      known ??
      (mayCarryFacts(buffer, start, end, state.turnId)
        ? parseText(utf8Of(buffer, start, end))
        : null);
    if (line !== null) state = readLine(line, state, emit);
  }
  return { consumedBytes, carry: state };
}

/** Whether a line may tell something: most bytes are in lines that do not, and those are not parsed. */
function mayCarryFacts(buffer: Buffer, start: number, end: number, turn: string | null): boolean {
  if (end - start > LONGEST_LINE) return false;
  const line = latin1Of(buffer, start, end);
  const head = line.slice(0, HEAD_BYTES);
  const typeAt = head.indexOf(TYPE);
  const before = head.slice(0, Math.max(0, typeAt));
  switch (isFlat(before) ? textAt(head, typeAt, TYPE) : null) {
    case null:
    case 'assistant':
    case 'system':
      return holds(line, ALL_MARKS);
    case 'user': {
      // Every result of a tool names its turn, and may be megabytes long: the same turn is not news.
      const named = textAt(before, before.indexOf(TURN), TURN);
      const isSameTurn = named !== null && named === turn;
      return holds(line, isSameTurn ? RESULT_MARKS : ALL_MARKS);
    }
    case 'cost-state':
      return true;
    default:
      return holds(line, TORN_MARKS);
  }
}

/**
 * Whether a line begins with fields without an inside, as the client writes them before a line's type; then the type
 * that follows is the line's own. By hand: patterns would be compiled anew in every hook.
 */
const isFlat = (before: string): boolean =>
  before[0] === '{' &&
  before.indexOf('{', 1) === -1 &&
  !before.includes('[') &&
  !before.includes('\\');

/** The text behind a mark, up to its quote; `null` where the mark or the quote is not there. */
function textAt(head: string, at: number, mark: string): string | null {
  const end = at === -1 ? -1 : head.indexOf('"', at + mark.length);
  return end === -1 ? null : head.slice(at + mark.length, end);
}

/** Searches behind the first letter, where a line's own beginning is no mark. */
const holds = (line: string, marks: readonly string[]): boolean =>
  marks.some((mark) => line.includes(mark, 1));

const parseText = (text: string): Line | null => parse(text) ?? parseTorn(text);

/** A crash can tear a line, or leave a hole of zero bytes, and the next line is written right behind it. */
function parseTorn(text: string): Line | null {
  const starts = [text.indexOf('{'), ...LINE_STARTS.map((start) => text.lastIndexOf(start))];
  for (const start of starts) {
    const line = start > 0 ? parse(text.slice(start)) : null;
    if (line !== null) return line;
  }
  return null;
}

function parse(text: string): Line | null {
  try {
    const line: unknown = JSON.parse(text);
    return typeof line === 'object' && line !== null ? (line as Line) : null;
  } catch {
    return null; // torn, foreign, or nested deeper than anybody writes
  }
}
