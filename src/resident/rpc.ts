// JSON-RPC as the Model Context Protocol speaks it over a pipe: one message a line. Rule: a line that is no
// message gets an error or nothing, and never ends the server. Source: MCP 2025-11-25, read 2026-11-21.

/** One request or notification; a notification has no id. */
export interface Message {
  readonly id: string | number | null;
  readonly isRequest: boolean;
  readonly method: string;
  readonly params: Readonly<Record<string, unknown>>;
}

/** What a method answers: a result, or an error of the protocol. */
export type MethodAnswer =
  | { readonly result: object }
  | { readonly error: { readonly code: number; readonly message: string } };

export const METHOD_NOT_FOUND = -32601;
export const INVALID_PARAMS = -32602;
const PARSE_ERROR = -32700;
const INVALID_REQUEST = -32600;
const INTERNAL_ERROR = -32603;

/** Longer than any event: a client that writes no line break must not fill the memory. */
const LONGEST_LINE = 256 * 1024 * 1024;

/** Cuts what arrives into lines; `take` gets each without its end. */
export function lineReader(take: (line: string) => void): (chunk: Buffer) => void {
  let parts: Buffer[] = [];
  let length = 0;
  return (chunk) => {
    let start = 0;
    for (let end = chunk.indexOf(0x0a); end !== -1; end = chunk.indexOf(0x0a, start)) {
      parts.push(chunk.subarray(start, end));
      const line = Buffer.concat(parts).toString('utf8');
      parts = [];
      length = 0;
      start = end + 1;
      if (line.trim() !== '') take(line);
    }
    if (start === chunk.length) return;
    parts.push(chunk.subarray(start));
    length += chunk.length - start;
    if (length > LONGEST_LINE) parts = [];
  };
}

/** Answers one line; `null` where the protocol wants no answer. */
export function answerLine(line: string, call: (message: Message) => MethodAnswer): string | null {
  let raw: unknown;
  try {
    raw = JSON.parse(line);
  } catch {
    return answerOf(null, { error: { code: PARSE_ERROR, message: 'not JSON' } });
  }
  const message = messageOf(raw);
  if (message === null) {
    // An answer to a question that we never asked.
    if (typeof raw === 'object' && raw !== null && !('method' in raw)) return null;
    return answerOf(null, { error: { code: INVALID_REQUEST, message: 'not a request' } });
  }
  if (!message.isRequest) return null;
  try {
    return answerOf(message.id, call(message));
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    return answerOf(message.id, { error: { code: INTERNAL_ERROR, message: text } });
  }
}

function answerOf(id: Message['id'], answer: MethodAnswer): string {
  return `${JSON.stringify({ jsonrpc: '2.0', id, ...answer })}\n`;
}

function messageOf(raw: unknown): Message | null {
  if (typeof raw !== 'object' || raw === null) return null;
  const { id, method, params } = raw as Record<string, unknown>;
  if (typeof method !== 'string') return null;
  return {
    id: typeof id === 'string' || typeof id === 'number' ? id : null,
    isRequest: id !== undefined,
    method,
    params: typeof params === 'object' && params !== null ? (params as Message['params']) : {},
  };
}
