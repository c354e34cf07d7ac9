// Statements from the command line: a draft, issued, sent, verified, corrected by the next one.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Statement } from '../../src/statements/statement.ts';
import { openSqliteStore } from '../../src/stores/sqlite/sqlite.ts';
import { cliOk, runCli } from '../support/in-process-cli.ts';
import { correction, recordAll, request } from '../support/ledger-entries.ts';
import { createSandbox, type Sandbox } from '../support/sandbox.ts';

let sandbox: Sandbox;
const ledger = () => join(sandbox.tollgateHome, 'ledger.db');
const fileOf = (name: string) => join(sandbox.root, name);

beforeAll(async () => {
  sandbox = await createSandbox();
  const folder = join(sandbox.home, '.config/tollgate');
  mkdirSync(folder, { recursive: true });
  const statements = {
    sender: { name: 'Agency' },
    rates: [{ currency: 'EUR', on: '2026-10-01', rate: '0.9', source: 'ECB' }],
    clients: {
      '*': { timeZone: 'Europe/Berlin', taxes: [{ name: 'VAT', share: '20%' }] },
      Acme: { currency: 'EUR', markUp: '10%', language: 'de', lines: 'branch' },
    },
  };
  writeFileSync(join(folder, 'config.json'), JSON.stringify({ timeZone: 'UTC', statements }));
  mkdirSync(sandbox.tollgateHome, { recursive: true });
  spend('a', '2026-10-05T10:00:00Z', 10_000_000_000, 'Acme');
  // 23:30 of the last of October in UTC is November in Berlin.
  spend('b', '2026-10-31T23:30:00Z', 1_000_000_000, 'Acme');
  spend('c', '2026-10-06T10:00:00Z', 5_000_000_000, null);
});
afterAll(() => sandbox.cleanup());

function spend(id: string, at: string, cost: number, client: string | null): void {
  const store = openSqliteStore(ledger());
  const words = { id, at, cost, labels: { client, branch: 'main' } };
  recordAll(store, [cost < 0 ? correction(words) : request(words)]);
  store.close();
}

interface Answer {
  readonly statements: readonly (Statement & { readonly isDraft: boolean })[];
  readonly unattributed: { readonly costNanoUsd: number } | null;
}
const json = async (...words: readonly string[]): Promise<Answer> =>
  JSON.parse(await cliOk(sandbox, ['statement', ...words, '--json'])) as Answer;

test('a draft bills the months of the client’s zone, and tells what belongs to nobody', async () => {
  const { statements, unattributed } = await json('--all', '--month', '2026-10');
  expect(statements.map(({ client, isDraft }) => [client, isDraft])).toEqual([['Acme', true]]);
  const [draft] = statements;
  expect(draft?.cost.costNanoUsd).toBe(10_000_000_000);
  expect([draft?.net, draft?.taxes[0]?.amount, draft?.total]).toEqual(['9.90', '1.98', '11.88']);
  expect(unattributed?.costNanoUsd).toBe(5_000_000_000);
});

test('what is issued can be printed again, verified, and is corrected by the next one', async () => {
  const sent = fileOf('acme.pdf');
  const october = ['statement', '--client', 'acme', '--month', '2026-10'];
  await cliOk(sandbox, [...october, '--issue', '--format', 'pdf', '--out', sent]);
  expect((await runCli(sandbox, [...october, '--issue'])).stderr).toContain('2026-0001');
  await cliOk(sandbox, [
    'statement',
    '--number',
    '2026-0001',
    '--format',
    'pdf',
    '--out',
    fileOf('again.pdf'),
  ]);
  expect(readFileSync(fileOf('again.pdf')).equals(readFileSync(sent))).toBe(true);
  expect((await runCli(sandbox, ['statement', '--verify', sent])).exitCode).toBe(0);

  spend('late', '2026-10-07T10:00:00Z', -4_000_000_000, 'Acme');
  const { exitCode, stdout } = await runCli(sandbox, ['statement', '--verify', sent, '--json']);
  expect(exitCode).toBe(1);
  expect(JSON.parse(stdout)).toMatchObject({
    ...{ number: '2026-0001', format: 'pdf', isAsIssued: true, matches: false },
    ledgerDifference: { amount: '-3.96', currency: 'EUR', costNanoUsd: -4_000_000_000 },
  });
  // One byte of the file is another one.
  const changed = readFileSync(sent);
  changed[changed.length - 40] = (changed[changed.length - 40] ?? 0) ^ 1;
  writeFileSync(fileOf('changed.pdf'), changed);
  const verified = await runCli(sandbox, [
    'statement',
    '--verify',
    fileOf('changed.pdf'),
    '--json',
  ]);
  expect(JSON.parse(verified.stdout)).toMatchObject({ number: '2026-0001', isAsIssued: false });

  const next = ['--client', 'Acme', '--month', '2026-11'];
  const later = { now: Date.parse('2026-12-01T12:00:00Z') };
  expect((await runCli(sandbox, ['statement', ...next, '--issue'])).exitCode).toBe(2);
  await cliOk(sandbox, ['statement', ...next, '--issue'], later);
  expect((await runCli(sandbox, ['statement', '--verify', sent])).exitCode).toBe(0);
  const [november] = (await json('--number', '2026-0002')).statements;
  expect(november?.lines.map(({ kind, amount }) => [kind, amount])).toEqual([
    ['usage', '0.99'],
    ['correction', '-3.96'],
  ]);
  expect([november?.net, november?.total]).toEqual(['-2.97', '-3.56']);
});

test.each([
  [['--client', 'Nobody'], 'CLIENT_UNKNOWN'],
  [['--client', 'Acme', '--month', '2026-09'], 'RATE_MISSING'],
  [['--client', 'Acme', '--format', 'pdf'], 'OUT_MISSING'],
  [['--client', 'Acme', '--month', '2026-10', '--since', '7d'], 'TIME_UNREADABLE'],
  [['--number', '7'], 'STATEMENT_UNKNOWN'],
  [['--client', 'Acme', '--format', 'doc'], 'FORMAT_UNKNOWN'],
])('%s ends with %s', async (words, code) => {
  const { exitCode, stdout, stderr } = await runCli(sandbox, ['statement', ...words]);
  expect([exitCode, stdout]).toEqual([2, '']);
  expect(stderr).toContain(WORDS[code]);
});
const WORDS: Readonly<Record<string, string>> = {
  CLIENT_UNKNOWN: 'no client is called Nobody',
  RATE_MISSING: 'no rate of EUR of 2026-09-30',
  OUT_MISSING: '--out statement.pdf',
  TIME_UNREADABLE: 'two periods',
  STATEMENT_UNKNOWN: 'no statement 7',
  FORMAT_UNKNOWN: 'formats:',
};

test('a repository says nothing about statements', async () => {
  mkdirSync(join(sandbox.repo, '.claude'), { recursive: true });
  const file = join(sandbox.repo, '.claude/tollgate.json');
  writeFileSync(file, '{"statements":{"clients":{"Acme":{"markUp":"0%"}}}}');
  const { stderr } = await runCli(sandbox, ['config']);
  expect(stderr).toContain('"statements" are not configured in a repository');
  const [draft] = (await json('--number', '2026-0001')).statements;
  expect(draft?.terms.charge).toEqual({ kind: 'cost', markUpPpm: 100_000, developers: {} });
});
