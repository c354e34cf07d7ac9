// The dashboard in a real browser, on ledgers of 0, 1 and 200 entries: every page's figures are the command's, it follows the ledger by itself, markup in
// labels stays text, it can be used by keyboard, and every page can be read on a phone and by a screen reader, light and dark.
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { formatUsd } from '../../src/domain/money.ts';
import { countText, moneyCells } from '../../src/reports/formats/figures.ts';
import { openSqliteStore } from '../../src/stores/sqlite/sqlite.ts';
import { openBrowser } from '../support/browser.ts';
import {
  type DashboardProcess,
  sessionOf,
  startDashboard,
  writeEvents,
  writePlan,
  writeSpend,
  writeTitle,
} from '../support/dashboard.ts';
import { configure } from '../support/guarded.ts';
import { recordAll, request } from '../support/ledger-entries.ts';
import { createSandbox, type Sandbox } from '../support/sandbox.ts';
import { tollgate } from '../support/tollgate.ts';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const ENTRIES = 200;
const RUNNING = sessionOf(ENTRIES / 10 - 1);
const NESTED = sessionOf(3);
const MARKUP = '<img src=x onerror=window.hurt=1><b>bold</b>';
const MENU = ['/', '/history', '/sessions', '/budgets', '/clients', '/pull-requests', '/savings'];
/** A page shows one of these when its data has come. */
const READY = '.cards, .empty, table tbody tr, .checks';

interface World {
  readonly sandbox: Sandbox;
  readonly dashboard: DashboardProcess;
}

const worlds = new Map<number, World>();
const problems: string[] = [];
let browser: Browser;
let page: Page;

async function openWorld(entryCount: number): Promise<World> {
  const sandbox = await createSandbox();
  const budgets = [
    { id: 'day', period: 'day', soft: '400', hard: '600' },
    { id: 'month', period: 'month', soft: '4000', hard: '6000' },
  ];
  await configure(sandbox, { budgets });
  writeSpend(sandbox, { entryCount, runningCount: Math.min(2, entryCount) });
  return { sandbox, dashboard: await startDashboard(sandbox) };
}

const worldOf = (entryCount: number): World => {
  const world = worlds.get(entryCount);
  if (world === undefined) throw new Error(`no ledger of ${entryCount} entries`);
  return world;
};

beforeAll(async () => {
  for (const count of [0, 1, ENTRIES]) worlds.set(count, await openWorld(count));
  const { sandbox } = worldOf(ENTRIES);
  writeTitle(sandbox, RUNNING, MARKUP);
  writeEvents(sandbox, RUNNING, NESTED);
  browser = await openBrowser();
  page = await browser.newPage({ locale: 'en-US' });
  page.on('pageerror', (error) => problems.push(String(error)));
}, 60_000);
afterAll(async () => {
  await browser.close();
  for (const { dashboard, sandbox } of worlds.values()) {
    await dashboard.stop();
    await sandbox.cleanup();
  }
});

/** Opens a page of a world, with its key. */
async function open({ dashboard }: World, path: string): Promise<void> {
  await page.goto(`http://127.0.0.1:${dashboard.port}${path}#${dashboard.token}`);
  await page.waitForSelector(READY);
}

const textOf = async (selector: string) =>
  (await page.locator(selector).allTextContents()).join(' ');
const json = async ({ sandbox }: World, ...words: string[]) =>
  JSON.parse((await tollgate(sandbox, [...words, '--json'])).stdout);

test('a request is on the page by itself, and markup in every label is text', async () => {
  const world = worldOf(ENTRIES);
  await open(world, '/');
  await page.waitForSelector('text=bold');
  expect(await page.locator('h2').allTextContents()).toContain(MARKUP);
  const store = openSqliteStore(join(world.sandbox.tollgateHome, 'ledger.db'));
  const hurtful = { branch: MARKUP, client: MARKUP, ticket: MARKUP, pullRequest: MARKUP };
  const labels = { ...hurtful, tool: MARKUP, agentType: MARKUP, developer: MARKUP };
  recordAll(store, [
    request({ id: 'live', at: Date.now(), session: RUNNING, cost: 123_450_000_000, labels }),
  ]);
  store.close();
  await page.waitForSelector('text=$124.', { timeout: 10_000 });
});

