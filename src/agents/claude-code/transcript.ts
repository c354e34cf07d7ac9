// Finds the lines of a Claude Code transcript that can matter: by a look at their heads and a byte search where there
// are few of them, by reading bytes where there are many. Only what is left over is parsed whole. Rule: a torn, foreign
// or garbled line tells nothing and harms nothing. Source: client 2.1.330, 2026-11-21.
import { isAscii as isAsciiOnly } from 'node:buffer';
import type { ScanCarry } from '../agent.ts';
import { lineReader, NOTHING } from './line-reader.ts';
import { isAscii, type Line, namesOf, readLine, type Tell } from './transcript-line.ts';

const NEWLINE = 0x0a;

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

let spare = Buffer.alloc(0);

/** See `Agent.scanRoom`. */
export function scanRoom(length: number): Uint8Array {
  const reader = scannedBytes + length < MANY_BYTES ? null : lineReader();
  if (reader !== null) return reader.room(length);
  if (spare.length < length) spare = Buffer.allocUnsafeSlow(length);
  return spare;
}

/** See `Agent.scan`. `bytes` may end in the middle of a line; that part is not consumed. */
export function scanTranscript(
  bytes: Uint8Array,
  carry: ScanCarry,
  tell: Tell,
  manyBytes = MANY_BYTES,
): { consumedBytes: number; carry: ScanCarry } {
  const given = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const consumedBytes = given.lastIndexOf(NEWLINE) + 1;
  const lines = given.subarray(0, consumedBytes);
  scannedBytes += consumedBytes;
  const reader = scannedBytes < manyBytes ? null : lineReader();
  const first = reader?.load(lines) ?? 0;
  const buffer = reader?.buffer() ?? lines;
  const limit = first + consumedBytes;
  let state = carry;
  for (let start = first, end = 0; start < limit; start = end + 1) {
    const known = reader?.read(start, state.turnId) ?? null;
    end = known === null ? buffer.indexOf(NEWLINE, start) : (reader?.end() ?? 0);
    if (known === NOTHING) continue;
    const line =
      known ?? (canTell(buffer, start, end, state.turnId) ? parseLine(buffer, start, end) : null);
    if (line !== null) state = readLine(line, state, tell);
  }
  return { consumedBytes, carry: state };
}

/** Whether a line may tell something. Most bytes are in lines that do not, and those are not even copied. */
function canTell(buffer: Buffer, start: number, end: number, turn: string | null): boolean {
  const head = buffer.toString('latin1', start, Math.min(end, start + HEAD_BYTES));
  const typeAt = head.indexOf(TYPE);
  const before = head.slice(0, Math.max(0, typeAt));
  switch (isFlat(before) ? textAt(head, typeAt, TYPE) : null) {
    case null:
    case 'assistant':
    case 'system':
      return holds(buffer, start, end, ALL_MARKS);
    case 'user': {
      // Every result of a tool names its turn, and may be megabytes long: the same turn is not news.
      const named = textAt(before, before.indexOf(TURN), TURN);
      const isSameTurn = named !== null && named === turn;
      return holds(buffer, start, end, isSameTurn ? RESULT_MARKS : ALL_MARKS);
    }
    case 'cost-state':
      return true;
    default:
      return holds(buffer, start, end, TORN_MARKS);
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

/** Searches behind the first byte, where a line's own beginning is no mark. */
function holds(buffer: Buffer, start: number, end: number, marks: readonly string[]): boolean {
  if (end <= start) return false;
  const line = buffer.subarray(start + 1, end);
  return marks.some((mark) => line.includes(mark, 0, 'latin1'));
}

/**
 * Parses a line. Bytes read as Latin-1 have the same shape in a third of the time; only where a name that we keep,
 * or a text that is measured, is more than ASCII is the line read again as what it is.
 */
function parseLine(buffer: Buffer, start: number, end: number): Line | null {
  const line = parseText(buffer.toString('latin1', start, end));
  if (isAsciiOnly(buffer.subarray(start, end))) return line;
  if (line === null || namesOf(line).every(isAscii)) return line;
  return parseText(buffer.toString('utf8', start, end));
}

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
