// Pull requests from branches, asked of a `gh` that is a program on PATH: what it is asked, how often, and what becomes
// of the ledger's labels whatever it answers.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { listPullRequests } from '../../../src/attribution/pull-request-list.ts';
import { openSqliteStore } from '../../../src/stores/sqlite/sqlite.ts';
import { cliOk, runCli } from '../../support/in-process-cli.ts';
import { recordAll, request } from '../../support/ledger-entries.ts';
import { basicPath, createSandbox, type Sandbox } from '../../support/sandbox.ts';

const SHOP = 'github.com/Acme/Shop';
const WEB = 'github.com/Acme/Web';
const NOW = Date.parse('2026-11-21T12:00:00Z');
const HOUR_MS = 3_600_000;
let sandbox: Sandbox;
let env: Record<string, string>;

beforeEach(async () => {
  sandbox = await createSandbox();
  await mkdir(join(sandbox.root, 'bin'));
  env = sandbox.env({ PATH: `${join(sandbox.root, 'bin')}:${basicPath}`, TOLLGATE_GH: '' });
});
afterEach(() => sandbox.cleanup());

interface Listed {
  readonly number: number;
  readonly headRefName: string;
  readonly owner?: string;
  readonly closedAt?: string;
}

/** A `gh` that answers with a file for each repository, and writes down what it is asked. */
async function installGh(lists: Readonly<Record<string, readonly Listed[]>>): Promise<void> {
  for (const [repository, list] of Object.entries(lists)) {
    const answer = list.map(({ owner = 'acme', closedAt = null, ...each }) => ({
      ...each,
      headRepositoryOwner: { login: owner },
      closedAt,
    }));
    await writeFile(join(sandbox.root, repository.replaceAll('/', '_')), JSON.stringify(answer));
  }
  await program(`echo "$*" >> "${sandbox.root}/asked"
    while [ $# -gt 0 ]; do [ "$1" = --repo ] && file=$(echo "$2" | tr / _); shift; done
    cat "${sandbox.root}/$file" || { echo "no such repository" >&2; exit 1; }`);
}

const program = (script: string) =>
  writeFile(join(sandbox.root, 'bin', 'gh'), `#!/bin/sh\n${script}\n`, { mode: 0o755 });

/** In no order: several are asked at once. */
async function asked(): Promise<readonly string[]> {
  const text = await readFile(join(sandbox.root, 'asked'), 'utf8').catch(() => '');
  return text.split('\n').filter(Boolean).sort();
}

/** One request on each branch: repository, branch, day of November, dollars. */
function spend(...requests: readonly (readonly [string | null, string | null, number, number])[]) {
  const store = openSqliteStore(join(sandbox.tollgateHome, 'ledger.db'));
  const entries = requests.map(([repository, branch, day, usd], index) =>
    request({
      id: `m${index}-${repository}-${branch}-${day}`,
      at: `2026-11-${String(day).padStart(2, '0')}T10:00Z`,
      cost: usd * 1e9,
      labels: { repository, branch },
    }),
  );
  recordAll(store, entries);
  store.close();
}

async function byPullRequest(now = NOW): Promise<Record<string, number>> {
  const json = await cliOk(sandbox, ['report', '--by', 'pr', '--json'], { env, now });
  const { rows } = JSON.parse(json) as { rows: { key: { pr: string }; costUsd: number }[] };
  return Object.fromEntries(rows.map(({ key, costUsd }) => [key.pr, costUsd]));
}

