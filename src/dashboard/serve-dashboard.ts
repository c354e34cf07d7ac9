// Serves the dashboard to browsers of this machine. Rule: loopback only; every request passes request-guard.ts first; data and changes need the
// token of this start in a header, so that no other site, and no other server on this machine, ever gets it from a browser.
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer, type HttpBindings } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { type Context, Hono } from 'hono';
import { SECOND_MS } from '../domain/time.ts';
import { TollgateError } from '../errors.ts';
import { bearsToken, newToken } from './access-token.ts';
import { answerCache } from './answer-cache.ts';
import type { DashboardWorld, PageSource } from './dashboard.ts';
import { type LiveUpdates, liveUpdates } from './live-updates.ts';
import { type Access, refusalOf } from './request-guard.ts';

const LOOPBACK = '127.0.0.1';
/** What a page sends is an id, an amount and a sentence. */
const LONGEST_BODY = 4_096;
const MAX_CONNECTIONS = 1_000;

/** Our own files and nothing else; no text of a page is ever run. */
const POLICY = [
  "default-src 'none'",
  ...["script-src 'self'", "style-src 'self'", "connect-src 'self'", "img-src 'self'"],
  ...["base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"],
  ...["require-trusted-types-for 'script'", "trusted-types 'none'"],
].join('; ');

const HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy': POLICY,
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'cache-control': 'no-store',
};

/** Pages have addresses of their own, so that a view can be kept and sent. */
const PAGES = [
  '/',
  '/history',
  '/sessions',
  '/session',
  '/budgets',
  '/clients',
  '/pull-requests',
  '/savings',
  '/health',
];

export interface RunningDashboard {
  readonly port: number;
  /** Opens everything; for the person's eyes alone. */
  readonly token: string;
  /** Shows everything and changes nothing: for what other programs may see, like the words a browser is started with. */
  readonly viewToken: string;
  /** Without a token. */
  readonly address: string;
  readonly listenerCount: () => number;
  readonly close: () => Promise<void>;
}

/** Starts it; `port` 0: a free one. Rejects with Node's own error where the port cannot be had. */
export async function serveDashboard(
  world: DashboardWorld,
  port: number,
): Promise<RunningDashboard> {
  const tokens: Tokens = { change: newToken(), view: newToken() };
  const live = liveUpdates(world.readVersion);
  const app = dashboardApp(world, live, tokens);
  const server = createAdaptorServer({
    fetch: app.fetch,
    serverOptions: {
      // Whoever is slow to say what is wanted is let go.
      headersTimeout: 5 * SECOND_MS,
      requestTimeout: 10 * SECOND_MS,
      connectionsCheckingInterval: SECOND_MS,
      maxHeaderSize: 16_384,
    },
  }) as Server;
  server.maxConnections = MAX_CONNECTIONS;
  await listen(server, port);
  const bound = (server.address() as AddressInfo).port;
  return {
    port: bound,
    token: tokens.change,
    viewToken: tokens.view,
    address: `http://${LOOPBACK}:${bound}/`,
    listenerCount: live.listenerCount,
    close: () => {
      live.close();
      return new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, LOOPBACK, () => resolve());
  });
}

type Tokens = Readonly<Record<Exclude<Access, 'none'>, string>>;
type App = Hono<{ Bindings: HttpBindings }>;
type AppContext = Context<{ Bindings: HttpBindings }>;

