// Words and figures of reports, prices and periods, over the shop.
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openSqliteStore } from '../../../src/stores/sqlite/sqlite.ts';
import { cliOk, runCli } from '../../support/in-process-cli.ts';
import { recordAll, request } from '../../support/ledger-entries.ts';
import { createSandbox, type Sandbox } from '../../support/sandbox.ts';
import { openShop, SHOP_NOW } from '../../support/shop.ts';

let shop: Sandbox;
beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop.cleanup());
const at = { now: SHOP_NOW };

interface ReportJson {
  readonly by: readonly string[];
  readonly rows: readonly { readonly key: Record<string, string>; readonly costNanoUsd: number }[];
  readonly total: { readonly costNanoUsd: number };
}
const report = async (...words: string[]) =>
  JSON.parse(await cliOk(shop, ['report', '--json', ...words], at)) as ReportJson;

describe('reports', () => {
  test('have any number of groups in JSON and CSV', async () => {
    const { by, rows, total } = await report('--by', 'day,project,session,model');
    expect(by).toEqual(['day', 'project', 'session', 'model']);
    expect(rows).toHaveLength(3);
    expect(rows.reduce((sum, { costNanoUsd }) => sum + costNanoUsd, 0)).toBe(total.costNanoUsd);
    expect(rows[0]?.key.project).toBe(shop.repo);
    const csv = await cliOk(shop, ['report', '--by', 'day,project,session', '--format', 'csv'], at);
    expect(csv.split('\r\n')[0]).toMatch(/^day,project,session,cost_usd,/);
    const table = await runCli(shop, ['report', '--by', 'day,project,session'], at);
    expect(table).toMatchObject({ exitCode: 2, stdout: '' });
    expect(table.stderr).toContain('--format csv or --json');
    expect((await runCli(shop, ['report', '--by', 'day,day', '--json'], at)).exitCode).toBe(2);
  });

  test('divide by project in a table', async () => {
    expect(await cliOk(shop, ['report', '--by', 'project'], at)).toContain(`${shop.repo}  $5.98`);
  });

  test.each(['last-week', 'last week', '3 days ago', 'november', '2026'])(
    'read the time %s',
    async (words) => {
      expect((await report('--since', words)).total.costNanoUsd).toBeGreaterThan(5_000_000_000);
    },
  );
});

describe('a price without a usage', () => {
  test('is the card in dollars per million tokens', async () => {
    const text = await cliOk(shop, ['price', 'claude-opus-4-7'], at);
    expect(text).toMatch(/claude-opus-4-7, dollars per million tokens/);
    expect(text).toMatch(/input +\$5\.00\n +output +\$25\.00\n +cache read +\$0\.50\n/);
    expect(JSON.parse(await cliOk(shop, ['price', 'opus', '--json'], at))).toMatchObject({
      schema: 'tollgate/price@1',
      usdPerMillionTokens: { input: expect.any(Number), output: expect.any(Number) },
    });
    const unknown = await runCli(shop, ['price', 'gpt-9'], at);
    expect(unknown.stderr).toContain('gpt-9 has no price; it is counted as');
  });
});

describe('odd input is refused, and extreme instants are shown', () => {
  test.each([
    [['why', '--timezone', 'Mars/Phobos']],
    [['report', '--timezone', 'Mars/Phobos']],
    [['reconcile', '--since', '99999999999d']],
    [['grant', '1', '--expires', '99999999999999d', '--yes']],
  ])('%j', async (words) => {
    const { exitCode, stderr } = await runCli(shop, words, at);
    expect(exitCode).toBe(2);
    expect(stderr).not.toContain('bug');
  });

  test('entries of other centuries do not end a report', async () => {
    const sandbox = await createSandbox();
    await mkdir(sandbox.tollgateHome, { recursive: true });
    const store = openSqliteStore(join(sandbox.tollgateHome, 'ledger.db'));
    recordAll(store, [
      request({ id: 'old', at: '0001-01-01T00:00Z', cost: 1_000_000_000 }),
      request({ id: 'new', at: '9999-12-31T23:00Z', cost: 2_000_000_000 }),
      request({ id: 'far', at: '+275760-09-13T00:00:00.000Z', cost: 4_000_000_000 }),
    ]);
    store.close();
    for (const by of ['day', 'week', 'month', 'hour', 'block', 'session']) {
      const words = ['report', '--by', by, '--json', '--timezone', 'Europe/Berlin'];
      const { exitCode, stdout, stderr } = await runCli(sandbox, words, at);
      expect(exitCode, stderr).toBe(0);
      expect((JSON.parse(stdout) as ReportJson).total.costNanoUsd).toBe(7_000_000_000);
    }
    for (const words of [
      ['report'],
      ['status'],
      ['why'],
      ['replay'],
      ['report', '--by', 'month'],
    ]) {
      const { exitCode, stderr } = await runCli(sandbox, words, at);
      expect(exitCode, stderr).toBe(0);
    }
    await sandbox.cleanup();
  });
});

// Field case 23.
test('a sync that finds nothing names where it looked', async () => {
  const nowhere = join(shop.root, 'nowhere');
  const env = shop.env({ CLAUDE_CONFIG_DIR: nowhere, TOLLGATE_HOME: join(shop.root, 'other') });
  const { exitCode, stderr } = await runCli(shop, ['sync'], { ...at, env });
  expect(exitCode).toBe(0);
  expect(stderr).toContain(nowhere);
  expect(existsSync(nowhere)).toBe(false);
});

// Field case 26.
test('a branch without a base is told', async () => {
  await shop.git('checkout', '--quiet', '-b', 'develop');
  await shop.git('branch', '--quiet', '-D', 'main');
  await shop.git('checkout', '--quiet', '-b', 'feat/x');
  const { exitCode, stderr } = await runCli(shop, ['pr', '--format', 'line'], at);
  expect(exitCode).toBe(0);
  expect(stderr).toContain('no base branch was found');
  expect(stderr).toContain('--base develop');
  expect((await runCli(shop, ['pr', '--base', 'develop'], at)).stderr).toBe('');
});
