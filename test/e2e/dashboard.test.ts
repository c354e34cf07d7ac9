// The dashboard in a real browser: every figure is the command's, the page follows the ledger by itself, markup in labels stays text, and both pages
// can be read on a phone and by a screen reader, light and dark.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openSqliteStore } from '../../src/stores/sqlite/sqlite.ts';
import { openBrowser } from '../support/browser.ts';
import {
  type DashboardProcess,
  sessionOf,
  startDashboard,
  writeSpend,
  writeTitle,
} from '../support/dashboard.ts';
import { configure } from '../support/guarded.ts';
import { recordAll, request } from '../support/ledger-entries.ts';
import { createSandbox, type Sandbox } from '../support/sandbox.ts';
import { tollgateOk } from '../support/tollgate.ts';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const ENTRIES = 200;
const RUNNING = sessionOf(ENTRIES / 10 - 1);
const MARKUP = '<img src=x onerror=window.hurt=1><b>bold</b>';

let sandbox: Sandbox;
let dashboard: DashboardProcess;
let browser: Browser;
let page: Page;
const problems: string[] = [];

beforeAll(async () => {
  sandbox = await createSandbox();
  await configure(sandbox, { budgets: [{ id: 'day', period: 'day', soft: '400', hard: '600' }] });
  writeSpend(sandbox, { entryCount: ENTRIES, runningCount: 2 });
  writeTitle(sandbox, RUNNING, MARKUP);
  dashboard = await startDashboard(sandbox);
  browser = await openBrowser();
  page = await browser.newPage({ locale: 'en-US' });
  page.on('pageerror', (error) => problems.push(String(error)));
  await page.goto(dashboard.url);
}, 60_000);
afterAll(async () => {
  await browser.close();
  await dashboard.stop();
  await sandbox.cleanup();
});

const open = async (path: string) => {
  await page.goto(`http://127.0.0.1:${dashboard.port}${path}`);
  await page.waitForSelector('.cards, table tbody tr');
};

test('a title with markup is text, and a request is on the page by itself', async () => {
  await page.waitForSelector('text=bold');
  expect(await page.evaluate('window.hurt')).toBeUndefined();
  expect(await page.locator('h2, h3').allTextContents()).toContain(MARKUP);
  const store = openSqliteStore(join(sandbox.tollgateHome, 'ledger.db'));
  recordAll(store, [
    request({ id: 'live', at: Date.now(), session: RUNNING, cost: 123_450_000_000 }),
  ]);
  store.close();
  await page.waitForSelector('text=$124.', { timeout: 10_000 });
});

test('history says what report says', async () => {
  await open('/history');
  const report = JSON.parse(
    await tollgateOk(sandbox, ['report', '--by', 'day,model', '--since', '30d', '--json']),
  );
  await page.waitForSelector('table tbody tr');
  const rows = await page.locator('table tbody tr').count();
  expect(rows).toBe(report.rows.length);
  const text = (await page.locator('table').allTextContents()).join(' ');
  for (const { key } of report.rows) expect(text).toContain(Object.values(key)[1] as string);
});

test.each([
  [360, 'light'],
  [1320, 'dark'],
] as const)(
  'at %i px, %s: nothing runs out, and a screen reader can read it',
  async (width, scheme) => {
    await page.emulateMedia({ colorScheme: scheme });
    await page.setViewportSize({ width, height: 900 });
    for (const path of ['/', '/history']) {
      await open(path);
      const overflow = await page.evaluate<number>(
        'document.documentElement.scrollWidth - window.innerWidth',
      );
      expect(overflow).toBeLessThanOrEqual(0);
      await page.evaluate(AXE);
      const found = await page.evaluate<{ violations: { id: string; impact: string }[] }>(
        'axe.run()',
      );
      const serious = found.violations.filter(({ impact }) =>
        ['serious', 'critical'].includes(impact),
      );
      expect(serious.map(({ id }) => `${path} ${id}`)).toEqual([]);
    }
    expect(problems).toEqual([]);
  },
);