function dashboardApp(world: DashboardWorld, live: LiveUpdates, tokens: Tokens): App {
  const app: App = new Hono();
  const cache = answerCache(Date.now);
  app.use(async (c, next) => {
    const access = accessOf(c.req.header('authorization'), tokens);
    const refusal = refusalIn(c, access);
    if (refusal === null) await next();
    else c.res = c.json({ error: refusal }, refusal.status);
    if (c.env.outgoing.headersSent) return;
    c.header('x-tollgate-access', access);
    for (const [name, value] of Object.entries(HEADERS)) c.header(name, value);
  });
  app.get('/api/live', (c) => {
    for (const [name, value] of Object.entries(HEADERS)) c.env.outgoing.setHeader(name, value);
    if (live.listen(c.env.outgoing as ServerResponse)) return RESPONSE_ALREADY_SENT;
    return c.json({ error: { code: 'TOO_MANY_LISTENERS' } }, 503);
  });
  app.get('/api/:name', async (c) => {
    const source = world.sources.get(c.req.param('name'));
    if (source === undefined) return notFound(c);
    const { search } = new URL(c.req.url);
    const { type, body } = await cache.answerTo(
      `${c.req.param('name')}${search}`,
      world.readVersion(),
      () => askSource(source, search),
    );
    return c.body(body, 200, { 'content-type': `${type}; charset=utf-8` });
  });
  app.post('/api/:name', async (c) => {
    const action = world.actions.get(c.req.param('name'));
    if (action === undefined) return notFound(c);
    if (world.readOnlyBecause !== null) return c.json({ error: readOnly(world) }, 403);
    const text = await action(await bodyOf(c.env.incoming as IncomingMessage));
    cache.forget();
    live.tell();
    return c.json({ text });
  });
  app.get('/metrics', async (c) =>
    world.readMetrics === null
      ? notFound(c)
      : c.body(await world.readMetrics(), 200, { 'content-type': 'text/plain; version=0.0.4' }),
  );
  app.get('*', (c) => {
    const file = world.files.get(PAGES.includes(c.req.path) ? '/index.html' : c.req.path);
    if (file === undefined) return notFound(c);
    return c.body(new Uint8Array(file.body), 200, { 'content-type': file.type });
  });
  app.notFound(notFound);
  app.onError((error, c) => failure(error, c));
  return app;
}

const notFound = (c: Context) => c.json({ error: { code: 'NOT_FOUND' } }, 404);

const askSource = async (source: PageSource, search: string) => source(new URLSearchParams(search));

function accessOf(header: string | undefined, { change, view }: Tokens): Access {
  if (bearsToken(header, change)) return 'change';
  return bearsToken(header, view) ? 'view' : 'none';
}

function refusalIn(c: AppContext, access: Access) {
  const { headers } = c.env.incoming;
  const header = (name: string): string | undefined => {
    const value = headers[name];
    return Array.isArray(value) ? value.join(', ') : value;
  };
  return refusalOf(
    {
      method: c.req.method,
      path: c.req.path,
      host: header('host'),
      origin: header('origin'),
      fetchSite: header('sec-fetch-site'),
      contentType: header('content-type'),
      access,
    },
    (c.env.incoming as IncomingMessage).socket.localPort ?? 0,
  );
}

/** The JSON object a page has sent. Throws `TollgateError`. */
async function bodyOf(request: IncomingMessage): Promise<Readonly<Record<string, unknown>>> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of request as AsyncIterable<Buffer>) {
    size += piece.length;
    if (size > LONGEST_BODY) throw unreadable('it is too long');
    pieces.push(piece);
  }
  try {
    const value: unknown = JSON.parse(Buffer.concat(pieces).toString('utf8'));
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      return value as Readonly<Record<string, unknown>>;
    }
  } catch {
    throw unreadable('it is no JSON');
  }
  throw unreadable('it is no object');
}

const unreadable = (why: string): TollgateError =>
  new TollgateError({
    code: 'REQUEST_UNREADABLE',
    message: `the request cannot be read: ${why}`,
    hint: 'reload the page',
  });

const readOnly = ({ readOnlyBecause }: DashboardWorld) => ({
  code: 'READ_ONLY',
  message: `this dashboard changes nothing: ${readOnlyBecause}`,
  hint: 'start tollgate dashboard in a terminal of your own',
});

/** Refusals are the person's business: they get the code, the sentence and the hint. What is a refusal shows by its shape: this file and the
 * commands are bundled apart, each with an error class of its own. */
function failure(error: Error & { readonly code?: unknown; readonly hint?: unknown }, c: Context) {
  const { code, message, hint } = error;
  if (typeof code !== 'string' || typeof hint !== 'string') {
    return c.json({ error: { code: 'BUG', message: `this is a bug: ${message}` } }, 500);
  }
  const isRefused = ['NOT_A_PERSON', 'GRANTS_BY_PROMPT'].includes(code);
  return c.json({ error: { code, message, hint } }, isRefused ? 403 : 400);
}
