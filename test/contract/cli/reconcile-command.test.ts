// `tollgate reconcile` as a person reads it: what is odd about a session, and the provider's bill with all that is known of the difference.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { sessionId } from '../../../src/domain/ids.ts';
import { openSqliteStore } from '../../../src/stores/sqlite/sqlite.ts';
import { runCli } from '../../support/in-process-cli.ts';
import { recordAll, request } from '../../support/ledger-entries.ts';
import { createSandbox, type Sandbox } from '../../support/sandbox.ts';

const NOW = Date.parse('2026-11-21T12:00:00Z');
const DAY = '2026-11-20T10:00:00Z';
const KEY = 'sk-ant-admin-not-a-key';
let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await createSandbox();
  mkdirSync(sandbox.tollgateHome, { recursive: true });
});
afterEach(() => sandbox.cleanup());

function withLedger(work: (store: ReturnType<typeof openSqliteStore>) => void): void {
  const store = openSqliteStore(join(sandbox.tollgateHome, 'ledger.db'));
  work(store);
  store.close();
}
const reconcile = (...words: string[]) =>
  runCli(sandbox, ['reconcile', ...words], { now: NOW, columns: 200 });
const put = (name: string, text: string): string => {
  writeFileSync(join(sandbox.root, name), text);
  return join(sandbox.root, name);
};
const HEADING = 'usage_date_utc,model,api_key,cost_usd,list_price_usd,cost_type\n';

/** A session of two dollars, of which the client has told one. */
function spendMoreThanTold(): void {
  withLedger((store) => {
    recordAll(store, [request({ id: 'b', at: DAY, session: 'dear-2', cost: 2e9 })]);
    const told = { hostTotalNanoUsd: 1e9, hostTotalUntil: NOW };
    store.immediately(() => {
      const session = store.readSession(sessionId('dear-2'));
      if (session !== null) store.writeSession({ ...session, ...told });
    });
  });
}

test('without a session there is nothing to say', async () => {
  const { exitCode, stdout } = await reconcile();
  expect([exitCode, stdout]).toEqual([0, 'No session to reconcile.\n']);
});

test('what is odd about sessions is said under their figures, and some of it is an exit code', async () => {
  const model = { unknownModel: true, labels: { model: 'house-1' } };
  withLedger((store) =>
    recordAll(store, [request({ id: 'a', at: DAY, session: 'open-1', ...model })]),
  );
  const open = await reconcile();
  expect(open.exitCode).toBe(0);
  expect(open.stdout).toMatch(/^open-1 +\$1\.00 +\$0\.00 +\$0\.00 +\$0\.00 +- +-$/m);
  expect(open.stdout).toContain('open-1  Claude Code has reported no total yet');
  expect(open.stdout).toContain('open-1  no transcript is known');
  expect(open.stdout).toContain('open-1  no price is known for house-1');
  spendMoreThanTold();
  const drifting = await reconcile();
  expect(drifting.exitCode).toBe(1);
  expect(drifting.stdout).toContain("dear-2  differs from Claude Code's total by $1.00");
  expect(JSON.parse((await reconcile('--json')).stdout)).toMatchObject({
    sessions: [
      { sessionId: 'dear-2', findings: [{ code: 'DRIFT', driftNanoUsd: 1e9 }, {}] },
      { findings: [{ code: 'NEVER_SETTLED' }, { code: 'NO_TRANSCRIPT' }, { model: 'house-1' }] },
    ],
    total: { sessionCount: 2 },
  });
});

test("own prices are not compared with the client's list prices", async () => {
  const folder = join(sandbox.home, '.config/tollgate');
  mkdirSync(folder, { recursive: true });
  const models = { 'claude-opus-5-5': { input: '1', output: '2' } };
  writeFileSync(join(folder, 'config.json'), JSON.stringify({ pricing: { models } }));
  spendMoreThanTold();
  const { stdout, exitCode } = await reconcile();
  expect(exitCode).toBe(0);
  expect(stdout).toContain('own prices by model are configured');
});

