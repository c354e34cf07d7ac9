// Reads the lines of a Claude Code transcript and emits their facts. Rule: how a line is laid out does not matter, and a
// torn, foreign or garbled line has no facts and harms no other. Source: client 2.1.330, 2026-11-21.
import type { ScanCarry } from '../../agent.ts';
import { type Emit, type Line, readLine } from './transcript-line.ts';

const NEWLINE = 0x0a;

/** No text holds more, so no parser could read it. */
const MAX_LINE_BYTES = 2 ** 29 - 24;
/** Up to here parsing a line takes less than searching it for names. */
const SHORT_LINE_BYTES = 16 * 1024;

const TURN_KEY = '"promptId"';
/** Every line with a fact other than its turn has one of these names in it, unescaped. */
const KEYS = ['"usage"', '"costUSD"', '"totalCostUSD"', '"searchCount"', '"compact_boundary"'];
/** How the next line begins that is written behind a torn one. */
const LINE_STARTS = ['{"parentUuid":', '{"type":'] as const;

/** See `Agent.scan`. `bytes` may end in the middle of a line; that part is not consumed. */
export function scanTranscript(
  bytes: Uint8Array,
  carry: ScanCarry,
  emit: Emit,
): { consumedBytes: number; carry: ScanCarry } {
  const buffer =
    bytes instanceof Buffer ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const consumedBytes = buffer.lastIndexOf(NEWLINE) + 1;
  let state = carry;
  for (let start = 0, end = 0; start < consumedBytes; start = end + 1) {
    end = buffer.indexOf(NEWLINE, start);
    if (end - start > SHORT_LINE_BYTES && !mayCarryFacts(buffer, start, end, state.turnId))
      continue;
    const line = parseText(buffer.toString('utf8', start, end));
    if (line !== null) state = readLine(line, state, emit);
  }
  return { consumedBytes, carry: state };
}

/** Whether a long line may hold a fact; most are results of tools, which only name their turn. */
function mayCarryFacts(buffer: Buffer, start: number, end: number, turn: string | null): boolean {
  if (end - start > MAX_LINE_BYTES) return false;
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
