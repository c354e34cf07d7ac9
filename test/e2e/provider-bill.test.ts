// `tollgate reconcile --month` against every shape of the provider's bill: the Console's CSV, Claude Code Analytics, the Cost API; what explains the
// difference, and its spread over statements.
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Statement } from '../../src/statements/statement.ts';
import { openSqliteStore } from '../../src/stores/sqlite/sqlite.ts';
import { startCostApiStub } from '../support/cost-api-stub.ts';
import { runCli } from '../support/in-process-cli.ts';
import { recordAll, request } from '../support/ledger-entries.ts';
import { createSandbox, type Sandbox } from '../support/sandbox.ts';

const KEY = 'sk-ant-admin-not-a-key';
let sandbox: Sandbox;
const fileOf = (name: string, text: string) => {
  const file = join(sandbox.root, name);
  writeFileSync(file, text, { mode: 0o600 });
  return file;
};

beforeAll(async () => {
  sandbox = await createSandbox();
  mkdirSync(sandbox.tollgateHome, { recursive: true });
  const store = openSqliteStore(join(sandbox.tollgateHome, 'ledger.db'));
  const spend = (id: string, at: string, usd: number, client: string | null, developer: string) =>
    request({ id, at, cost: usd * 1e9, labels: { client, developer, model: 'claude-opus-4-5' } });
  recordAll(store, [
    spend('a', '2026-10-05T10:00:00Z', 10, 'Acme', 'mia@x'),
    spend('b', '2026-10-06T10:00:00Z', 20, 'Bolt', 'mia@x'),
    spend('c', '2026-10-07T10:00:00Z', 3, null, 'mia@x'),
    spend('d', '2026-11-01T00:00:00Z', 99, 'Acme', 'mia@x'),
  ]);
  store.close();
});
afterAll(() => sandbox.cleanup());

interface Answer {
  readonly provider: {
    readonly startAt: number;
    readonly endAt: number;
    readonly days: readonly {
      day: string;
      differenceNanoUsd: number;
      cause: string;
      ratio: number;
    }[];
    readonly models: readonly { day: string; model: string; cause: string }[];
    readonly payers: unknown;
    readonly discountNanoUsd: number;
    readonly otherPayersNanoUsd: number;
    readonly spread: readonly { client: string | null; costNanoUsd: number }[] | null;
  };
}
async function reconcile(...words: readonly string[]): Promise<Answer['provider']> {
  const month = ['reconcile', '--month', '2026-10', '--json'];
  const { stdout, stderr } = await runCli(sandbox, [...month, ...words], { env: env() });
  expect(stdout + stderr).not.toContain(KEY);
  return (JSON.parse(stdout) as Answer).provider;
}
const env = () => sandbox.env({ KEY });

const CSV = `\uFEFFusage_date_utc,model,workspace,api_key,usage_type,context_window,token_type,cost_usd,list_price_usd,cost_type
2026-10-05,Claude Opus 4.5,Default,claude-code,message,≤ 200k,output,6.00,7.5,token
2026-10-05,Claude Opus 4.5,"Default, own",claude-code,message,≤ 200k,input,2,2.50,token
2026-10-06,Claude Opus 4.5,Default,claude-code,message,≤ 200k,output,20.0000000004,20.0000000004,token
2026-10-06,Claude Haiku 4.5,Default,"chat ""bot""",message,≤ 200k,output,5.00,5.00,token
`;

test('the Console’s CSV: discounts and other keys explain what they can', async () => {
  const file = fileOf('cost.csv', CSV);
  const all = await reconcile('--from', file);
  expect([all.startAt, all.endAt]).toEqual([Date.UTC(2026, 9, 1), Date.UTC(2026, 10, 1)]);
  expect(all.days).toMatchObject([
    { day: '2026-10-05', differenceNanoUsd: 2e9, cause: 'PRICE_DIFFERS', ratio: 0.8 },
    { day: '2026-10-06', differenceNanoUsd: -5e9, cause: 'NOT_IN_LEDGER' },
    { day: '2026-10-07', differenceNanoUsd: 3e9, cause: 'NOT_ON_THIS_BILL' },
  ]);
  expect(all.discountNanoUsd).toBe(2e9);
  const own = await reconcile('--from', file, '--payer', 'claude-code', '--spread');
  expect(own.otherPayersNanoUsd).toBe(5e9);
  expect(own.days[1]).toMatchObject({ cause: 'EQUAL' });
  // −5 by 10, 20 and 3 of 33 dollars, to the nano-dollar.
  expect(own.spread).toEqual([
    { client: null, costNanoUsd: -454_545_455 },
    { client: 'Acme', costNanoUsd: -1_515_151_515 },
    { client: 'Bolt', costNanoUsd: -3_030_303_030 },
  ]);
});

