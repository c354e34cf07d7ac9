// How fast the dashboard is in a real browser, by the size of the ledger, and what thousands of updates leave behind in its server and its page.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
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

/** Milliseconds from asking for a page until its figures stand there, when it is opened first and after that. */
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
  const pages: PageFigure[] = [];
  try {
    for (const entryCount of [0, 1, 200]) {
      await withDashboard(entryCount, async (dashboard) => {
        pages.push(...(await timePages(page, dashboard, entryCount, sessionOf(0))));
      });
    }
    const large = isShort ? 50_000 : 1_000_000;
    let rest: Omit<DashboardFigures, 'pages'> | null = null;
    await withDashboard(large, async (dashboard, store) => {
      pages.push(...(await timePages(page, dashboard, large, RUNNING)));
      rest = await timeUpdates(page, dashboard, store, isShort);
    });
    if (rest === null) throw new Error('the large ledger was not looked at');
    return { pages, ...(rest as Omit<DashboardFigures, 'pages'>) };
  } finally {
    await browser.close();
  }
}

/** An hour of a session that asks for something every second, with the page open. */
export async function measureDashboardHour(isShort: boolean): Promise<DashboardFigures['growth']> {
  const browser = await openBrowser();
  const page = await browser.newPage({ locale: 'en-US' });
  let growth: DashboardFigures['growth'] | null = null;
  try {
    await withDashboard(1_000, async (dashboard, store) => {
      recordAll(store, [request({ id: 'running', at: Date.now(), session: RUNNING })]);
      await timePage(page, addressOf(dashboard, '/'));
      growth = await measureGrowth(page, dashboard, store, isShort ? 60_000 : 3_600_000, 1_000);
    });
  } finally {
    await browser.close();
  }
  if (growth === null) throw new Error('nothing was measured');
  return growth;
}

async function withDashboard(
  entryCount: number,
  work: (dashboard: DashboardProcess, store: Store) => Promise<void>,
): Promise<void> {
  const sandbox = await createSandbox();
  await configure(sandbox, {
    budgets: [{ id: 'day', period: 'day', soft: '400000', hard: '600000' }],
  });
  writeLedger(sandbox, entryCount);
  const dashboard = await startDashboard(sandbox);
  const store = openSqliteStore(join(sandbox.tollgateHome, 'ledger.db'));
  try {
    await work(dashboard, store);
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
    await page.goto('about:blank');
    figures.push({ entryCount, path, firstMs, againMs: await timePage(page, address) });
  }
  return figures;
}

async function timePage(page: Page, address: string): Promise<number> {
  const startedAt = performance.now();
  await page.goto(address, { waitUntil: 'commit' });
  await page.waitForSelector(READY).catch(async (cause) => {
    throw new Error(`${address} shows ${await page.textContent('body')}`, { cause });
  });
  return performance.now() - startedAt;
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
): Promise<Omit<DashboardFigures, 'pages'>> {
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

/** Writes an entry again and again while the page shows the session. */
async function measureGrowth(
  page: Page,
  { child }: DashboardProcess,
  store: Store,
  lengthMs: number,
  pauseMs = 15,
): Promise<DashboardFigures['growth']> {
  const devtools = await page.context().newCDPSession(page);
  const pageMb = async () => {
    await devtools.send('HeapProfiler.collectGarbage');
    return (await devtools.send('Runtime.getHeapUsage')).usedSize / 2 ** 20;
  };
  const startedAt = performance.now();
  const before = written;
  let early: readonly [number | null, number] | null = null;
  while (performance.now() - startedAt < lengthMs) {
    writeEntry(store);
    await page.waitForTimeout(pauseMs);
    // What is loaded on first use is there by then.
    if (early === null && performance.now() - startedAt > lengthMs / 4) {
      early = [serverMb(child.pid), await pageMb()];
    }
  }
  const [server, heap] = [serverMb(child.pid), await pageMb()];
  const [earlyServer = null, earlyHeap = heap] = early ?? [];
  return {
    updateCount: written - before,
    serverMb: earlyServer === null || server === null ? null : [earlyServer, server],
    pageMb: [earlyHeap, heap],
  };
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
