// Reads the lines of a Claude Code transcript and emits their facts. Rule: how a line is laid out does not matter; what is
// torn, foreign or garbled harms no other line, and is counted where it may have used tokens. Source: client 2.1.330, 2026-11-21.
import { NO_SOURCE, type ScanCarry, type ScanSource } from '../../agent.ts';
import type { Emit } from './line-context.ts';
import { mayHaveSpent as maySpeakOfTokens, recoverObjects } from './recover-lines.ts';
import { objectOf } from './spellings.ts';
import { atTime, endResponse, readLine } from './transcript-line.ts';

const NEWLINE = 0x0a;
const OPEN = 0x7b;
const CLOSE = 0x7d;
const CLOSE_LIST = 0x5d;

/** No text holds more, so no parser could read it. */
const MAX_LINE_BYTES = 2 ** 29 - 24;
/** Up to here parsing a line takes less than searching it for names. */
const SHORT_LINE_BYTES = 16 * 1024;

const TURN_KEY = '"promptId"';
const TIME_KEY = '"timestamp"';
const TIME_VALUE = /^\s*:\s*("[^"\\]*"|-?[\d.eE+]+)/;
const MAX_TIME_BYTES = 80;
/** Every line with a fact other than its turn has one of these names in it, unescaped. */
const KEYS = [
  ...['"usage"', '"costUSD"', '"totalCostUSD"', '"searchCount"', '"compact_boundary"'],
  '"assistant"',
];

/** See `Agent.scan`. `bytes` may end in the middle of a line; that part is not consumed. */
export function scanTranscript(
  bytes: Uint8Array,
  carry: ScanCarry,
  emit: Emit,
  source: ScanSource = NO_SOURCE,
): { consumedBytes: number; carry: ScanCarry } {
  const buffer = bufferOf(bytes);
  const lastLineEnd = buffer.lastIndexOf(NEWLINE) + 1;
  let state = carry;
  let start = 0;
  while (start < lastLineEnd) {
    const end = buffer.indexOf(NEWLINE, start);
    if (end - start > SHORT_LINE_BYTES && !mayCarryFacts(buffer, start, end, state.turnId)) {
      // Most such lines are results of tools.
      state = atTime(endResponse(state), timestampIn(buffer.subarray(start, end)));
      if (end - start > MAX_LINE_BYTES)
        state = { ...state, unusableCount: state.unusableCount + 1 };
      start = end + 1;
      continue;
    }
    const text = buffer.toString('utf8', start, end);
    const value = parse(text);
    if (value !== undefined) {
      state = readValue(value, text, state, emit, source, start);
      start = end + 1;
      continue;
    }
    const recovered = recover(buffer, start, lastLineEnd, state, emit, source);
    state = recovered.state;
    start = recovered.nextAt;
    if (recovered.isUnfinished) return { consumedBytes: start, carry: state };
  }
  return readTail(buffer, lastLineEnd, state, emit, source);
}

/** See `Agent.mayHaveSpent`. */
export const mayHaveSpent = (bytes: Uint8Array): boolean =>
  maySpeakOfTokens(bufferOf(bytes).toString('latin1'));

const bufferOf = (bytes: Uint8Array): Buffer =>
  bytes instanceof Buffer ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** A last object that is whole counts at once: perhaps nobody writes the end of its line. */
function readTail(
  buffer: Buffer,
  start: number,
  carry: ScanCarry,
  emit: Emit,
  source: ScanSource,
): { consumedBytes: number; carry: ScanCarry } {
  const last = lastByte(buffer, start, buffer.length);
  if (last !== CLOSE && last !== CLOSE_LIST) return { consumedBytes: start, carry };
  const { state, nextAt } = recover(buffer, start, buffer.length, carry, emit, source, true);
  return { consumedBytes: nextAt, carry: state };
}