describe('branches get their pull requests', () => {
  test('with one question for each repository, at most once an hour', async () => {
    await installGh({
      [SHOP]: [
        { number: 7, headRefName: 'feat/a' },
        { number: 8, headRefName: 'feat/b' },
      ],
      [WEB]: [{ number: 70, headRefName: 'feat/a' }],
    });
    spend([SHOP, 'feat/a', 18, 1], [SHOP, 'feat/b', 18, 2], [SHOP, 'main', 18, 4]);
    spend([WEB, 'feat/a', 18, 8], ['/home/dana/notes', 'feat/a', 18, 16], [null, null, 18, 32]);
    expect(await byPullRequest()).toEqual({ 7: 1, 8: 2, 70: 8, '(unattributed)': 52 });
    expect(await asked()).toEqual(
      [SHOP, WEB].map(
        (repository) =>
          `pr list --repo ${repository} --state all --limit 300 --json number,headRefName,headRepositoryOwner,closedAt`,
      ),
    );
    spend([SHOP, 'feat/a', 19, 64]);
    expect(await byPullRequest(NOW + HOUR_MS / 2)).toMatchObject({ 7: 1, '(unattributed)': 116 });
    expect(await asked()).toHaveLength(2);
    expect(await byPullRequest(NOW + HOUR_MS)).toMatchObject({ 7: 65, '(unattributed)': 52 });
  });

  test('also by sync, which says so', async () => {
    await installGh({ [SHOP]: [{ number: 7, headRefName: 'feat/a' }] });
    spend([SHOP, 'feat/a', 18, 1], [SHOP, 'feat/a', 19, 1]);
    expect(await cliOk(sandbox, ['sync'], { env })).toContain(
      'Linked 2 ledger entries to pull requests (gh).',
    );
    const json = await cliOk(sandbox, ['sync', '--json'], { env, now: NOW + HOUR_MS });
    // Nothing is left without one, so nobody is asked.
    expect(JSON.parse(json)).toMatchObject({ pullRequests: null });
    expect(await asked()).toHaveLength(1);
  });

  test('a branch that had two gives each request to the one that was closed next', async () => {
    await installGh({
      [SHOP]: [
        { number: 9, headRefName: 'next' },
        { number: 5, headRefName: 'next', closedAt: '2026-11-10T12:00:00Z' },
        { number: 3, headRefName: 'gone', closedAt: '2026-11-10T12:00:00Z' },
      ],
    });
    spend([SHOP, 'next', 9, 1], [SHOP, 'next', 11, 2], [SHOP, 'gone', 9, 4], [SHOP, 'gone', 11, 8]);
    expect(await byPullRequest()).toEqual({ 5: 1, 9: 2, 3: 4, '(unattributed)': 8 });
  });

  test('also more lines than one transaction takes, all of one instant', async () => {
    await installGh({ [SHOP]: [{ number: 7, headRefName: 'feat/a' }] });
    spend(...Array.from({ length: 4_100 }, () => [SHOP, 'feat/a', 18, 1] as const));
    expect(await byPullRequest()).toEqual({ 7: 4_100 });
  });

  test('a branch that was renamed has it under every name', async () => {
    await installGh({ [SHOP]: [{ number: 7, headRefName: 'feat/c' }] });
    spend([SHOP, 'feat/a', 18, 1], [SHOP, 'feat/b', 18, 2], [SHOP, 'feat/c', 18, 4]);
    const store = openSqliteStore(join(sandbox.tollgateHome, 'ledger.db'));
    for (const session of store.readSessions({})) {
      store.writeSession({ ...session, repository: SHOP, cwd: sandbox.repo });
    }
    store.close();
    await sandbox.git('switch', '--quiet', '--create', 'feat/a');
    await sandbox.git('branch', '--move', 'feat/b');
    await sandbox.git('branch', '--move', 'feat/c');
    expect(await byPullRequest()).toEqual({ 7: 7 });
  });

  test("a fork's branch of the same name is another branch", async () => {
    await installGh({ [SHOP]: [{ number: 7, headRefName: 'main', owner: 'stranger' }] });
    spend([SHOP, 'main', 18, 1]);
    expect(await byPullRequest()).toEqual({ '(unattributed)': 1 });
  });

  test('with a trail, and a way back', async () => {
    await installGh({ [SHOP]: [{ number: 7, headRefName: 'feat/a' }] });
    spend([SHOP, 'feat/a', 18, 1]);
    const total = async () => {
      const json = await cliOk(sandbox, ['report', '--json'], { env });
      return (JSON.parse(json) as { total: object }).total;
    };
    const before = await total();
    expect(await byPullRequest()).toEqual({ 7: 1 });
    expect(await total()).toEqual(before);
    await cliOk(sandbox, ['label', '--undo', '--yes', '--where', 'pr=7'], { env });
    expect(await byPullRequest()).toEqual({ '(unattributed)': 1 });
    // Said by a person, it is not asked about any more.
    await cliOk(sandbox, ['label', 'pr=none', '--yes', '--where', 'branch=feat/a'], { env });
    expect(await byPullRequest(NOW + HOUR_MS)).toEqual({ none: 1 });
    expect(await asked()).toHaveLength(1);
  });
});