const record = (day: string, email: string, cents: number) => ({
  date: `${day}T00:00:00Z`,
  actor: { type: 'user_actor', email_address: email },
  model_breakdown: [
    { model: 'claude-opus-4-5', tokens: {}, estimated_cost: { amount: cents, currency: 'USD' } },
  ],
});

test('Claude Code Analytics, from a file and asked for: who is not in the ledger', async () => {
  const day = { data: [record('2026-10-05', 'Mia@x', 1000)], has_more: false, next_page: null };
  const other = { ...day, data: [record('2026-10-06', 'ben@x', 700)] };
  const payers = [
    { payer: 'Mia@x', costNanoUsd: 10e9, ledgerNanoUsd: 33e9 },
    { payer: 'ben@x', costNanoUsd: 7e9, ledgerNanoUsd: 0 },
  ];
  const fromFile = await reconcile(
    '--from',
    fileOf('analytics.json', JSON.stringify([day, other])),
  );
  expect(fromFile.payers).toEqual(payers);
  expect(fromFile.days[0]).toMatchObject({ cause: 'EQUAL' });
  const analytics = { '2026-10-05': day, '2026-10-06': other };
  const stub = await startCostApiStub({ key: KEY, days: {}, analytics });
  try {
    const api = ['--analytics', '--api-url', stub.url, '--admin-key-env', 'KEY'];
    expect((await reconcile(...api)).payers).toEqual(payers);
    expect(stub.queries).toHaveLength(31);
  } finally {
    await stub.close();
  }
});

test('the Cost API for a month, with the key from a file or a command', async () => {
  const days = { '2026-10-05': [{ amount: '1000', model: 'claude-opus-4-5' }] };
  const stub = await startCostApiStub({ key: KEY, days });
  try {
    const key = fileOf('key', `${KEY}\n`);
    const script = fileOf('key.mjs', `console.log(${JSON.stringify(KEY)})`);
    const url = ['--api-url', stub.url];
    for (const place of [
      ['--admin-key-file', key],
      ['--admin-key-command', `${process.execPath} ${script}`],
    ]) {
      expect((await reconcile(...place, ...url)).days[0]).toMatchObject({ cause: 'EQUAL' });
    }
    expect(stub.queries[0]?.get('starting_at')).toBe('2026-10-01T00:00:00Z');
    expect(stub.queries[0]?.get('ending_at')).toBe('2026-11-01T00:00:00Z');
    if (process.platform !== 'win32') {
      chmodSync(key, 0o644);
      const words = ['reconcile', '--month', '2026-10', '--admin-key-file', key, ...url];
      const { exitCode, stderr } = await runCli(sandbox, words, { env: env() });
      expect([exitCode, stderr]).toEqual([2, expect.stringContaining('chmod 600')]);
    }
  } finally {
    await stub.close();
  }
});

test('the difference on statements: labelled, at cost, and nothing that a correction takes back', async () => {
  const words = ['statement', '--all', '--month', '2026-10', '--json'];
  const made = await runCli(sandbox, [...words, '--difference=-5']);
  const { statements } = JSON.parse(made.stdout) as { statements: readonly Statement[] };
  const lines = statements.map(({ client, net, lines: all }) => [
    client,
    net,
    all.find(({ kind }) => kind === 'spread')?.amount,
  ]);
  expect(lines).toEqual([
    ['Acme', '8.48', '-1.52'],
    ['Bolt', '16.97', '-3.03'],
  ]);
  const issue = [
    'statement',
    '--client',
    'Acme',
    '--month',
    '2026-10',
    '--difference=-5',
    '--issue',
  ];
  expect((await runCli(sandbox, issue)).stdout).toContain('Share of the difference');
  const next = await runCli(sandbox, [
    'statement',
    '--client',
    'Acme',
    '--month',
    '2026-09',
    '--json',
  ]);
  expect((JSON.parse(next.stdout) as { statements: [Statement] }).statements[0].lines).toEqual([]);
  const bad = await runCli(sandbox, [...words, '--difference=much']);
  expect(bad.exitCode).toBe(2);
});

test.each([
  ['a,b\n1,2\n', 'usage_date_utc'],
  ['usage_date_utc,cost_usd\nAugust,1\n', 'line 2'],
  ['usage_date_utc,cost_usd\n2026-10-01,much\n', 'line 2'],
  ['{"data":[{"model_breakdown":1}]}', 'data.0'],
])('%j is refused with its place', async (text, place) => {
  const file = fileOf('bad', text);
  const { exitCode, stderr } = await runCli(sandbox, ['reconcile', '--from', file]);
  expect([exitCode, stderr]).toEqual([2, expect.stringContaining(place)]);
});
