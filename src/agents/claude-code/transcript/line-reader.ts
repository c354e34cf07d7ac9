// Reads of a transcript's lines only the fields that a fact is made of; the contents of messages and tool results, which
// are most of the bytes, are stepped over. Rule: of a line that is JSON, what comes out tells what parsing it would tell;
// where that is not certain, nothing comes out, and the line is parsed. Source: client 2.1.330, read 2026-11-21.
import { latin1Of } from '../../../runtime/bytes.ts';
import { digitsAt, instantReader } from './instant-reader.ts';
import { type FieldReader, fieldReader, NOWHERE } from './json-fields.ts';
import { type Line, NOTHING } from './transcript-line.ts';

const QUOTE = 0x22;
const OPEN = 0x7b;
const ZERO = 0x30;
/** Digits that a number holds exactly. */
const MOST_DIGITS = 15;

const FIELDS = {
  ...{ type: null, sessionId: null, requestSessionId: null, requestedModel: null, agentId: null },
  ...{ timestamp: null, cwd: null, gitBranch: null, promptId: null, costUSD: null },
  ...{ attributionSkill: null, attributionPlugin: null, attributionMcpServer: null },
  ...{ isApiErrorMessage: null, isUnmetered: null, toolUseResult: { searchCount: null } },
  message: {
    ...{ id: null, model: null, stop_reason: null, pausedResponses: null },
    content: [{ type: null, id: null, name: null }],
    usage: {
      ...{ input_tokens: null, output_tokens: null, cache_read_input_tokens: null },
      cache_creation_input_tokens: null,
      cache_creation: { ephemeral_1h_input_tokens: null, ephemeral_5m_input_tokens: null },
      server_tool_use: { web_search_requests: null },
      ...{ speed: null, inference_geo: null, iterations: null },
    },
  },
} as const;

const NO_TOOLS: readonly Line[] = [];

export interface LineReader {
  /** Where bytes can be read to that `load` then need not copy; valid until the next `room` or `load`. */
  readonly room: (length: number) => Buffer;
  /** Takes lines over; the last of them ends with a newline. Answers where the first one begins. */
  readonly load: (lines: Uint8Array) => number;
  /**
   * Reads the line at `at`: its fields, `NOTHING`, or `null` when it must be parsed. `turn` is the turn that the lines
   * before it belong to.
   */
  readonly read: (at: number, turn: string | null) => Line | null;
  /** Where the newline is of the line read last; `NOWHERE` when that is not known. */
  readonly end: () => number;
  /** What was loaded, at the places that `load`, `read` and `end` speak of. */
  readonly buffer: () => Buffer;
}

let kept: LineReader | null | undefined;

/** The reader of this thread; `null` where its code cannot run. Kept, because compiled code is compiled for one of it. */
export function lineReader(): LineReader | null {
  if (kept === undefined) {
    const fields = fieldReader(FIELDS);
    kept = fields === null ? null : readerOf(fields);
  }
  return kept;
}

