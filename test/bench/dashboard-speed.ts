// How fast the dashboard is in a real browser, by the size of the ledger, and what thousands of updates leave behind in its server and its page.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { moneyCells } from '../../src/reports/formats/figures.ts';
import { openSqliteStore } from '../../src/stores/sqlite/sqlite.ts';
import type { Store } from '../../src/stores/store.ts';
import { openBrowser } from '../support/browser.ts';
import {
  type DashboardProcess,
  sessionOf,
  startDashboard,
  writeSpend,
} from '../support/dashboard.ts';
import { configure } from '../support/guarded.ts';
import { writeLargeLedger } from '../support/large-ledger.ts';
import { recordAll, request } from '../support/ledger-entries.ts';
import { createSandbox, type Sandbox } from '../support/sandbox.ts';
import { tollgateOk } from '../support/tollgate.ts';
import { median } from './measure.ts';

/** Milliseconds from asking for a page until its figures are drawn, when it is opened first, and the median of three times after that. */
export interface PageFigure {
  readonly entryCount: number;
  readonly path: string;
  readonly firstMs: number;
  readonly againMs: number;
}

export interface DashboardFigures {
  readonly pages: readonly PageFigure[];
  /** From an entry until it stands on the page, with the largest ledger. */
  readonly updateMs: readonly number[];
  /** From an entry until the last of 100 listeners is told. */
  readonly listenersMs: number;
  /** Of the largest ledger: figures of `report --json`, and those of them that the pages do not say. */
  readonly compared: { readonly count: number; readonly missing: readonly string[] };
  readonly growth: {
    readonly updateCount: number;
    /** Megabytes: early, and at the end. `null`: this system does not tell. */
    readonly serverMb: readonly [number, number] | null;
    readonly pageMb: readonly [number, number];
  };
}

const PATHS = ['/', '/history', '/history?unit=month&group=branch&since=all', '/sessions'].concat([
  '/session?id=',
  '/budgets',
  '/clients',
  '/pull-requests',
  '/savings',
]);
const READY = '.cards, .empty, table tbody tr, .note';
const LISTENERS = 100;
const RUNNING = sessionOf(9_999_999);

export async function measureDashboard(isShort: boolean): Promise<DashboardFigures> {
  const browser = await openBrowser();
  // This browser is one process with its page: both live as long.
  const page = await browser.newPage({ locale: 'en-US' });
  await page.addInitScript(NOTE_FIRST_CONTENT);
  const pages: PageFigure[] = [];
  try {
    for (const entryCount of [0, 1, 200]) {
      await withDashboard(entryCount, async (dashboard) => {
        pages.push(...(await timePages(page, dashboard, entryCount, sessionOf(0))));
      });
    }
    const large = isShort ? 50_000 : 1_000_000;
    return await withDashboard(large, async (dashboard, store, sandbox) => {
      pages.push(...(await timePages(page, dashboard, large, RUNNING)));
      const compared = await compareFigures(page, dashboard, sandbox);
      return { pages, compared, ...(await timeUpdates(page, dashboard, store, isShort)) };
    });
  } finally {
    await browser.close();
  }
}

async function withDashboard<T>(
  entryCount: number,
  work: (dashboard: DashboardProcess, store: Store, sandbox: Sandbox) => Promise<T>,
): Promise<T> {
  const sandbox = await createSandbox();
  await configure(sandbox, {
    budgets: [{ id: 'day', period: 'day', soft: '400000', hard: '600000' }],
  });
  writeLedger(sandbox, entryCount);
  const dashboard = await startDashboard(sandbox);
  const store = openSqliteStore(join(sandbox.tollgateHome, 'ledger.db'));
  try {
    return await work(dashboard, store, sandbox);
  } finally {
    store.close();
    await dashboard.stop();
    await sandbox.cleanup();
  }
}

function writeLedger(sandbox: Sandbox, entryCount: number): void {
  if (entryCount <= 1_000) {
    writeSpend(sandbox, { entryCount, runningCount: Math.min(2, entryCount) });
    return;
  }
  writeLargeLedger(join(sandbox.tollgateHome, 'ledger.db'), entryCount);
  const store = openSqliteStore(join(sandbox.tollgateHome, 'ledger.db'));
  recordAll(store, [request({ id: 'running', at: Date.now(), session: RUNNING })]);
  store.close();
}