test('a bill is told by day and model, with likely causes, who is on it, and shares of clients', async () => {
  withLedger((store) =>
    recordAll(store, [
      request({ id: 'a', at: DAY, cost: 3e9, labels: { client: 'Acme', developer: 'mia@x' } }),
    ]),
  );
  const rows = [
    '2026-11-20,Claude Opus 5.5,mia@x,1.5,3,token',
    '2026-11-20,Claude Opus 5.5,chat,4,4,token',
    '2026-11-18,Claude Haiku 4.5,mia@x,1,1,token',
  ];
  const file = put('bill.csv', `${HEADING}${rows.join('\n')}\n`);
  const { stdout, exitCode } = await reconcile('--from', file, '--spread', '--payer', 'mia@x');
  expect(exitCode).toBe(1);
  const bill = stdout.slice(stdout.indexOf('Against the bill'));
  expect(bill.split('\n').map((line) => line.replace(/ {2,}/g, '  '))).toEqual([
    `Against the bill of ${file}, 2026-11-18 to 2026-11-20 (UTC)`,
    'day  ledger  provider  difference  likely cause',
    '2026-11-18  $0.00  $1.00  -$1.00  spent elsewhere: other people, machines or programs of the organisation',
    '  claude-haiku-4-5  $0.00  $1.00  -$1.00  spent elsewhere: other people, machines or programs of the organisation',
    '2026-11-20  $3.00  $1.50  +$1.50  another price: the provider charges 0.5 of ours (pricing.multiplier, batch)',
    '  claude-opus-5-5  $3.00  $1.50  +$1.50  another price: the provider charges 0.5 of ours (pricing.multiplier, batch)',
    '',
    'Provider − ledger: -$0.50',
    'Discounts on list price: $1.50',
    'Paid by others on this bill, left out: $4.00',
    'On the bill:',
    '  chat  $4.00',
    '  mia@x  $2.50, in the ledger $3.00',
    'By client, by what each has cost:',
    '  Acme  -$0.50',
    'tollgate statement --all --difference=-0.50 puts these shares on their statements.',
    '',
  ]);
  const { stdout: empty } = await reconcile('--from', put('empty.csv', HEADING));
  expect(empty).toContain('Nothing was spent on either side.\n');
});

test('a bill without a ledger is compared with nothing', async () => {
  const file = put('bill.csv', `${HEADING}2026-11-18,Claude Haiku 4.5,,1,,token\n`);
  const { stdout, exitCode } = await reconcile('--from', file, '--json');
  expect(exitCode).toBe(1);
  expect(JSON.parse(stdout).provider).toMatchObject({
    ...{ payers: [], spread: null },
    total: { ledgerNanoUsd: 0, providerNanoUsd: 1e9, differenceNanoUsd: -1e9 },
  });
});

test.each([
  [
    'an address that is not https',
    ['--api-url', 'http://example.com'],
    'must not travel in the clear',
  ],
  ['no address at all', ['--api-url', 'here'], '--api-url here is not an https address'],
  ['no key', ['--bill'], 'ANTHROPIC_ADMIN_KEY is not set'],
  ['a key of several words', ['--admin-key-env', 'WORDS'], 'WORDS holds no key'],
  ['no file', ['--from', 'nowhere.csv'], 'hint: give the path of the exported file'],
])('%s is refused before anything is sent', async (_, words, told) => {
  const { exitCode, stdout, stderr } = await runCli(sandbox, ['reconcile', ...words], {
    env: sandbox.env({
      WORDS: 'two words',
      ...(words[0] === '--api-url' ? { ANTHROPIC_ADMIN_KEY: KEY } : {}),
    }),
  });
  expect([exitCode, stdout, stderr]).toEqual([2, '', expect.stringContaining(told)]);
  expect(stderr).toContain('hint: ');
  expect(stderr).not.toContain(KEY);
});

test.each([
  ['a day that is none', 'soon', 'USD', '"soon" is no date'],
  ['other money', '2026-11-18', 'EUR', 'an amount is in EUR'],
])('an analytics report with %s is refused with what is wrong', async (_, date, currency, told) => {
  const spent = { model: 'm', estimated_cost: { amount: '1', currency } };
  const data = [{ date, actor: { api_key_name: 'ci' }, model_breakdown: [spent] }];
  const { exitCode, stderr } = await reconcile('--from', put('a.json', JSON.stringify({ data })));
  expect([exitCode, stderr]).toEqual([2, expect.stringContaining(told)]);
});
