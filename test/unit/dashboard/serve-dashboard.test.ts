// The server itself, on a real socket: what it refuses, what its answers carry, listeners, slow and long requests.
import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { DashboardWorld } from '../../../src/dashboard/dashboard.ts';
import { type RunningDashboard, serveDashboard } from '../../../src/dashboard/serve-dashboard.ts';
import { TollgateError } from '../../../src/errors.ts';

let running: RunningDashboard;
let version = 'a';
let [made, done] = [0, 0];

const WORLD: DashboardWorld = {
  sources: new Map([
    [
      'now',
      () => {
        made += 1;
        return { type: 'application/json', body: '{"sessions":[]}' };
      },
    ],
    [
      'bad',
      () => {
        throw new TollgateError({
          code: 'WHERE_UNREADABLE',
          message: 'no',
          hint: 'write key=value',
        });
      },
    ],
  ]),
  actions: new Map([
    [
      'halt',
      () => {
        done += 1;
        return 'halted';
      },
    ],
  ]),
  readOnlyBecause: null,
  readVersion: () => version,
  files: new Map([['/index.html', { type: 'text/html', body: Buffer.from('<p>page</p>') }]]),
  readMetrics: null,
};

beforeEach(async () => {
  [version, made, done] = ['a', 0, 0];
  running = await serveDashboard(WORLD, 0);
});
afterEach(() => running.close());

interface Answer {
  readonly status: number;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly body: string;
}

/** A request with exactly these headers: `fetch` would not let a test choose its host. */
function send(
  path: string,
  headers: Record<string, string> = {},
  method = 'GET',
  body = '',
): Promise<Answer> {
  const own = { host: `127.0.0.1:${running.port}`, authorization: `Bearer ${running.token}` };
  return new Promise((resolve, reject) => {
    const sent = httpRequest(
      { host: '127.0.0.1', port: running.port, path, method, headers: { ...own, ...headers } },
      (answer) => {
        let text = '';
        answer.on('data', (piece) => {
          text += piece;
        });
        answer.on('end', () =>
          resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: text }),
        );
      },
    );
    sent.once('error', reject);
    sent.end(body);
  });
}
const JSON_TYPE = { 'content-type': 'application/json' };

test('answers its own page and programs with the key, under a strict policy', async () => {
  const page = await send('/history?unit=day', { authorization: '' });
  expect([page.status, page.body]).toEqual([200, '<p>page</p>']);
  const data = await send('/api/now');
  expect([data.status, data.body]).toEqual([200, '{"sessions":[]}']);
  for (const { headers } of [page, data]) {
    const policy = String(headers['content-security-policy']);
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toMatch(/unsafe|http|\*/);
    expect(headers['x-content-type-options']).toBe('nosniff');
    expect(headers['access-control-allow-origin']).toBeUndefined();
    expect(headers['set-cookie']).toBeUndefined();
  }
});

test('refuses a rebound name, another site, a wrong key, and a key that only views', async () => {
  const statusOf = async (path: string, headers: Record<string, string>, method = 'GET') =>
    (await send(path, headers, method, method === 'POST' ? '{}' : '')).status;
  expect(await statusOf('/api/now', { host: `evil.example:${running.port}` })).toBe(421);
  expect(await statusOf('/', { host: 'localhost.' })).toBe(421);
  expect(await statusOf('/api/now', { origin: 'http://evil.example' })).toBe(403);
  expect(await statusOf('/api/now', { 'sec-fetch-site': 'cross-site' })).toBe(403);
  expect(await statusOf('/api/now', { authorization: '' })).toBe(401);
  expect(await statusOf('/api/now', { authorization: `Bearer ${running.token}x` })).toBe(401);
  expect(await statusOf(`/api/now?token=${running.token}`, { authorization: '' })).toBe(401);
  expect(await statusOf('/api/now', { authorization: `Bearer ${running.viewToken}` })).toBe(200);
  const view = { ...JSON_TYPE, authorization: `Bearer ${running.viewToken}` };
  expect(await statusOf('/api/halt', view, 'POST')).toBe(403);
  expect(await statusOf('/api/halt', { 'content-type': 'text/plain' }, 'POST')).toBe(415);
  expect(done).toBe(0);
  expect(await statusOf('/api/halt', JSON_TYPE, 'POST')).toBe(200);
  expect(done).toBe(1);
});

test.each([
  '/../package.json',
  '/..%2fpackage.json',
  '/%2e%2e/%2e%2e/etc/passwd',
  '//etc/passwd',
  '/app.js/../../secret',
  '/api/__proto__',
  '/api/constructor',
  '/metrics',
])('%s is no file of ours', async (path) => {
  expect((await send(path)).status).toBe(404);
});

test('passes the codes of refusals on, and takes no long or broken body', async () => {
  const bad = await send('/api/bad');
  expect([bad.status, JSON.parse(bad.body).error.code]).toEqual([400, 'WHERE_UNREADABLE']);
  expect((await send('/api/halt', JSON_TYPE, 'POST', '[1]')).status).toBe(400);
  expect((await send('/api/halt', JSON_TYPE, 'POST', 'x'.repeat(5_000))).status).toBe(400);
  expect(done).toBe(0);
});

test('a hundred listeners are told of a change at once, and one answer serves them all', async () => {
  const ended = new AbortController();
  const listeners = await Promise.all(
    Array.from({ length: 100 }, async () => {
      const response = await fetch(`http://127.0.0.1:${running.port}/api/live`, {
        headers: { authorization: `Bearer ${running.token}` },
        signal: ended.signal,
      });
      return response.body?.getReader();
    }),
  );
  expect(running.listenerCount()).toBe(100);
  await Promise.all(listeners.map((reader) => reader?.read()));
  version = 'b';
  const told = await Promise.all(listeners.map(async (reader) => (await reader?.read())?.value));
  for (const text of told) expect(Buffer.from(text ?? []).toString()).toBe('data: changed\n\n');
  await Promise.all(Array.from({ length: 100 }, () => send('/api/now')));
  // One a second at most, however slow this machine is.
  expect(made).toBeLessThan(20);
  ended.abort();
});

test('lets a client go that never says what it wants', async () => {
  const socket = connect(running.port, '127.0.0.1');
  socket.write('GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ');
  const answer = await new Promise<string>((resolve) => {
    let text = '';
    socket.on('data', (piece) => {
      text += piece;
    });
    socket.once('close', () => resolve(text));
  });
  expect(answer).toMatch(/^HTTP\/1\.1 408/);
}, 15_000);

test('changes nothing where no person has started it', async () => {
  await running.close();
  running = await serveDashboard({ ...WORLD, readOnlyBecause: "this is an agent's shell" }, 0);
  const answer = await send('/api/halt', JSON_TYPE, 'POST', '{}');
  expect([answer.status, JSON.parse(answer.body).error.code]).toEqual([403, 'READ_ONLY']);
  expect(done).toBe(0);
});
