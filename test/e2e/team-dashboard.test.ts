// The dashboard of a team in a real browser: every page's figures are those of the commands with --team, what a machine sends shows by itself, and
// nothing can be changed.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { formatUsd } from '../../src/domain/money.ts';
import { DAY_MS } from '../../src/domain/time.ts';
import { moneyCells } from '../../src/reports/formats/figures.ts';
import { openSqliteStore } from '../../src/stores/sqlite/sqlite.ts';
import { openBrowser } from '../support/browser.ts';
import { type DashboardProcess, startDashboard } from '../support/dashboard.ts';
import { recordAll, request } from '../support/ledger-entries.ts';
import { manyEntries } from '../support/many-entries.ts';
import { openPty } from '../support/pty.ts';
import { createSandbox, type Sandbox } from '../support/sandbox.ts';
import { startTeamServer, type TeamServer } from '../support/team-database.ts';
import { CLI, tollgateOk } from '../support/tollgate.ts';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const DEVELOPERS = ['mia@acme.example', 'noa@acme.example'];
const RUNNING = '9f2c0000-0000-4000-8000-000000000001';
const DOLLAR = 1_000_000_000;

let server: TeamServer;
let lead: Sandbox;
let machines: Sandbox[];
let dashboard: DashboardProcess;
let browser: Browser;
let page: Page;
const problems: string[] = [];

beforeAll(async () => {
  [server, lead, ...machines] = await Promise.all([
    ...[startTeamServer(), createSandbox()],
    ...DEVELOPERS.map(() => createSandbox()),
  ] as [Promise<TeamServer>, Promise<Sandbox>, ...Promise<Sandbox>[]]);
  await server.createDatabase('dashboard');
  const url = `postgres://postgres@127.0.0.1:${server.port}/dashboard`;
  const words = ['team', 'init', url, '--developer', 'lead@acme.example', '--name', 'Acme'];
  await tollgateOk(lead, [...words, '--timezone', 'UTC'], { PGPASSWORD: server.password });
  await tollgateOk(lead, ['team', 'budget', 'set', 'day', '--per', 'developer', '--hard', '40']);
  for (const [at, machine] of machines.entries()) {
    const developer = DEVELOPERS[at] ?? '';
    const code = await tollgateOk(lead, ['team', 'invite', developer]);
    await tollgateOk(machine, ['team', 'join', code.trim()]);
    spend(machine, (store) =>
      recordAll(
        store,
        manyEntries(150, {
          ...{ startAt: Date.now() - 41 * DAY_MS, developers: [developer] },
          models: [`house-model-${at}`],
        }).map((entry, n) => ({
          ...{ ...entry, costNanoUsd: 1_000_000 * (n + 1) },
          ...{ entryId: `${at}${entry.entryId}` as typeof entry.entryId },
        })),
      ),
    );
  }
  await running('r1', 12 * DOLLAR);
  for (const machine of machines) await tollgateOk(machine, ['team', 'sync']);
  const budget = ['team', 'grant', 'day', '5', '--where', `developer:${DEVELOPERS[0]}`];
  await tollgateOk(lead, [...budget, '--reason', 'release']);
  dashboard = await startDashboard(lead, ['--team']);
  browser = await openBrowser();
  page = await browser.newPage({ locale: 'en-US' });
  page.on('pageerror', (error) => problems.push(String(error)));
}, 120_000);
afterAll(async () => {
  await browser.close();
  await dashboard.stop();
  await Promise.all([server.remove(), lead.cleanup(), ...machines.map((each) => each.cleanup())]);
});

function spend(machine: Sandbox, work: (store: ReturnType<typeof openSqliteStore>) => void): void {
  const store = openSqliteStore(join(machine.tollgateHome, 'ledger.db'));
  work(store);
  store.close();
}

/** A request of a session that runs now, on the first machine. */
async function running(id: string, cost: number): Promise<void> {
  const labels = {
    ...{ developer: DEVELOPERS[0] ?? '', repository: 'github.com/Acme/Shop' },
    ...{ branch: '<b>main</b>', model: 'house-model-0' },
  };
  spend(machines[0] as Sandbox, (store) =>
    recordAll(store, [request({ id, at: Date.now(), session: RUNNING, cost, labels })]),
  );
}

