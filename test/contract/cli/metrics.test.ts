// Metrics of a real ledger: pushed to a collector on this machine that takes, refuses, delays or dies, and bounded in number.
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { pushMetrics } from '../../../src/cli/push-metrics.ts';
import { readMetrics } from '../../../src/cli/read-metrics.ts';
import type { Config } from '../../../src/config/config.ts';
import { loadConfig } from '../../../src/config/load.ts';
import { MAX_VALUES } from '../../../src/metrics/metrics.ts';
import { openSqliteStore } from '../../../src/stores/sqlite/sqlite.ts';
import { runCli } from '../../support/in-process-cli.ts';
import { recordAll, request } from '../../support/ledger-entries.ts';
import { createSandbox, type Sandbox } from '../../support/sandbox.ts';

const NOW = Date.parse('2026-11-21T12:00:00Z');
let sandbox: Sandbox;
let server: Server | undefined;

beforeEach(async () => {
  sandbox = await createSandbox();
  const store = openSqliteStore(join(sandbox.tollgateHome, 'ledger.db'));
  recordAll(
    store,
    Array.from({ length: MAX_VALUES + 10 }, (_, index) =>
      request({
        ...{ id: `m${index}`, at: NOW - 60_000 * index, cost: 1_000_000_000 + index },
        labels: { repository: 'github.com/Acme/Shop', branch: `b${index}`, model: 'claude-x' },
      }),
    ),
  );
  store.close();
});
afterEach(async () => {
  server?.closeAllConnections();
  server?.close();
  server = undefined;
  await sandbox.cleanup();
});

type Answer = (request: IncomingMessage, response: ServerResponse, body: string) => void;

/** A collector, and what it was sent. */
async function collector(answer: Answer) {
  const bodies: { readonly body: string; readonly headers: IncomingMessage['headers'] }[] = [];
  server = createServer(async (request, response) => {
    const body = await text(request);
    bodies.push({ body, headers: request.headers });
    answer(request, response, body);
  });
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, bodies };
}

async function configure(
  endpoint: string,
): Promise<Config & { otlp: NonNullable<Config['otlp']> }> {
  const folder = join(sandbox.home, '.config', 'tollgate');
  await mkdir(folder, { recursive: true });
  const file = join(folder, 'config.json');
  const secret = join(folder, 'key');
  await writeFile(secret, 'Bearer abc', { mode: 0o600 });
  const otlp = { endpoint, allowPrivate: true, headers: { Authorization: { file: secret } } };
  await writeFile(
    file,
    JSON.stringify({ otlp, budgets: [{ id: 'day', period: 'day', hard: '100' }] }),
  );
  const { config, problems } = loadConfig([{ kind: 'user', file }], { at: NOW });
  expect(problems).toEqual([]);
  return config as Awaited<ReturnType<typeof configure>>;
}

const context = () => ({
  ...{ env: sandbox.env(), cwd: sandbox.repo, now: NOW, stdin: process.stdin, columns: 80 },
  ...{ print: () => {}, emit: () => {}, isTerminal: false, isFancy: false, isInteractive: false },
});

async function push(url: string): Promise<string | null> {
  const config = await configure(url);
  const store = openSqliteStore(join(sandbox.tollgateHome, 'ledger.db'));
  try {
    return await pushMetrics(config, store, context(), [5, 5]);
  } finally {
    store.close();
  }
}

test('a collector gets the sums of report, at its path, with the secret header', async () => {
  const paths: (string | undefined)[] = [];
  const { url, bodies } = await collector((request, response) => {
    paths.push(request.url);
    response.end('{}');
  });
  expect(await push(url)).toBeNull();
  expect(paths).toEqual(['/v1/metrics']);
  expect(bodies[0]?.headers).toMatchObject({
    ...{ authorization: 'Bearer abc', 'content-type': 'application/json' },
  });
  const [resource] = JSON.parse(bodies[0]?.body ?? '').resourceMetrics;
  const { metrics } = resource.scopeMetrics[0];
  const spend = metrics.find(({ name }: { name: string }) => name === 'tollgate.spend');
  expect(spend.unit).toBe('USD');
  const total = spend.gauge.dataPoints.find(
    ({ attributes }: { attributes: { value: { stringValue: string } }[] }) =>
      attributes[0]?.value.stringValue === 'total',
  );
  const report = JSON.parse((await runCli(sandbox, ['report', '--json'])).stdout);
  expect(total.asDouble).toBe(report.total.costUsd);
});

test('refusals and deaths are tried again, a lasting refusal is not', async () => {
  const answers: Answer[] = [
    (_, response) => response.writeHead(503).end(),
    (request) => request.socket.destroy(),
    (_, response) => response.end('{}'),
  ];
  const dying = await collector((...all) => answers.shift()?.(...all));
  expect(await push(dying.url)).toBeNull();
  expect(dying.bodies).toHaveLength(3);
  server?.close();
  const refusing = await collector((_, response) => response.writeHead(401).end());
  expect(await push(refusing.url)).toBe('answered 401');
  expect(refusing.bodies).toHaveLength(1);
  const { url } = await collector((_, response) => response.writeHead(429).end());
  expect(await push(url)).toBe('answered 429');
  server?.close();
  expect(await push('http://127.0.0.1:1')).toContain('ECONNREFUSED');
});

test('one that is slow is given up, and the command says so with its exit code', async () => {
  const { url } = await collector(() => {});
  await configure(url);
  const store = openSqliteStore(join(sandbox.tollgateHome, 'ledger.db'));
  const config = await configure(url);
  expect(await pushMetrics(config, store, context(), [])).toContain('no answer in time');
  store.close();
  server?.closeAllConnections();
  server?.close();
  const { url: good } = await collector((_, response) => response.end('{}'));
  await configure(good);
  expect((await runCli(sandbox, ['alerts', 'push'])).exitCode).toBe(0);
}, 30_000);

test('series are bounded: the dearest values, and the others as one', async () => {
  const config = await configure('http://127.0.0.1:1');
  const store = openSqliteStore(join(sandbox.tollgateHome, 'ledger.db'));
  const metrics = readMetrics(config, store, context(), NOW);
  store.close();
  const spend = metrics.find(({ name }) => name === 'tollgate.spend');
  const branches = spend?.points.filter(({ labels }) => labels.label === 'branch') ?? [];
  expect(branches).toHaveLength(MAX_VALUES + 1);
  const sum = branches.reduce((all, { value }) => all + value, 0);
  expect(sum).toBeCloseTo(spend?.points[0]?.value ?? 0, 6);
  expect(branches.at(-1)?.labels.value).toBe('(others)');
  const used = metrics.find(({ name }) => name === 'tollgate.budget.used');
  expect(used?.points[0]?.labels).toMatchObject({ budget: 'day', period: 'day' });
});

test("a repository's file says nothing of it", async () => {
  const file = join(sandbox.repo, 'tollgate.json');
  await writeFile(file, JSON.stringify({ otlp: { endpoint: 'https://evil.example' } }));
  const { config, problems } = loadConfig([{ kind: 'project', file }], { at: NOW });
  expect(config.otlp).toBeNull();
  expect(problems.map(({ kind, path }) => [kind, path])).toEqual([['refused', 'otlp']]);
});
