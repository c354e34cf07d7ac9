// Posts to real servers on loopback: what each answer means, and what is refused before anything is sent.
import { lookup } from 'node:dns/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { httpPost } from '../../../src/alerts/http-post.ts';

/** What the names of a test resolve to, answer by answer; other names as ever. */
const answers = new Map<string, string[][]>();
const lookUp = async (host: string) =>
  answers
    .get(host)
    ?.shift()
    ?.map((address) => ({ address, family: 4 })) ?? lookup(host, { all: true });

const open: ReturnType<typeof createServer>[] = [];
afterEach(() => {
  for (const server of open.splice(0)) server.close();
});

let seen: string[] = [];
async function serve(answer: (request: IncomingMessage, response: ServerResponse) => void) {
  seen = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => {
      body += chunk;
    });
    request.on('end', () => {
      seen.push(body);
      answer(request, response);
    });
  });
  open.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
}

const post = (url: string, over: { allowPrivate?: boolean; timeoutMs?: number } = {}) =>
  httpPost(
    {
      ...{ url, headers: { 'content-type': 'text/plain' }, body: 'hä?' },
      allowPrivate: over.allowPrivate ?? true,
      signal: AbortSignal.timeout(over.timeoutMs ?? 5_000),
    },
    false,
    lookUp,
  );

test.each([
  [200, 'sent'],
  [204, 'sent'],
  [301, 'lasting'],
  [307, 'lasting'],
  [400, 'lasting'],
  [401, 'lasting'],
  [404, 'lasting'],
  [408, 'failed'],
  [409, 'lasting'],
  [429, 'failed'],
  [500, 'failed'],
  [503, 'failed'],
])('%d is %s', async (status, kind) => {
  const url = await serve((_, response) =>
    response.writeHead(status, { location: 'http://127.0.0.1:1/' }).end('x'),
  );
  const result = await post(url);
  expect(result.kind === 'failed' && result.isLasting ? 'lasting' : result.kind).toBe(kind);
  expect(seen).toEqual(['hä?']);
});

test('a receiver that knows the delivery has it', async () => {
  const url = await serve((_, response) => response.writeHead(409).end());
  const known = {
    url,
    headers: {},
    body: '',
    allowPrivate: true,
    signal: AbortSignal.timeout(5_000),
  };
  expect(await httpPost(known, true)).toEqual({ kind: 'sent' });
});

test('Retry-After in seconds and as a date', async () => {
  const seconds = await serve((_, response) =>
    response.writeHead(429, { 'retry-after': '7' }).end(),
  );
  expect(await post(seconds)).toMatchObject({ retryAfterMs: 7_000 });
  const date = await serve((_, response) =>
    response.writeHead(503, { 'retry-after': new Date(Date.now() + 60_000).toUTCString() }).end(),
  );
  const { retryAfterMs } = (await post(date)) as { retryAfterMs: number };
  expect(retryAfterMs).toBeGreaterThan(50_000);
  expect(retryAfterMs).toBeLessThanOrEqual(60_000);
});

test('a server that does not answer, and one that is not there', async () => {
  const slow = await serve(() => {});
  expect(await post(slow, { timeoutMs: 100 })).toMatchObject({ isLasting: false });
  expect(await post('http://127.0.0.1:1/')).toMatchObject({
    error: '127.0.0.1:1: ECONNREFUSED',
    isLasting: false,
  });
});

test.each([
  'https://127.0.0.1/',
  'https://2130706433/',
  'https://0x7f000001/',
  'https://0177.0.0.1/',
  'https://localhost/',
  'https://[::1]/',
  'https://127.1/',
  'https://①②⑦.0.0.1/',
  'https://0x7f.1/',
  'https://017700000001/',
  'https://127.0.0.1./',
  'https://user:pass@127.0.0.1/',
  'https://example.com@127.0.0.1/',
  'https://[::]/',
  'https://[::127.0.0.1]/',
  'https://[::ffff:7f00:1]/',
  'https://[::ffff:0:127.0.0.1]/',
  'https://[64:ff9b::127.0.0.1]/',
  'https://[64:ff9b:1::a00:1]/',
  'https://[2002:7f00:1::]/',
  'https://[2001:0:7f00:1::]/',
  'https://[fe80::1]/',
  'https://[fec0::1]/',
  'https://100.100.100.200/',
  'https://[fd00::1]/',
  'https://[::ffff:127.0.0.1]/',
  'https://169.254.169.254/latest/meta-data/',
  'https://0.0.0.0/',
  'http://1.1.1.1/',
  'ftp://1.1.1.1/',
  'not an address',
])('%s is refused unless private addresses are allowed', async (url) => {
  expect(await post(url, { allowPrivate: false })).toMatchObject({
    kind: 'failed',
    isLasting: true,
  });
});

test('a name is resolved once: what it would resolve to the second time is never connected to', async () => {
  const url = (await serve((_request, response) => response.end())).replace(
    '127.0.0.1',
    'name.test',
  );
  answers.set('name.test', [['127.0.0.1'], ['127.0.0.2']]);
  expect(await post(url)).toEqual({ kind: 'sent' });
  expect(seen).toEqual(['hä?']);
  expect(answers.get('name.test')).toEqual([['127.0.0.2']]);
});

test.each(['127.0.0.1', '::1', '::ffff:127.0.0.1', '::ffff:10.0.0.1', 'fd12::1', 'not an address'])(
  'a name that resolves to %s is refused',
  async (address) => {
    answers.set('evil.test', [[address]]);
    const result = await post('https://evil.test/', { allowPrivate: false });
    expect(result).toMatchObject({ kind: 'failed' });
    expect(result).toHaveProperty('isLasting', true);
  },
);

test('a name with one private address among public ones is refused', async () => {
  answers.set('mixed.test', [['1.1.1.1', '10.0.0.1']]);
  const result = await post('https://mixed.test/', { allowPrivate: false });
  expect(result).toMatchObject({ kind: 'failed', isLasting: true });
});

test('a redirect to another place is not followed', async () => {
  const target = await serve((_request, response) => response.end());
  const url = await serve((_request, response) => {
    response.writeHead(307, { location: target }).end();
  });
  expect(await post(url)).toMatchObject({ kind: 'failed', isLasting: true });
  expect(seen).toEqual(['hä?']);
});