async function open(path: string, ready = '.cards, .empty, table tbody tr'): Promise<void> {
  await page.goto(`http://127.0.0.1:${dashboard.port}${path}#${dashboard.token}`);
  await page.waitForSelector(ready);
}
const textOf = async (selector: string) =>
  (await page.locator(selector).allTextContents()).join(' ');
const json = async (...words: string[]) =>
  JSON.parse(await tollgateOk(lead, [...words, '--team', '--json']));

test('every page says what its command says with --team', async () => {
  const { total } = await json('report', '--since', '30d');
  const shown = moneyCells(total.costNanoUsd)(total.costNanoUsd);
  for (const [path, by] of [
    ['/history', 'day,model'],
    ['/sessions', 'session'],
    ['/clients', 'client'],
    ['/pull-requests', 'pr'],
  ] as const) {
    await open(path, 'table tbody tr');
    const { rows } = await json('report', '--by', by, '--since', '30d');
    expect(await textOf('tfoot')).toContain(shown);
    expect(await page.locator('table').first().locator('tbody tr').count()).toBe(rows.length);
  }
  expect(await textOf('nav')).not.toContain('Savings');
  expect(await textOf('.badge')).toContain('Team Acme');
});

test('a session of another machine, and what made it expensive', async () => {
  await open(`/session?id=${RUNNING}`, '#why');
  const why = await json('why', RUNNING);
  expect(await textOf('h2')).toContain(`${DEVELOPERS[0]} · 9f2c0000`);
  expect(await textOf('.where')).toContain('<b>main</b>');
  expect(await textOf('.lead')).toContain(formatUsd(why.costNanoUsd));
  expect(await textOf('.prose')).toBe(why.text);
});

test('budgets, who has granted what, and how a window has filled', async () => {
  await open('/budgets', '.budget-sum');
  expect(await textOf('.budget-sum')).toContain('$12.00 of $45.00');
  expect(await textOf('table')).toContain('release');
  await page.getByRole('link', { name: 'running total' }).first().click();
  await page.waitForSelector('canvas, .uplot');
  expect(await textOf('main')).toContain('$12.00');
});

test('what a machine sends is on the page by itself', async () => {
  await open('/', '.cards');
  expect(await textOf('.cards h2')).toContain(`${DEVELOPERS[0]} · 9f2c0000`);
  await running('r2', 3 * DOLLAR);
  await tollgateOk(machines[0] as Sandbox, ['team', 'sync']);
  await page.waitForSelector('.cards >> text=$15.00', { timeout: 15_000 });
});

test('watch shows the same in a terminal, follows it, and gives the terminal back', async () => {
  const pty = openPty(process.execPath, [CLI, 'watch', '--team'], {
    ...{ cwd: lead.repo, env: lead.env(), rows: 30, columns: 130 },
  });
  try {
    await pty.waitFor(/tollgate watch {3}team Acme {3}\$1[57]\.00 in the last hour/);
    await pty.waitFor(
      /9f2c0000 +mia@acme\.example +Acme\/Shop @ <b>main<\/b> +house-model-0 +\$1[57]\.00/,
    );
    await pty.waitFor(/day, developer=mia@acme\.example, this day: \$1[57]\.00 spent/);
    await running('r3', 2 * DOLLAR);
    await tollgateOk(machines[0] as Sandbox, ['team', 'sync']);
    await pty.waitFor(/\$17\.00 in the last hour/);
    pty.send('q');
    expect(await pty.waitForExit()).toBe(0);
    expect(pty.output()).toContain('\x1b[?1049l');
  } finally {
    await pty.close();
  }
});

test('nothing is changed from here, and the pages can be read by everybody', async () => {
  expect(dashboard.readOnlyBecause).toContain('tollgate team grant');
  const refused = await dashboard.ask('/api/halt', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ session: RUNNING }),
  });
  expect(refused.ok).toBe(false);
  for (const path of ['/', '/budgets', '/sessions', `/session?id=${RUNNING}`]) {
    await open(path);
    await page.evaluate(AXE);
    const found = await page.evaluate(() =>
      (
        globalThis as unknown as {
          axe: { run: () => Promise<{ violations: { impact: string; id: string }[] }> };
        }
      ).axe.run(),
    );
    const serious = found.violations.filter(({ impact }) => /serious|critical/.test(impact));
    expect(serious.map(({ id }) => id)).toEqual([]);
  }
  expect(problems).toEqual([]);
});
