// Several machines come together by exports: nothing is counted twice, nothing that was tampered with counts, and no ceiling sees it.
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { CliContext } from '../../src/cli/command.ts';
import { sessionId } from '../../src/domain/ids.ts';
import { openSqliteStore } from '../../src/stores/sqlite/sqlite.ts';
import type { Pool, Store } from '../../src/stores/store.ts';
import { cliOk, runCli } from '../support/in-process-cli.ts';
import { correction, type EntryWords, recordAll, request } from '../support/ledger-entries.ts';
import { createSandbox, type Sandbox } from '../support/sandbox.ts';
import { randomFrom } from '../support/statement-world.ts';

const NOW = Date.parse('2026-11-21T12:00:00Z');
let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await createSandbox();
});
afterEach(() => sandbox.cleanup());

const fileOf = (name: string) => join(sandbox.root, name);
const home = (machine: string) => fileOf(`home-${machine}`);
const as = (machine: string, now = NOW): Partial<CliContext> => ({
  env: sandbox.env({ TOLLGATE_HOME: home(machine) }),
  now,
});

function on<T>(machine: string, work: (store: Store) => T): T {
  mkdirSync(home(machine), { recursive: true, mode: 0o700 });
  const store = openSqliteStore(join(home(machine), 'ledger.db'));
  try {
    return work(store);
  } finally {
    store.close();
  }
}
const spend = (machine: string, ...words: readonly EntryWords[]) =>
  on(machine, (store) => recordAll(store, words.map(request)));
const totals = (machine: string) => on(machine, (store) => store.readLedgerTotals());

async function send(from: string, now = NOW): Promise<string> {
  const file = fileOf(`${from}.jsonl`);
  await cliOk(sandbox, ['export', '--developer', `${from}@x`, '--out', file], as(from, now));
  return file;
}
interface Result {
  readonly addedRequestCount: number;
  readonly addedNanoUsd: number;
  readonly duplicateCount: number;
  readonly skippedCount: number;
  readonly knownCount: number;
  readonly relabelledCount: number;
}
async function take(machine: string, file: string, ...words: readonly string[]): Promise<Result> {
  const text = await cliOk(sandbox, ['import', file, '--json', ...words], as(machine));
  return (JSON.parse(text) as { bundles: [Result] }).bundles[0];
}

const at = '2026-11-20T10:00:00Z';

test('machines that were imported are listed with their keys; without a file there is nothing to import', async () => {
  on('lead', () => {});
  expect(await cliOk(sandbox, ['import', '--machines'], as('lead'))).toBe(
    'Nothing was imported yet.\n',
  );
  spend('mia', { id: 'a', at, cost: 5e9 });
  const file = await send('mia');
  const own = (await cliOk(sandbox, ['export', '--fingerprint'], as('mia'))).trim();
  const first = await cliOk(sandbox, ['import', file], as('lead'));
  expect(first).toContain('1 request added, $5.00.\n');
  expect(first).toMatch(/ is new: its key [\da-f ]+ is trusted from now on\./);
  const again = await cliOk(sandbox, ['import', file], as('lead'));
  expect(again).toContain('0 requests added, $0.00');
  expect(again).not.toContain('is new');
  const listed = await cliOk(sandbox, ['import', '--machines'], as('lead'));
  expect(listed).toMatch(/^[\da-f ]+ {2}.* \(mia@x\), exported 2026-11-21 12:00 UTC\n$/);
  const [fingerprint = ''] = listed.split('  ');
  for (const text of [own, first]) expect(text).toContain(fingerprint);
  const json = JSON.parse(await cliOk(sandbox, ['import', '--machines', '--json'], as('lead')));
  expect(json.machines).toMatchObject([{ developer: 'mia@x', fingerprint }]);
  for (const [words, told] of [
    [[], 'no bundle is named'],
    [[join(sandbox.root, 'nowhere')], 'hint: give the path of a file that tollgate export'],
  ] as const) {
    const { exitCode, stderr } = await runCli(sandbox, ['import', ...words], as('lead'));
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining(told)]);
  }
});