const addressOf = ({ port, token }: DashboardProcess, path: string): string =>
  `http://127.0.0.1:${port}${path}#${token}`;

async function timePages(
  page: Page,
  dashboard: DashboardProcess,
  entryCount: number,
  session: string,
): Promise<PageFigure[]> {
  const figures: PageFigure[] = [];
  for (const path of PATHS) {
    const address = addressOf(dashboard, path.endsWith('id=') ? path + session : path);
    const firstMs = await timePage(page, address);
    const again: number[] = [];
    for (let round = 0; round < 3; round++) again.push(await timePage(page, address));
    figures.push({ entryCount, path, firstMs, againMs: median(again) });
  }
  return figures;
}

/** Notes in the page when its first figures are drawn: what drives the browser learns of it later, and competes for the processor. */
const NOTE_FIRST_CONTENT = `
  const look = new MutationObserver(() => {
    if (document.querySelector('${READY}') === null) return;
    look.disconnect();
    requestAnimationFrame(() => setTimeout(() => {
      document.documentElement.dataset.firstContentAt = performance.now();
    }));
  });
  look.observe(document, { childList: true, subtree: true });`;

async function timePage(page: Page, address: string): Promise<number> {
  await page.goto('about:blank');
  await page.goto(address, { waitUntil: 'commit' });
  const noted = page.locator('[data-first-content-at]');
  const at = await noted.getAttribute('data-first-content-at').catch(async (cause) => {
    throw new Error(`${address} shows ${await page.textContent('body')}`, { cause });
  });
  return Number(at);
}

/** Pages of the largest ledger, and the report that each must say. */
const REPORTS: readonly (readonly [path: string, words: readonly string[]])[] = [
  ['/history', ['--by', 'day,model', '--since', '30d']],
  ['/history?unit=month&group=branch&since=all', ['--by', 'month,branch']],
  ['/history?unit=week&group=developer&since=all', ['--by', 'week,developer']],
  ['/sessions', ['--by', 'session', '--since', '30d']],
  ['/clients', ['--by', 'client', '--since', '30d']],
  ['/pull-requests', ['--by', 'pr', '--since', '30d']],
];
/** Rows that a page shows at first. */
const ROWS = 100;

async function compareFigures(
  page: Page,
  dashboard: DashboardProcess,
  sandbox: Sandbox,
): Promise<DashboardFigures['compared']> {
  const missing: string[] = [];
  let count = 0;
  for (const [path, words] of REPORTS) {
    await timePage(page, addressOf(dashboard, path));
    const report = JSON.parse(await tollgateOk(sandbox, ['report', ...words, '--json']));
    const money = moneyCells(report.total.costNanoUsd);
    const cells = new Set(await page.locator('tbody td').allTextContents());
    const sums = (await page.locator('tfoot').allTextContents()).join();
    const rows = path.startsWith('/history')
      ? report.rows.slice(-ROWS)
      : report.rows.slice(0, ROWS);
    const figures = rows.map((row: { costNanoUsd: number }) => money(row.costNanoUsd));
    count += figures.length + 1;
    missing.push(...figures.filter((figure: string) => !cells.has(figure)));
    if (!sums.includes(money(report.total.costNanoUsd))) missing.push(`the total of ${path}`);
  }
  return { count, missing };
}

let written = 0;
function writeEntry(store: Store): void {
  written += 1;
  recordAll(store, [
    request({ id: `update-${written}`, at: Date.now(), session: RUNNING, cost: 1_000_000 }),
  ]);
}

