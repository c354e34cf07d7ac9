// Parses a response's line without its content, which is most of its bytes and tells nothing but the tool's name.
// Rule: what comes out is what parsing the whole line would tell; a line of any other shape is left to that.
import { isAscii, type Line, namesOf } from './transcript-line.ts';

const HEAD_BYTES = 480;
const ROLE_MARK = '"role":"assistant"';
const CONTENT_MARK = '"content":[';
const USAGE_MARK = '"usage":{';
const MESSAGE_MARK = '"message":{';
/** The first field after the message; its comma is dropped where the message is. */
const BLOCK_MARK = ',"apiBlockIndex":';
/** What lies between a response's content and its usage: flat fields, some eighty bytes of them. */
const AFTER_CONTENT = /\](?:,"[a-z_]+":(?:null|true|false|\d+|"[^"\\]*"))*,$/;
const AFTER_CONTENT_BYTES = 240;
/** How a line begins; inside one it is the next, written right behind one that a crash has torn. */
const LINE_START = '{"parentUuid":';
const TOOL_TYPE = '"type":"tool_use"';
const TOOL_START = '{"type":"tool_use"';
const TOOL_BLOCK = /^\{"type":"tool_use","id":"([^"\\]+)","name":"([^"\\]+)",/;
const TOOL_BYTES = 320;

/** Reads the responses of one buffer, line after line. */
export type ResponseParser = (start: number, end: number) => Line | null;

/**
 * A parser of the responses in a buffer. It answers the response on a line with nothing in its content but the
 * tool it asks for; `null` when the line is not of the shape that the client writes today, or has names beyond
 * ASCII. Lines must be asked about in order.
 *
 * The content is taken out between its first bracket and the bracket before the line's last usage. Were that
 * not its own closing bracket, the brackets of what is left would not match, and nothing is parsed.
 */
export function responseParser(buffer: Buffer): ResponseParser {
  let nextStart = -1;
  let known: { readonly text: string; readonly message: Line } | null = null;

  /** Whether another line begins between two bytes; what lies ahead is searched once. */
  const holdsLine = (from: number, to: number): boolean => {
    if (nextStart < from) {
      const found = buffer.indexOf(LINE_START, from, 'latin1');
      nextStart = found === -1 ? buffer.length : found;
    }
    return nextStart < to;
  };

  /** The lines of one response repeat its message, all but the content: what is known is not parsed again. */
  const parseKept = (head: string, tail: string): Record<string, unknown> | null => {
    const message = head.indexOf(MESSAGE_MARK);
    const block = tail.indexOf(BLOCK_MARK);
    if (message === -1 || block === -1) return null;
    const text = head.slice(message) + tail.slice(0, block);
    if (known?.text !== text) {
      const line = parse(head + tail);
      known = isFields(line?.message) ? { text, message: line.message } : null;
      return line;
    }
    const line = parse(head.slice(0, message) + tail.slice(block + 1));
    if (line !== null) line.message = known.message;
    return line;
  };

  return (start, end) => {
    const head = buffer.toString('latin1', start, Math.min(end, start + HEAD_BYTES));
    const content = head.indexOf(CONTENT_MARK);
    const role = head.indexOf(ROLE_MARK);
    if (content === -1 || role === -1 || role > content) return null;
    const bodyStart = start + content + CONTENT_MARK.length;
    const usage = buffer.lastIndexOf(USAGE_MARK, end, 'latin1');
    if (usage < bodyStart) return null;
    const before = Math.max(bodyStart, usage - AFTER_CONTENT_BYTES);
    const after = AFTER_CONTENT.exec(buffer.toString('latin1', before, usage));
    if (!after) return null;
    const bodyEnd = usage - after[0].length;
    if (holdsLine(bodyStart, bodyEnd)) return null;
    // A tool further in than the first block would go unseen.
    if (buffer.subarray(bodyStart + 2, bodyEnd).includes(TOOL_TYPE, 0, 'latin1')) return null;
    const line = parseKept(
      head.slice(0, content + CONTENT_MARK.length),
      buffer.toString('latin1', bodyEnd, end),
    );
    const message = line?.message;
    // Older clients wrote several blocks on one line, and what was cut off is counted by its content.
    if (!line || !isFields(message) || typeof line.apiBlockIndex !== 'number') return null;
    if (typeof message.stop_reason !== 'string' || !Array.isArray(message.content)) return null;
    const block = buffer.toString('latin1', bodyStart, Math.min(bodyEnd, bodyStart + TOOL_BYTES));
    const tool = toolOf(block);
    if (tool === null) return null;
    line.message = { ...message, content: tool };
    return namesOf(line).every(isAscii) ? line : null;
  };
}

/** The tool a block calls, as a content of its own; none for another block, `null` when it is not said as usual. */
function toolOf(block: string): readonly Line[] | null {
  if (!block.startsWith(TOOL_START)) return [];
  const tool = TOOL_BLOCK.exec(block);
  return tool ? [{ type: 'tool_use', id: tool[1], name: tool[2] }] : null;
}

function isFields(value: unknown): value is Line {
  return typeof value === 'object' && value !== null;
}

function parse(text: string): Record<string, unknown> | null {
  try {
    const line: unknown = JSON.parse(text);
    return typeof line === 'object' && line !== null ? (line as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}