function readerOf(fields: FieldReader): LineReader {
  const slot = fields.slotOf;
  const TYPE = slot('type');
  const SESSION = slot('sessionId');
  const REQUEST_SESSION = slot('requestSessionId');
  const REQUESTED_MODEL = slot('requestedModel');
  const AGENT = slot('agentId');
  const TIMESTAMP = slot('timestamp');
  const CWD = slot('cwd');
  const BRANCH = slot('gitBranch');
  const PROMPT = slot('promptId');
  const COST = slot('costUSD');
  const SKILL = slot('attributionSkill');
  const PLUGIN = slot('attributionPlugin');
  const MCP_SERVER = slot('attributionMcpServer');
  const API_ERROR = slot('isApiErrorMessage');
  const UNMETERED = slot('isUnmetered');
  const SEARCH_COUNT = slot('toolUseResult.searchCount');
  const ID = slot('message.id');
  const MODEL = slot('message.model');
  const STOP_REASON = slot('message.stop_reason');
  const PAUSED = slot('message.pausedResponses');
  const USAGE = slot('message.usage');
  const INPUT = slot('message.usage.input_tokens');
  const OUTPUT = slot('message.usage.output_tokens');
  const CACHE_READ = slot('message.usage.cache_read_input_tokens');
  const CACHE_WRITE = slot('message.usage.cache_creation_input_tokens');
  const CACHE_CREATION = slot('message.usage.cache_creation');
  const CACHE_WRITE_1H = slot('message.usage.cache_creation.ephemeral_1h_input_tokens');
  const CACHE_WRITE_5M = slot('message.usage.cache_creation.ephemeral_5m_input_tokens');
  const SERVER_TOOLS = slot('message.usage.server_tool_use');
  const SEARCHES = slot('message.usage.server_tool_use.web_search_requests');
  const SPEED = slot('message.usage.speed');
  const GEO = slot('message.usage.inference_geo');
  const ITERATIONS = slot('message.usage.iterations');

  const instants = instantReader(fields);
  let buffer = fields.buffer();
  let slots = fields.slots();
  let end = NOWHERE;
  /** By slot where its last text stood, and that text: the next line mostly says the same. */
  const knownStarts: number[] = [];
  const knownEnds: number[] = [];
  const knownTexts: string[] = [];
  let usageStart = 0;
  let usageEnd = 0;
  let knownUsage: unknown = null;

  const isWord = (of: number, word: string): boolean => {
    const start = slots[of] ?? NOWHERE;
    if (start === NOWHERE || (slots[of + 1] ?? 0) - start !== word.length) return false;
    for (let index = 0; index < word.length; index += 1) {
      if (buffer[start + index] !== word.charCodeAt(index)) return false;
    }
    return true;
  };

  /** The text at a slot, remembered under `as`; `null` when there is none, or something else than a text. */
  const textAt = (of: number, as: number): string | null => {
    const start = slots[of] ?? NOWHERE;
    if (start === NOWHERE || buffer[start] !== QUOTE) return null;
    const stop = slots[of + 1] ?? 0;
    const length = stop - start;
    const known = knownStarts[as] ?? 0;
    if ((knownEnds[as] ?? 0) - known === length && fields.isSame(known, start, length)) {
      return knownTexts[as] ?? null;
    }
    const text = fields.isPlain(start, length)
      ? latin1Of(buffer, start + 1, stop - 1)
      : (JSON.parse(buffer.toString('utf8', start, stop)) as string);
    knownStarts[as] = start;
    knownEnds[as] = stop;
    knownTexts[as] = text;
    return text;
  };
  const text = (of: number) => textAt(of, of);

  /** The instant at a slot, as a date where it is written as the client writes it, else as its text. */
  const instant = (of: number): Date | string | null => {
    const [start, stop] = [slots[of] ?? NOWHERE, slots[of + 1] ?? 0];
    const at = start === NOWHERE ? Number.NaN : instants.read(buffer, start, stop);
    return Number.isNaN(at) ? text(of) : new Date(at);
  };

  /** The value at a slot, which mostly is a count; absent is `undefined`. */
  const valueAt = (of: number): unknown => {
    const start = slots[of] ?? NOWHERE;
    if (start === NOWHERE) return undefined;
    const stop = slots[of + 1] ?? 0;
    const isShort = stop - start <= MOST_DIGITS && (buffer[start] !== ZERO || stop - start === 1);
    const count = isShort ? digitsAt(buffer, start, stop - start) : Number.NaN;
    return Number.isNaN(count) ? parseAt(start, stop) : count;
  };
  const parseAt = (start: number, stop: number): unknown =>
    JSON.parse(buffer.toString('utf8', start, stop));

  const isObject = (of: number) => slots[of] !== NOWHERE && buffer[slots[of] ?? 0] === OPEN;

  /** The lines of one response repeat its usage. */
  const usage = (): unknown => {
    const start = slots[USAGE] ?? 0;
    const length = (slots[USAGE + 1] ?? 0) - start;
    if (length === usageEnd - usageStart && fields.isSame(usageStart, start, length)) {
      return knownUsage;
    }
    usageStart = start;
    usageEnd = start + length;
    knownUsage = {
      input_tokens: valueAt(INPUT),
      output_tokens: valueAt(OUTPUT),
      cache_read_input_tokens: valueAt(CACHE_READ),
      cache_creation_input_tokens: valueAt(CACHE_WRITE),
      cache_creation: isObject(CACHE_CREATION)
        ? {
            ephemeral_1h_input_tokens: valueAt(CACHE_WRITE_1H),
            ephemeral_5m_input_tokens: valueAt(CACHE_WRITE_5M),
          }
        : null,
      server_tool_use: isObject(SERVER_TOOLS) ? { web_search_requests: valueAt(SEARCHES) } : null,
      speed: text(SPEED),
      inference_geo: text(GEO),
      iterations: isWord(ITERATIONS, '[]') ? null : valueAt(ITERATIONS),
    };
    return knownUsage;
  };

  const tools = (): readonly Line[] => {
    const count = fields.foundCount();
    if (count === 0) return NO_TOOLS;
    const found: Line[] = [];
    for (let index = 0; index < count; index += 1) {
      const type = fields.foundSlot(index, 'type');
      if (textAt(type, BLOCK_TYPE) !== 'tool_use') continue;
      const id = textAt(fields.foundSlot(index, 'id'), BLOCK_ID);
      const name = textAt(fields.foundSlot(index, 'name'), BLOCK_NAME);
      found.push({ type: 'tool_use', id, name });
    }
    return found;
  };
  const BLOCK_TYPE = fields.foundSlot(0, 'type');
  const BLOCK_ID = fields.foundSlot(0, 'id');
  const BLOCK_NAME = fields.foundSlot(0, 'name');

  const response = (): Line | null => {
    // A response that was cut off is counted by its content.
    if (!isObject(USAGE) || isWord(STOP_REASON, 'null')) return null;
    if (slots[PAUSED] !== NOWHERE && !isWord(PAUSED, '[]')) return null;
    if (isWord(API_ERROR, 'true') || isWord(UNMETERED, 'true')) return NOTHING;
    return {
      type: 'assistant',
      sessionId: text(SESSION),
      requestSessionId: text(REQUEST_SESSION),
      requestedModel: text(REQUESTED_MODEL),
      agentId: text(AGENT),
      timestamp: instant(TIMESTAMP),
      cwd: text(CWD),
      gitBranch: text(BRANCH),
      costUSD: valueAt(COST),
      attributionSkill: text(SKILL),
      attributionPlugin: text(PLUGIN),
      attributionMcpServer: text(MCP_SERVER),
      message: { id: text(ID), model: text(MODEL), usage: usage(), content: tools() },
    };
  };

  /** Every result of a tool names its turn: the same turn is not news, and few results tell of searches. */
  const userLine = (turn: string | null): Line | null => {
    if (slots[SEARCH_COUNT] !== NOWHERE) return null;
    const prompt = text(PROMPT);
    return prompt === null || prompt === turn ? NOTHING : null;
  };

  return {
    room: fields.room,
    load: (lines) => {
      fields.load(lines);
      buffer = fields.buffer();
      slots = fields.slots();
      knownStarts.fill(0);
      knownEnds.fill(0);
      instants.forget();
      usageStart = 0;
      usageEnd = 0;
      return fields.start;
    },
    read: (at, turn) => {
      end = fields.read(at);
      if (end === NOWHERE) return null;
      try {
        switch (text(TYPE)) {
          case 'assistant':
            return response();
          case 'user':
            return userLine(turn);
          // There are few of these.
          case 'system':
          case 'cost-state':
            return null;
          default:
            return NOTHING;
        }
      } catch {
        return null; // an escape, or a number, that no parser takes
      }
    },
    end: () => end,
    buffer: () => buffer,
  };
}
