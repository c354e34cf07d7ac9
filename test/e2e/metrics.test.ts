// Metrics the whole way: from a real hook to a collector on this machine, and from the dashboard to whoever scrapes it.
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startDashboard } from '../support/dashboard.ts';
import { runHook } from '../support/hook-process.ts';
import { createSandbox, type Sandbox } from '../support/sandbox.ts';
import { readStatus } from '../support/tollgate.ts';
import { writeTranscript } from '../support/transcript.ts';

const SESSION = '11111111-2222-4333-8444-555555555555';

interface Metric {
  readonly name: string;
  readonly gauge: {
    readonly dataPoints: readonly {
      readonly asDouble: number;
      readonly attributes: readonly { readonly value: { readonly stringValue: string } }[];
    }[];
  };
}

let sandbox: Sandbox;
let collector: Server;
let pushes: Metric[][];
beforeEach(async () => {
  sandbox = await createSandbox();
  pushes = [];
  collector = createServer(async (request, response) => {
    const [resource] = JSON.parse(await text(request)).resourceMetrics;
    pushes.push(resource.scopeMetrics[0].metrics);
    response.end('{}');
  });
  await new Promise<void>((done) => collector.listen(0, '127.0.0.1', done));
});
afterEach(async () => {
  collector.closeAllConnections();
  collector.close();
  await sandbox.cleanup();
});

function configure(more: object): void {
  const folder = join(sandbox.home, '.config', 'tollgate');
  mkdirSync(folder, { recursive: true });
  const config = { budgets: [{ id: 'session', hard: '100' }], ...more };
  writeFileSync(join(folder, 'config.json'), JSON.stringify(config));
}

/** A turn that spends; what the session has cost then. */
async function spend(): Promise<number> {
  const transcript = writeTranscript(sandbox, SESSION);
  transcript.prompt('t1');
  transcript.respond({ id: 'm1', usage: { output_tokens: 20_000 } });
  const event = { session_id: SESSION, transcript_path: transcript.path, prompt_id: 't1' };
  expect((await runHook(sandbox, 'Stop', event)).exitCode).toBe(0);
  return (await readStatus(sandbox))[0]?.costUsd ?? Number.NaN;
}

test('a hook has the spend pushed to a collector, and nobody has to ask', async () => {
  const { port } = collector.address() as AddressInfo;
  configure({ otlp: { endpoint: `http://127.0.0.1:${port}`, allowPrivate: true } });
  const costUsd = await spend();
  for (let waited = 0; pushes.length === 0 && waited < 20_000; waited += 100) await sleep(100);
  const points = pushes[0]?.find(({ name }) => name === 'tollgate.spend')?.gauge.dataPoints ?? [];
  const total = points.find(({ attributes }) => attributes[0]?.value.stringValue === 'total');
  expect(costUsd).toBeGreaterThan(0);
  expect(total?.asDouble).toBe(costUsd);
});

test('the dashboard answers a scrape where it was asked to, without its key', async () => {
  configure({});
  const costUsd = await spend();
  for (const [words, status] of [
    [[], 404],
    [['--metrics'], 200],
  ] as const) {
    const dashboard = await startDashboard(sandbox, words);
    try {
      const answer = await fetch(`http://127.0.0.1:${dashboard.port}/metrics`);
      expect(answer.status).toBe(status);
      if (status !== 200) continue;
      const lines = (await answer.text()).split('\n');
      expect(lines).toContain(`tollgate_spend_usd{label="total",value=""} ${costUsd}`);
    } finally {
      await dashboard.stop();
    }
  }
  expect(pushes).toEqual([]);
});