test.each([1, ENTRIES])('of %i entries, every page says what its command says', async (count) => {
  const world = worldOf(count);
  if (count === 1) writePlan(world.sandbox, sessionOf(0));
  const span = ['--since', '30d'];
  const total = (await json(world, 'report', ...span)).total.costNanoUsd;
  const shown = moneyCells(total)(total);
  await open(world, '/');
  const watched = await json(world, 'watch', '--once');
  expect(await textOf('.lead')).toContain(formatUsd(watched.dayNanoUsd));
  const [{ contextTokens, contextWindowTokens }] = watched.sessions;
  const fill = `${Math.round((100 * contextTokens) / contextWindowTokens)}%`;
  expect(await textOf('.figures')).toContain(`Context${fill}`);
  if (count === 1) {
    const [plan] = watched.sessions[0].plans;
    expect(await textOf('.columns')).toContain('42% used');
    expect(await textOf('.columns')).toContain(`resets ${plan.resetText}`);
  }
  await open(world, '/history');
  const report = await json(world, 'report', '--by', 'day,model', ...span);
  expect(await page.locator('table tbody tr').count()).toBe(report.rows.length);
  expect(await textOf('tfoot')).toContain(shown);
  for (const [path, by] of [
    ['/sessions', 'session'],
    ['/clients', 'client'],
    ['/pull-requests', 'pr'],
  ] as const) {
    await open(world, path);
    const { rows } = await json(world, 'report', '--by', by, ...span);
    const cells = (await page.locator('table').first().locator('tbody td').allTextContents()).join(
      '\n',
    );
    for (const row of rows) expect(cells).toContain(moneyCells(total)(row.costNanoUsd));
    expect(await textOf('tfoot')).toContain(shown);
  }
  await open(world, '/budgets');
  const { sessions } = await json(world, 'status', '--all');
  for (const budget of sessions[0]?.budgets ?? []) {
    expect(await textOf('.budget-sum')).toContain(formatUsd(budget.spendNanoUsd));
  }
  await open(world, '/savings');
  const { savedNanoUsd } = await json(world, 'savings', ...span);
  if (savedNanoUsd > 0) expect(await textOf('.lead')).toContain(formatUsd(savedNanoUsd));
  expect(savedNanoUsd > 0).toBe(count === ENTRIES);
});

test('of an empty ledger, every page says that it is empty', async () => {
  const world = worldOf(0);
  expect((await json(world, 'report')).rows).toEqual([]);
  for (const path of MENU) {
    await open(world, path);
    expect(await page.locator('.empty').count()).toBe(1);
    expect(await page.locator('table').count()).toBe(0);
  }
});

test('a session says what why says, and marks what befell it', async () => {
  const world = worldOf(ENTRIES);
  await open(world, `/session?id=${RUNNING}`);
  const why = await json(world, 'why', RUNNING);
  await page.waitForSelector('#why');
  expect(await textOf('.lead')).toContain(formatUsd(why.costNanoUsd));
  expect(await textOf('.lead')).toContain(countText(why.requestCount));
  expect(await textOf('.prose')).toBe(why.text);
  expect(await page.locator('[id^="row-"]').count()).toBe(why.requestCount);
  expect(await page.locator('.badge.bad', { hasText: 'miss' }).count()).toBe(why.cacheMisses.count);
  expect(await page.locator('.log li').count()).toBe(3);
  expect(await page.locator('.tree li').count()).toBe(why.subagents.length + 1);
});

test('health says what doctor says', async () => {
  const world = worldOf(ENTRIES);
  await open(world, '/health');
  const { checks } = await json(world, 'doctor');
  const names = await page.locator('.checks > li > div > strong').allTextContents();
  expect(names).toEqual(checks.map(({ name }: { readonly name: string }) => name));
});