test('what both machines have counts once, growth and settlements come along, and twice is once', async () => {
  // A fork copied `shared` to the other machine, where its transcript was cut short.
  spend('mia', { id: 'a', at, session: 's-mia', cost: 5e9 }, { id: 'shared', at, cost: 2e9 });
  const grown = { id: 'shared', at, cost: 3e9, usage: { outputTokens: 300 } };
  spend('mia', grown);
  on('mia', (store) =>
    recordAll(store, [correction({ id: 'settled:s-mia:0', at, session: 's-mia', cost: 1e9 })]),
  );
  spend('ben', { id: 'b', at, session: 's-ben', cost: 7e9 }, { id: 'shared', at, cost: 2e9 });

  const file = await send('mia');
  expect(await take('ben', file)).toMatchObject({ addedRequestCount: 1, addedNanoUsd: 7e9 });
  expect(totals('ben')).toEqual({ requestCount: 3, costNanoUsd: 16e9 });
  expect(await take('ben', file)).toMatchObject({
    addedRequestCount: 0,
    addedNanoUsd: 0,
    knownCount: 4,
  });

  spend('mia', { id: 'later', at, session: 's-mia', cost: 4e9 });
  const old = readFileSync(file, 'utf8');
  const updated = await send('mia', NOW + 1);
  expect(readFileSync(updated, 'utf8').startsWith(old.slice(0, old.indexOf('{"end"')))).toBe(true);
  expect(await take('ben', updated)).toMatchObject({
    ...{ addedRequestCount: 1, addedNanoUsd: 4e9, knownCount: 4 },
  });
  const rows = JSON.parse(
    await cliOk(sandbox, ['report', '--by', 'developer', '--json'], as('ben')),
  ) as { rows: { key?: string; name?: string; costNanoUsd: number }[] };
  expect(rows.rows.find((row) => JSON.stringify(row).includes('mia@x'))?.costNanoUsd).toBe(10e9);
});

test('labels that were moved there are moved here, unless a person moved them here since', async () => {
  const move = (machine: string, client: string) =>
    on(machine, (store) =>
      store.immediately(() => {
        const window = { startAt: 0, endAt: Number.POSITIVE_INFINITY };
        for (const line of store.readLines({ window, where: [] })) {
          store.reattribute(line, { ...line.attribution, client }, NOW);
        }
      }),
    );
  const clients = (machine: string) =>
    on(machine, (store) => {
      const window = { startAt: 0, endAt: Number.POSITIVE_INFINITY };
      return store.readLines({ window, where: [] }).map(({ attribution }) => attribution.client);
    });
  spend('mia', { id: 'a', at, session: 's-mia', labels: { client: 'Acme' } });
  await take('ben', await send('mia'));
  const first = readFileSync(fileOf('mia.jsonl'));
  move('mia', 'Bolt');
  expect(await take('ben', await send('mia', NOW + 1))).toMatchObject({ relabelledCount: 1 });
  expect(clients('ben')).toEqual(['Bolt']);
  move('ben', 'Cord');
  await take('ben', fileOf('mia.jsonl'));
  writeFileSync(fileOf('first.jsonl'), first);
  await take('ben', fileOf('first.jsonl'));
  expect(clients('ben')).toEqual(['Cord']);
});