async function timeUpdates(
  page: Page,
  dashboard: DashboardProcess,
  store: Store,
  isShort: boolean,
): Promise<Omit<DashboardFigures, 'pages' | 'compared'>> {
  await timePage(page, addressOf(dashboard, '/'));
  const updateMs: number[] = [];
  for (let round = 0; round < 10; round++) {
    await page.waitForTimeout(600 + round * 37);
    const startedAt = performance.now();
    writeEntry(store);
    await page.waitForSelector(`text=${written + 1} requests`);
    updateMs.push(performance.now() - startedAt);
  }
  return {
    updateMs,
    listenersMs: await timeListeners(dashboard, store),
    growth: await measureGrowth(page, dashboard, store, isShort ? 20_000 : 90_000),
  };
}

async function timeListeners(dashboard: DashboardProcess, store: Store): Promise<number> {
  const ended = new AbortController();
  const readers = await Promise.all(
    Array.from({ length: LISTENERS }, async () => {
      const { body } = await dashboard.ask('/api/live', { signal: ended.signal });
      const reader = body?.getReader();
      await reader?.read();
      return reader;
    }),
  );
  const startedAt = performance.now();
  const told = readers.map((reader) => reader?.read());
  writeEntry(store);
  await Promise.all(told);
  const ms = performance.now() - startedAt;
  ended.abort();
  return ms;
}

/** Writes an entry every few milliseconds while the page shows the session. */
async function measureGrowth(
  page: Page,
  dashboard: DashboardProcess,
  store: Store,
  lengthMs: number,
): Promise<DashboardFigures['growth']> {
  const growth = { lengthMs, pauseMs: 15, sampleMs: lengthMs / 4 };
  const { updateCount, samples } = await watchMemory(page, dashboard, store, growth);
  const { serverMb: early, pageMb: earlyHeap } = samples[0] ?? { serverMb: null, pageMb: 0 };
  const { serverMb: late, pageMb: heap } = samples.at(-1) ?? { serverMb: null, pageMb: 0 };
  return {
    updateCount,
    serverMb: early === null || late === null ? null : [early, late],
    pageMb: [earlyHeap, heap],
  };
}

/** Megabytes after collecting garbage in the page. `serverMb` `null`: this system does not tell. */
export interface MemorySample {
  readonly serverMb: number | null;
  readonly pageMb: number;
}

/** Writes entries while the page shows the session, and looks at the memory of both at each `sampleMs`. */
async function watchMemory(
  page: Page,
  { child }: DashboardProcess,
  store: Store,
  times: { readonly lengthMs: number; readonly pauseMs: number; readonly sampleMs: number },
): Promise<{ readonly updateCount: number; readonly samples: readonly MemorySample[] }> {
  const devtools = await page.context().newCDPSession(page);
  const startedAt = performance.now();
  const before = written;
  const samples: MemorySample[] = [];
  for (let sampleAt = times.sampleMs; sampleAt <= times.lengthMs; sampleAt += times.sampleMs) {
    while (performance.now() - startedAt < sampleAt) {
      writeEntry(store);
      await page.waitForTimeout(times.pauseMs);
    }
    await devtools.send('HeapProfiler.collectGarbage');
    const pageMb = (await devtools.send('Runtime.getHeapUsage')).usedSize / 2 ** 20;
    samples.push({ serverMb: serverMb(child.pid), pageMb });
  }
  return { updateCount: written - before, samples };
}

/** A page that is left open: an entry every two seconds, memory looked at each minute. */
export async function measureLeftOpen(
  minutes: number,
): Promise<{ readonly updateCount: number; readonly samples: readonly MemorySample[] }> {
  const browser = await openBrowser();
  const page = await browser.newPage({ locale: 'en-US' });
  await page.addInitScript(NOTE_FIRST_CONTENT);
  try {
    return await withDashboard(200, async (dashboard, store) => {
      recordAll(store, [request({ id: 'running', at: Date.now(), session: RUNNING })]);
      await timePage(page, addressOf(dashboard, '/'));
      const times = { lengthMs: minutes * 60_000, pauseMs: 2_000, sampleMs: 60_000 };
      return watchMemory(page, dashboard, store, times);
    });
  } finally {
    await browser.close();
  }
}

/** What a process holds in memory; `null`: this system does not tell. */
function serverMb(pid: number | undefined): number | null {
  try {
    const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return kilobytes === undefined ? null : Number(kilobytes) / 1024;
  } catch {
    return null;
  }
}