describe('nothing is lost', () => {
  test.each([
    ['refuses', 'echo "run gh auth login" >&2; exit 4', 'run gh auth login'],
    ['refuses late', 'sleep 0.7; echo "run gh auth login" >&2; exit 4', 'run gh auth login'],
    ['ends without a word', 'exit 3', 'it ended with 3'],
    ['answers nonsense', 'echo "<html>"', 'no list of pull requests'],
    ['answers another thing', 'echo "{}"', 'no list of pull requests'],
  ])('when gh %s', async (_, script, why) => {
    await program(script);
    spend([SHOP, 'feat/a', 18, 1]);
    const run = await runCli(sandbox, ['report', '--by', 'pr'], { env });
    expect(run).toMatchObject({ exitCode: 0 });
    expect(run.stderr).toContain(`pull requests of ${SHOP}: `);
    expect(run.stderr).toContain(why);
    expect(run.stderr.trim().split('\n')).toHaveLength(1);
    expect(run.stdout).toContain('(unattributed)');
    // It is not said again with every report.
    expect((await runCli(sandbox, ['report', '--by', 'pr'], { env })).stderr).toBe('');
  });

  test('when it lists what nobody understands', async () => {
    await program(`echo '[null, 1, {"number": "7"}, {"number": 7, "headRefName": "feat/a"}]'`);
    spend([SHOP, 'feat/a', 18, 1]);
    expect(await byPullRequest()).toEqual({ '(unattributed)': 1 });
  });

  test('when it hangs, with children that hold its output', async () => {
    await program('sleep 20 & sleep 20');
    const startedAt = Date.now();
    const answer = await listPullRequests(join(sandbox.root, 'bin', 'gh'), SHOP, env, 300);
    expect(answer).toEqual({ kind: 'failed', why: 'no answer within 0.3 s' });
    expect(Date.now() - startedAt).toBeLessThan(5_000);
  });
});

describe('nobody is asked', () => {
  test.each([
    ['when it is switched off', { TOLLGATE_GH: 'off' }],
    ['from the shell of an agent, whose gh may be anything', { CLAUDECODE: '1' }],
    ['when there is no gh', { PATH: '/nowhere' }],
  ])('%s', async (_, more) => {
    await installGh({ [SHOP]: [{ number: 7, headRefName: 'feat/a' }] });
    spend([SHOP, 'feat/a', 18, 1]);
    env = { ...env, ...more };
    expect(await byPullRequest()).toEqual({ '(unattributed)': 1 });
    expect(await asked()).toEqual([]);
  });

  test('about folders, other hosts, and for reports without pull requests', async () => {
    await installGh({});
    spend(['/home/dana/notes', 'a', 18, 1], ['gitlab.com/Acme/Shop', 'a', 18, 1]);
    spend([SHOP, null, 18, 1]);
    await byPullRequest();
    spend([SHOP, 'feat/a', 18, 1]);
    await cliOk(sandbox, ['report', '--by', 'branch'], { env });
    expect(await asked()).toEqual([]);
    // A report has looked for branches just now; sync looks again.
    await cliOk(sandbox, ['report', '--where', 'pr=7'], { env });
    expect(await asked()).toEqual([]);
    await cliOk(sandbox, ['report', '--where', 'pr=7'], { env, now: NOW + HOUR_MS / 6 });
    expect(await asked()).toHaveLength(1);
    spend([WEB, 'feat/a', 18, 1]);
    await cliOk(sandbox, ['sync'], { env, now: NOW + HOUR_MS / 6 });
    expect(await asked()).toHaveLength(2);
  });

  test('but another program that is named', async () => {
    await installGh({ [SHOP]: [{ number: 7, headRefName: 'feat/a' }] });
    spend([SHOP, 'feat/a', 18, 1]);
    env = { ...env, PATH: '/nowhere', TOLLGATE_GH: join(sandbox.root, 'bin', 'gh') };
    // The stand-in itself needs the system's tools.
    await program(`PATH=${basicPath}; cat "${sandbox.root}/${SHOP.replaceAll('/', '_')}"`);
    expect(await byPullRequest()).toEqual({ 7: 1 });
  });
});
