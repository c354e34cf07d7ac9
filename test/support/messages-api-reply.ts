// How the stub answers: a scripted reply as the Messages API sends it, streamed block by block or in one piece.
// Only as much of the format as client 2.1.330 was seen to need (2026-11-21).
import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

/** Token counts as the API writes them. */
export interface ApiUsage {
  readonly input_tokens: number;
  readonly output_tokens: number;
  readonly cache_read_input_tokens: number;
  /** All cache writes. Without `cache_creation` they count as five-minute writes. */
  readonly cache_creation_input_tokens: number;
  readonly cache_creation?: {
    readonly ephemeral_5m_input_tokens: number;
    readonly ephemeral_1h_input_tokens: number;
  };
  readonly server_tool_use?: { readonly web_search_requests: number };
}

/** A message the scripted model gives. Its usage is billed; classes left out are 0. */
export interface StubMessage {
  readonly text?: string;
  readonly tools?: readonly { readonly name: string; readonly input: unknown }[];
  readonly usage: Partial<ApiUsage>;
  /** Absent: `tool_use` when there are tools, else `end_turn`. */
  readonly stopReason?: string;
  /** The model that answers. Absent: the one asked for. */
  readonly model?: string;
  /** Headers of the answer, beside its own. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Wait before the first byte. */
  readonly delayMs?: number;
  /** Wait between content blocks. */
  readonly blockGapMs?: number;
  /** Wait between the last content block and the final usage. */
  readonly tailMs?: number;
}

/** An HTTP error in the API's own form. Nothing is billed. */
export interface StubError {
  /** 400, 401, 429, 500, 529 … */
  readonly status: number;
  readonly message?: string;
  readonly retryAfterSeconds?: number;
}

/** What a script answers to one request. */
export type StubReply = StubMessage | StubError;

/** A reply given its ids, ready to be sent. */
export interface OutgoingMessage {
  readonly id: string;
  readonly model: string;
  readonly usage: ApiUsage;
  readonly blocks: readonly ContentBlock[];
  readonly stopReason: string;
}

type ContentBlock =
  | { readonly type: 'text'; readonly text: string }
  | {
      readonly type: 'tool_use';
      readonly id: string;
      readonly name: string;
      readonly input: unknown;
    };

/** A full usage: classes left out are 0. */
export function fullUsage(usage: Partial<ApiUsage>): ApiUsage {
  return {
    input_tokens: 0,
    output_tokens: 0,
    cache_read_input_tokens: 0,
    cache_creation_input_tokens: 0,
    ...usage,
  };
}

/** Gives a scripted reply its message id, its tool ids (derived from `id`) and its defaults. */
export function composeMessage(
  reply: StubMessage,
  id: string,
  askedModel: string,
): OutgoingMessage {
  const tools = reply.tools ?? [];
  const blocks: ContentBlock[] = [];
  if (reply.text !== undefined) blocks.push({ type: 'text', text: reply.text });
  tools.forEach((tool, n) => {
    blocks.push({ type: 'tool_use', id: id.replace('msg_', `toolu_${n}`), ...tool });
  });
  return {
    id,
    model: reply.model ?? askedModel,
    usage: fullUsage(reply.usage),
    blocks,
    stopReason: reply.stopReason ?? (tools.length > 0 ? 'tool_use' : 'end_turn'),
  };
}

/** Sends a message as server-sent events. Resolves to false when the client hung up before its end. */
export async function streamMessage(
  response: ServerResponse,
  message: OutgoingMessage,
  { blockGapMs = 0, tailMs = 0, headers = {} }: StubMessage,
): Promise<boolean> {
  const send = (type: string, data: object): void => {
    if (!response.destroyed)
      response.write(`event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`);
  };
  response.writeHead(200, {
    'content-type': 'text/event-stream',
    'request-id': requestId(message),
    ...headers,
  });
  // The API knows the input when it starts and says one output token; the final count comes last.
  send('message_start', {
    message: envelope(message, { usage: { ...message.usage, output_tokens: 1 } }),
  });
  for (const [index, content] of message.blocks.entries()) {
    if (index > 0) await pause(blockGapMs, response);
    sendBlock(send, index, content);
  }
  await pause(tailMs, response);
  const delta = { stop_reason: message.stopReason, stop_sequence: null };
  send('message_delta', { delta, usage: message.usage });
  send('message_stop', {});
  return finish(response);
}

/** Sends a message in one JSON document. Resolves to false when the client hung up before its end. */
export async function sendMessage(
  response: ServerResponse,
  message: OutgoingMessage,
  { blockGapMs = 0, tailMs = 0 }: StubMessage,
): Promise<boolean> {
  await pause(blockGapMs * Math.max(0, message.blocks.length - 1) + tailMs, response);
  response.writeHead(200, { 'content-type': 'application/json', 'request-id': requestId(message) });
  const whole = { content: message.blocks, stop_reason: message.stopReason };
  response.write(JSON.stringify(envelope(message, { ...whole, usage: message.usage })));
  return finish(response);
}

/** Sends an API error. */
export function sendError(response: ServerResponse, error: StubError): void {
  const retry = error.retryAfterSeconds;
  response.writeHead(error.status, {
    'content-type': 'application/json',
    ...(retry === undefined ? {} : { 'retry-after': String(retry) }),
  });
  const type = errorTypes[error.status] ?? 'api_error';
  response.end(JSON.stringify({ type: 'error', error: { type, message: error.message ?? type } }));
}

/** Waits, but no longer than the client stays on the line. */
export async function pause(ms: number, response: ServerResponse): Promise<void> {
  if (ms <= 0 || response.destroyed) return;
  const hungUp = new AbortController();
  const abort = () => hungUp.abort();
  response.once('close', abort);
  await sleep(ms, undefined, { signal: hungUp.signal }).catch(() => undefined);
  response.off('close', abort);
}

const errorTypes: Readonly<Record<number, string>> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  403: 'permission_error',
  404: 'not_found_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  529: 'overloaded_error',
};

const deltaLength = 4_000;

function sendBlock(
  send: (type: string, data: object) => void,
  index: number,
  content: ContentBlock,
): void {
  const empty = content.type === 'text' ? { ...content, text: '' } : { ...content, input: {} };
  send('content_block_start', { index, content_block: empty });
  const whole = content.type === 'text' ? content.text : JSON.stringify(content.input);
  for (let at = 0; at < whole.length; at += deltaLength) {
    const piece = whole.slice(at, at + deltaLength);
    const delta =
      content.type === 'text'
        ? { type: 'text_delta', text: piece }
        : { type: 'input_json_delta', partial_json: piece };
    send('content_block_delta', { index, delta });
  }
  send('content_block_stop', { index });
}

function envelope(message: OutgoingMessage, rest: object): object {
  const { id, model } = message;
  const shape = { type: 'message', role: 'assistant', content: [], stop_reason: null };
  return { id, model, ...shape, stop_sequence: null, ...rest };
}

function requestId(message: OutgoingMessage): string {
  return message.id.replace('msg_', 'req_');
}

function finish(response: ServerResponse): Promise<boolean> {
  if (response.destroyed) return Promise.resolve(false);
  return new Promise((resolve) => {
    response.once('close', () => resolve(response.writableFinished));
    response.end();
  });
}
