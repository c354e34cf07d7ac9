// Parses a response's line without its content, which is most of its bytes and tells nothing but the tool's name.
// Rule: what comes out is what parsing the whole line would tell; a line of any other shape is left to that.
import { isAscii, type Line, namesOf } from './transcript-line.ts';

const HEAD_BYTES = 480;
const ROLE_MARK = '"role":"assistant"';
const CONTENT_MARK = '"content":[';
const USAGE_MARK = '"usage":{';
/** What lies between a response's content and its usage: flat fields, some eighty bytes of them. */
const AFTER_CONTENT = /\](?:,"[a-z_]+":(?:null|true|false|\d+|"[^"\\]*"))*,$/;
const AFTER_CONTENT_BYTES = 240;
/** How a line begins; inside one it is the next, written right behind one that a crash has torn. */
const LINE_START = '{"parentUuid":';
const TOOL_START = '{"type":"tool_use"';
const TOOL_BLOCK = /^\{"type":"tool_use","id":"([^"\\]+)","name":"([^"\\]+)",/;
const TOOL_BYTES = 320;

/**
 * The response on a line, with nothing in its content but the tool it asks for; `null` when the line is not
 * of the shape that the client writes today, or has names beyond ASCII.
 *
 * The content is taken out between its first bracket and the bracket before the line's last usage. Were that
 * not its own closing bracket, the brackets of what is left would not match, and nothing is parsed here.
 */
export function parseResponse(buffer: Buffer, start: number, end: number): Line | null {
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
  if (buffer.subarray(bodyStart, bodyEnd).includes(LINE_START, 0, 'latin1')) return null;
  const kept =
    head.slice(0, content + CONTENT_MARK.length) + buffer.toString('latin1', bodyEnd, end);
  const line = parse(kept);
  const message = line?.message as Record<string, unknown> | null | undefined;
  // Older clients wrote several blocks on one line, and what was cut off is counted by its content.
  if (typeof line?.apiBlockIndex !== 'number' || typeof message?.stop_reason !== 'string')
    return null;
  if (!Array.isArray(message.content)) return null;
  const block = buffer.toString('latin1', bodyStart, Math.min(bodyEnd, bodyStart + TOOL_BYTES));
  if (block.startsWith(TOOL_START)) {
    const tool = TOOL_BLOCK.exec(block);
    if (!tool) return null;
    message.content = [{ type: 'tool_use', id: tool[1], name: tool[2] }];
  }
  return namesOf(line).every(isAscii) ? line : null;
}

function parse(text: string): Line | null {
  try {
    const line: unknown = JSON.parse(text);
    return typeof line === 'object' && line !== null ? (line as Line) : null;
  } catch {
    return null;
  }
}
