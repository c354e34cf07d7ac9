// `tollgate replay`: what other budgets and circuit breakers would have done in the shop, as people and programs are told it.
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openLedger } from '../../../src/wire.ts';
import { runCli } from '../../support/in-process-cli.ts';
import { recordAll, request } from '../../support/ledger-entries.ts';
import { createSandbox, type Sandbox } from '../../support/sandbox.ts';
import { HALTED, openShop, SHOP_NOW, WORKING } from '../../support/shop.ts';

let shop: Sandbox;
beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop.cleanup());

const PLAN = { id: 'max', plan: 'five-hour', hard: '80%' };
const put = (config: object) =>
  writeFileSync(
    join(shop.repo, 'new.json'),
    JSON.stringify({ timeZone: 'UTC', safety: 'none', ...config }),
  );
const replay = (...words: string[]) =>
  runCli(shop, ['replay', '--config', 'new.json', ...words], { now: SHOP_NOW });

interface ReplayJson {
  readonly stops: readonly { readonly sessionId: string; readonly savedNanoUsd: number }[];
  readonly notices: readonly { readonly sessionId: string }[];
  readonly spentUsd: number;
  readonly savedUsd: number;
  readonly leftOut: readonly string[];
  readonly loops: { readonly sessionCount: number; readonly goneCount: number };
}
const json = async (...words: string[]) =>
  JSON.parse((await replay('--json', ...words)).stdout) as ReplayJson;

test('each halt is told with its budget, and what it would have saved and broken off', async () => {
  put({ budgets: [{ id: 'session', hard: '0.20' }] });
  const { stdout, stderr, exitCode } = await replay();
  expect([exitCode, stderr]).toEqual([0, '']);
  const { stops, savedUsd, spentUsd } = await json();
  expect(stops.map(({ sessionId }) => sessionId)).toContain(HALTED);
  const saved = stops.reduce((sum, { savedNanoUsd }) => sum + savedNanoUsd, 0);
  expect(savedUsd).toBeCloseTo(saved / 1e9, 6);
  expect(savedUsd).toBeLessThan(spentUsd);
  const count = `${stops.length} halts in ${stops.length} sessions`;
  expect(stdout).toContain(`${count} would have saved $${savedUsd.toFixed(2)} and broken off`);
  const line =
    /2026-11-21 \d\d:\d\d {2}session b2c3d4e5 {2}budget session: \$0\.\d\d of \$0\.20 spent\n {4}\d+ later requests would not have been made: \$\d\.\d\d\n/;
  expect(stdout).toMatch(line);
});

test('of one session, though the others draw on the same day', async () => {
  put({ budgets: [{ id: 'day', period: 'day', soft: '1.00', hard: '3.00' }] });
  const all = await json();
  const one = await json('--session', WORKING.slice(0, 8));
  expect(new Set(all.stops.map(({ sessionId }) => sessionId)).size).toBe(2);
  expect(new Set(one.stops.map(({ sessionId }) => sessionId))).toEqual(new Set([WORKING]));
  expect(one.savedUsd).toBeLessThan(all.savedUsd);
  expect(one.notices).toEqual([]);
  expect(all.notices.length).toBeGreaterThan(0);
});

test("a plan's window cannot be replayed, and that is said", async () => {
  put({ budgets: [PLAN, { id: 'session', hard: '50' }] });
  const { stdout, stderr } = await replay();
  expect(stderr).toMatch(/^tollgate: 1 budget in windows of a plan is left out \(max\)/);
  expect(stdout).toContain('Nothing would have been halted.');
  expect((await json()).leftOut).toEqual(['max']);
});

test('what cannot be tried says why', async () => {
  put({ budgets: [{ id: 'x', hard: 'much' }] });
  const { exitCode, stdout, stderr } = await replay();
  expect([exitCode, stdout]).toEqual([2, '']);
  expect(stderr).toMatch(/new\.json:1:\d+ budgets\[0\]\.hard: .*\n.*has mistakes\n {2}hint: /);
  const bare = await createSandbox();
  const { stderr: told } = await runCli(bare, ['replay'], { now: SHOP_NOW });
  expect(told).toMatch(/there is no ledger yet.*\n {2}hint: tollgate sync/);
  await bare.cleanup();
});

test('many halts are counted, the first are shown; transcripts that are gone are counted, too', async () => {
  const store = openLedger(shop.tollgateHome, shop.env());
  recordAll(
    store,
    Array.from({ length: 50 }, (_, index) =>
      request({
        id: `many-${index}`,
        session: `many-${index >> 1}`,
        at: SHOP_NOW - (100 - index) * 60_000,
      }),
    ),
  );
  store.close();
  put({ budgets: [{ id: 'session', hard: '0.90' }] });
  const { stdout } = await replay();
  const { stops, loops } = await json();
  expect(stops.length).toBeGreaterThanOrEqual(25);
  expect(stdout).toContain(`  … and ${stops.length - 20} more (--json)\n`);
  expect(stdout.match(/would not have been made/g)).toHaveLength(20);
  expect(loops).toMatchObject({ sessionCount: 4, goneCount: 25 });
  rmSync(join(shop.home, '.claude/projects'), { recursive: true });
  expect((await replay()).stdout).toContain(
    'Circuit breakers in 0 sessions; 29 sessions without a transcript:\n',
  );
});