test('a bundle that was tampered with is refused whole', async () => {
  spend('mia', { id: 'a', at, cost: 5e9 }, { id: 'b', at, cost: 6e9 }, { id: 'c', at, cost: 7e9 });
  const lines = readFileSync(await send('mia'), 'utf8')
    .trimEnd()
    .split('\n');
  const [head = '', a = '', b = '', c = '', end = ''] = lines;
  const bad: Readonly<Record<string, readonly string[]>> = {
    'a cost was changed': [head, a.replace('5000000000', '1000000000'), b, c, end],
    'a line was dropped': [head, a, c, end],
    'the last line was dropped': [head, a, b, end],
    'lines were swapped': [head, b, a, c, end],
    'a line was added': [head, a, a, b, c, end],
    'it was cut off': [head, a, b],
    'the end was changed': [head, a, b, c, end.replace('mia@x', 'eve@x')],
    'the key was changed': [head.replace(/"publicKey":"...../, '"publicKey":"AAAAA'), a, b, c, end],
    'it is no bundle': ['{}'],
    'it is empty': [],
  };
  for (const [why, texts] of Object.entries(bad)) {
    writeFileSync(fileOf('bad.jsonl'), texts.map((text) => `${text}\n`).join(''));
    const { exitCode, stderr } = await runCli(sandbox, ['import', fileOf('bad.jsonl')], as('ben'));
    expect([why, exitCode], stderr).toEqual([why, 2]);
    expect(stderr).toMatch(/was not imported: line \d+/);
  }
  expect(await take('ben', fileOf('mia.jsonl'))).toMatchObject({ addedRequestCount: 3 });
});

test('the first key stands; another one takes a person who has compared it', async () => {
  spend('mia', { id: 'a', at });
  await take('ben', await send('mia'));
  const key = join(home('mia'), 'machine-key.json');
  if (process.platform !== 'win32') expect(statSync(key).mode & 0o777).toBe(0o600);
  const { machineId } = JSON.parse(readFileSync(key, 'utf8')) as { machineId: string };
  rmSync(key);
  const print = (await cliOk(sandbox, ['export', '--fingerprint'], as('mia'))).trim();
  const forged = JSON.parse(readFileSync(key, 'utf8')) as object;
  writeFileSync(key, JSON.stringify({ ...forged, machineId }), { mode: 0o600 });
  const file = await send('mia', NOW + 1);
  const refused = await runCli(sandbox, ['import', file], as('ben'));
  expect([refused.exitCode, refused.stderr]).toEqual([2, expect.stringContaining(print)]);
  const other = await runCli(sandbox, ['import', file, '--trust', '00'], as('ben'));
  expect(other.exitCode).toBe(2);
  expect(await take('ben', file, '--trust', print)).toMatchObject({ addedRequestCount: 0 });
  expect(await take('ben', file)).toMatchObject({ addedRequestCount: 0 });
});

test('agents import nothing, and a machine not its own', async () => {
  spend('mia', { id: 'a', at });
  const file = await send('mia');
  const env = sandbox.env({ TOLLGATE_HOME: home('ben'), CLAUDECODE: '1' });
  const byAgent = await runCli(sandbox, ['import', file], { ...as('ben'), env });
  expect(byAgent.stderr).toContain('is for people');
  expect((await runCli(sandbox, ['import', file], as('mia'))).stderr).toContain('all of it');
});

test('no ceiling of this machine counts what was imported', async () => {
  spend('mia', { id: 'a', at, session: 's-mia', cost: 500e9 });
  spend('ben', { id: 'b', at, session: 's-ben', cost: 2e9 });
  const everything: Pool = {
    ...{ key: 'day', window: { startAt: 0, endAt: Number.POSITIVE_INFINITY } },
    ...{ labels: {}, sessions: null, turnId: null, agentId: null, isAhead: false },
  };
  const posted = (key: string) =>
    on('ben', (store) => {
      const except = { sessionId: sessionId('s-ben'), agentId: null };
      return store.readPoolSpend({ ...everything, key }, except, NOW).postedNanoUsd;
    });
  expect(posted('kept')).toBe(2e9);
  await take('ben', await send('mia'));
  expect([posted('kept'), posted('fresh'), posted('rolling:1')]).toEqual([2e9, 2e9, 2e9]);
  expect(on('ben', (store) => store.readSessions({}).map((each) => each.sessionId))).toEqual([
    's-ben',
  ]);
  expect(totals('ben').costNanoUsd).toBe(502e9);
});

test('machines in any order, as often as one likes, come to the same', async () => {
  const { below, pick } = randomFrom(3);
  const names = ['m0', 'm1', 'm2'];
  const all = Array.from({ length: 40 }, (_, index) => ({
    ...{ id: `r${index}`, at, session: `s${index % 6}`, cost: 1e9 + index },
    outputs: [100, 200, 300],
  }));
  for (const name of names) {
    const seen = all.filter(() => below(2) === 0);
    for (const { outputs, ...words } of seen) {
      const outputTokens = pick(outputs);
      spend(name, { ...words, cost: words.cost * outputTokens, usage: { outputTokens } });
      if (below(4) === 0)
        spend(name, { ...words, cost: words.cost * 400, usage: { outputTokens: 400 } });
    }
  }
  const files = await Promise.all(names.map((name) => send(name)));
  const orders = [
    [0, 1, 2],
    [2, 1, 0, 2],
    [1, 1, 0, 2, 0],
  ];
  const sums: unknown[] = [];
  for (const [index, order] of orders.entries()) {
    for (const which of order) await take(`reader-${index}`, files[which] ?? '');
    sums.push(totals(`reader-${index}`));
  }
  expect(new Set(sums.map((sum) => JSON.stringify(sum))).size).toBe(1);
  expect(sums[0]).toMatchObject({ requestCount: expect.any(Number) });
});