test('it can be used by keyboard alone', async () => {
  await open(worldOf(ENTRIES), '/');
  await page.keyboard.press('Tab');
  expect(await textOf(':focus')).toBe('Skip to the page');
  for (const path of MENU) {
    await page.keyboard.press('Tab');
    expect(await page.locator(':focus').getAttribute('href')).toBe(path);
  }
  const halt = page.getByRole('button', { name: 'Halt…' }).first();
  await halt.focus();
  await page.keyboard.press('Enter');
  await page.waitForSelector('dialog[open]');
  await page.keyboard.press('Escape');
  await page.waitForSelector('dialog[open]', { state: 'detached' });
  await open(worldOf(ENTRIES), '/history');
  await page.waitForSelector('.day');
  await page.locator('.day[tabindex="0"]').focus();
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('Enter');
  await page.waitForURL(/unit=hour.*since=\d{4}-\d\d-\d\d/);
  await page.goBack();
  await page.waitForURL(/history$/);
});

const SESSION = `/session?id=${RUNNING}`;

test.each([
  ['light', ENTRIES, [360, 820, 1320], [...MENU, SESSION, '/health']],
  ['dark', ENTRIES, [1320], ['/', SESSION, '/budgets']],
  ['light', 0, [820], ['/', '/history', '/budgets', '/savings']],
] as const)(
  '%s, of %i entries, at %j px: nothing runs out, and a screen reader can read it',
  async (scheme, count, widths, paths) => {
    const world = worldOf(count);
    await page.emulateMedia({ colorScheme: scheme });
    for (const path of paths) {
      await open(world, path);
      await page.evaluate(AXE);
      for (const width of widths) expect(await faultsAt(path, width)).toEqual([]);
    }
    expect(await page.evaluate('window.hurt')).toBeUndefined();
    expect(problems).toEqual([]);
  },
  120_000,
);

/** What runs out of the window, and what axe finds serious. */
async function faultsAt(path: string, width: number): Promise<readonly string[]> {
  await page.setViewportSize({ width, height: 900 });
  const overflow = await page.evaluate<number>(
    'document.documentElement.scrollWidth - window.innerWidth',
  );
  const outside = overflow === 0 ? [] : [`${path} is ${overflow} px too wide at ${width}`];
  return [...outside, ...(await seriousFindings(`${path} at ${width}`))];
}

/** What axe finds serious on the page, with the elements. */
async function seriousFindings(path: string): Promise<readonly string[]> {
  const { violations } = await page.evaluate<{
    readonly violations: readonly {
      readonly id: string;
      readonly impact: string;
      readonly nodes: readonly { readonly html: string }[];
    }[];
  }>("axe.run({ resultTypes: ['violations'] })");
  return violations
    .filter(({ impact }) => ['serious', 'critical'].includes(impact))
    .map(({ id, nodes }) => `${path} ${id} ${nodes.map((node) => node.html).join(' ')}`);
}

test.skipIf(process.platform === 'win32')(
  'a page that was opened to look at has no buttons to change',
  async () => {
    const { sandbox } = worldOf(ENTRIES);
    const folder = join(sandbox.home, 'openers');
    const told = join(folder, 'told');
    mkdirSync(folder, { recursive: true });
    for (const name of ['xdg-open', 'open']) {
      writeFileSync(
        join(folder, name),
        `#!/bin/sh\nprintf %s "$1" > "${told}.part" && mv "${told}.part" "${told}"\n`,
      );
      chmodSync(join(folder, name), 0o755);
    }
    const path = `${folder}${delimiter}${sandbox.env().PATH}`;
    const dashboard = await startDashboard(sandbox, ['--open'], { PATH: path });
    try {
      await expect.poll(() => existsSync(told), { timeout: 10_000 }).toBe(true);
      await page.goto(readFileSync(told, 'utf8'));
      await page.waitForSelector('.cards');
      expect(await textOf('.state')).toContain('Read only');
      expect(await page.locator('.cards button').count()).toBe(0);
    } finally {
      await dashboard.stop();
    }
  },
);
