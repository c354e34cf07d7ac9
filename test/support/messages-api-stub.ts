// A loopback server that speaks the Messages API as the real client needs it, and keeps the books:
// `served` is the truth of what was billed, against which Tollgate and the client are both held.
import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type ApiUsage,
  composeMessage,
  pause,
  type StubError,
  type StubReply,
  sendError,
  sendMessage,
  streamMessage,
} from './messages-api-reply.ts';
import { parseRequest, type RequestKind, type StubRequest } from './messages-api-request.ts';

export type { ApiUsage, StubError, StubMessage, StubReply } from './messages-api-reply.ts';
export type { RequestKind, StubRequest } from './messages-api-request.ts';

/** The model's part in a test: one request in, one reply out. */
export type Script = (request: StubRequest) => StubReply | Promise<StubReply>;

/** One message that was billed. */
export interface ServedRequest {
  /** Position among all requests to the model, refused ones included, from 0. */
  readonly index: number;
  readonly messageId: string;
  /** The model asked for. */
  readonly model: string;
  readonly kind: RequestKind;
  readonly agentId: string | null;
  readonly sessionId: string | null;
  readonly usage: ApiUsage;
  readonly toolUseIds: readonly string[];
  /** Epoch ms at which the request had arrived whole. */
  readonly receivedAt: number;
  /** Epoch ms at which the last byte had gone; null while it streams, and for ever when the client hung up. */
  readonly completedAt: number | null;
}

/** One request answered with an HTTP error: nothing was billed. */
export interface RefusedRequest {
  readonly index: number;
  readonly status: number;
  readonly receivedAt: number;
}

/** A running stub. */
export interface MessagesApiStub {
  /** For `ANTHROPIC_BASE_URL`. */
  readonly url: string;
  /** Every billed message, in order of arrival. Grows while the stub runs. */
  readonly served: readonly ServedRequest[];
  readonly refused: readonly RefusedRequest[];
  /** Everything that was no request to the model, as `METHOD /path`. */
  readonly otherCalls: readonly string[];
  /** Mistakes of the script or of the stub: a test may want to see none. */
  readonly failures: readonly unknown[];
  /** Resolves once at least `count` messages were served whole; rejects after `timeoutMs`. */
  waitForServed(count: number, timeoutMs?: number): Promise<void>;
  close(): Promise<void>;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** Starts a stub on a free loopback port. Its message ids are unlike those of any other stub. */
export async function startMessagesApiStub(script: Script): Promise<MessagesApiStub> {
  const served: Mutable<ServedRequest>[] = [];
  const refused: RefusedRequest[] = [];
  const otherCalls: string[] = [];
  const failures: unknown[] = [];
  const series = randomBytes(6).toString('hex');
  let requestCount = 0;

  const onModelRequest = async (incoming: IncomingMessage, response: ServerResponse) => {
    const index = requestCount++;
    const request = parseRequest(index, incoming.headers, await text(incoming));
    const receivedAt = Date.now();
    const reply = await script(request);
    if (isError(reply)) {
      refused.push({ index, status: reply.status, receivedAt });
      sendError(response, reply);
      return;
    }
    await pause(reply.delayMs ?? 0, response);
    if (response.destroyed) return;
    const id = `msg_${series}${String(index).padStart(6, '0')}`;
    const message = composeMessage(reply, id, request.model);
    const { kind, agentId, sessionId, model } = request;
    const entry: Mutable<ServedRequest> = {
      ...{ index, messageId: id, model, kind, agentId, sessionId, usage: message.usage },
      toolUseIds: message.blocks.flatMap((part) => (part.type === 'tool_use' ? [part.id] : [])),
      receivedAt,
      completedAt: null,
    };
    served.push(entry);
    const send = request.body.stream === true ? streamMessage : sendMessage;
    if (await send(response, message, reply)) entry.completedAt = Date.now();
  };

  const server = createServer((incoming, response) => {
    const path = (incoming.url ?? '/').split('?')[0] ?? '/';
    if (incoming.method === 'POST' && path === '/v1/messages') {
      onModelRequest(incoming, response).catch((error: unknown) => {
        failures.push(error);
        const message = `stub: ${error instanceof Error ? error.message : String(error)}`;
        if (response.headersSent) response.destroy();
        else sendError(response, { status: 400, message });
      });
      return;
    }
    otherCalls.push(`${incoming.method} ${path}`);
    incoming.resume();
    answerOther(incoming.method ?? 'GET', path, response);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    served,
    refused,
    otherCalls,
    failures,
    async waitForServed(count, timeoutMs = 30_000) {
      const deadline = Date.now() + timeoutMs;
      const done = () => served.filter((entry) => entry.completedAt !== null).length;
      while (done() < count) {
        if (Date.now() > deadline) {
          throw new Error(`${done()} of ${count} messages were served within ${timeoutMs} ms`);
        }
        await sleep(20);
      }
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function isError(reply: StubReply): reply is StubError {
  return 'status' in reply;
}

function answerOther(method: string, path: string, response: ServerResponse): void {
  const json = (status: number, value: unknown): void => {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(method === 'HEAD' ? undefined : JSON.stringify(value));
  };
  if (path === '/') json(200, {});
  else if (path === '/v1/messages/count_tokens') json(200, { input_tokens: 1_000 });
  else json(404, { type: 'error', error: { type: 'not_found_error', message: path } });
}