/** The last byte of a part that is no space. */
function lastByte(buffer: Buffer, start: number, end: number): number | undefined {
  let last = end - 1;
  while (last > start && (buffer[last] ?? 0) <= 0x20) last -= 1;
  return buffer[last];
}

function recover(
  buffer: Buffer,
  start: number,
  until: number,
  carry: ScanCarry,
  emit: Emit,
  source: ScanSource,
  isOpen = false,
): { state: ScanCarry; nextAt: number; isUnfinished: boolean } {
  const { objects, nextAt, isUnfinished, unusableCount } = recoverObjects(
    buffer,
    start,
    until,
    isOpen,
  );
  let state = carry;
  for (const { value, at } of objects) state = readValue(value, null, state, emit, source, at);
  state = { ...state, unusableCount: state.unusableCount + unusableCount };
  return { state, nextAt, isUnfinished };
}

/** Reads a parsed line; a list is as many lines. `text` is `null` where they were glued. */
function readValue(
  value: unknown,
  text: string | null,
  carry: ScanCarry,
  emit: Emit,
  source: ScanSource,
  at: number,
): ScanCarry {
  if (typeof value === 'string') return readQuoted(value, carry, emit, source, at);
  if (!Array.isArray(value)) return readObject(value, text, carry, emit, source, at);
  let state = carry;
  // Without recursion: how deep lists lie in lists is for whoever wrote the line to choose.
  const waiting: { readonly value: unknown; readonly at: number }[] = [{ value, at }];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (Array.isArray(next.value)) {
      for (let index = next.value.length - 1; index >= 0; index -= 1) {
        waiting.push({ value: next.value[index], at: next.at + index });
      }
    } else {
      state = readObject(next.value, null, state, emit, source, next.at);
    }
  }
  return state;
}

/** Reads a line that was written as a text of JSON, quotes and all. */
function readQuoted(
  text: string,
  carry: ScanCarry,
  emit: Emit,
  source: ScanSource,
  at: number,
): ScanCarry {
  if (!maySpeakOfTokens(text)) return carry;
  const value = parse(text);
  if (value === undefined) return { ...carry, unusableCount: carry.unusableCount + 1 };
  return readValue(value, null, carry, emit, source, at);
}

function readObject(
  value: unknown,
  text: string | null,
  carry: ScanCarry,
  emit: Emit,
  source: ScanSource,
  at: number,
): ScanCarry {
  const line = objectOf(value);
  if (line === null) return carry;
  return readLine(line, carry, { emit, source, at: source.offset + at, text });
}

/** Whether a long line may hold a fact, or is not whole; most are results of tools, which only name their turn. */
function mayCarryFacts(buffer: Buffer, start: number, end: number, turn: string | null): boolean {
  if (end - start > MAX_LINE_BYTES) return false;
  if (buffer[start] !== OPEN || lastByte(buffer, start, end) !== CLOSE) return true;
  const line = buffer.toString('latin1', start, end);
  return KEYS.some((key) => line.includes(key)) || namesOtherTurn(line, turn);
}

function namesOtherTurn(line: string, turn: string | null): boolean {
  for (let at = line.indexOf(TURN_KEY); at !== -1; at = line.indexOf(TURN_KEY, at + 1)) {
    // Behind a colon and perhaps spaces.
    const valueAt = line.indexOf('"', at + TURN_KEY.length) + 1;
    if (turn === null || !line.startsWith(`${turn}"`, valueAt)) return true;
  }
  return false;
}

/** The time stamp of a line that is not parsed; `null` where it has none. */
function timestampIn(line: Buffer): unknown {
  const at = line.lastIndexOf(TIME_KEY) + TIME_KEY.length;
  if (at < TIME_KEY.length) return null;
  const value = TIME_VALUE.exec(line.toString('latin1', at, at + MAX_TIME_BYTES))?.[1];
  return value === undefined ? null : parse(value);
}

/** `undefined` for what is no JSON by itself. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text.trim() === '' ? null : undefined;
  }
}
