// Takes the dashboard's pictures: each page at three widths in light and at one in dark, on a made-up ledger. `npm run pictures:dashboard` writes
// docs/images/dashboard/*.png.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { openBrowser } from '../test/support/browser.ts';
import {
  type DashboardProcess,
  sessionOf,
  startDashboard,
  writeEvents,
  writeSpend,
} from '../test/support/dashboard.ts';
import { configure } from '../test/support/guarded.ts';
import { createSandbox } from '../test/support/sandbox.ts';

const FOLDER =
  process.env.PICTURES_IN ??
  join(process.env.TOLLGATE_CHECKOUT ?? process.cwd(), 'docs', 'images', 'dashboard');
const WIDTHS = [360, 820, 1320];
const ENTRIES = 400;
const SHOWN = sessionOf(ENTRIES / 10 - 1);
/** More is cut off. */
const MOST_HEIGHT = 1_700;
const PAGES: readonly (readonly [string, string])[] = [
  ['now', '/'],
  ['history', '/history'],
  ['sessions', '/sessions'],
  ['session', '/session?id=:id'],
  ['budgets', '/budgets'],
  ['clients', '/clients?since=all'],
  ['pull-requests', '/pull-requests?since=all'],
  ['savings', '/savings'],
  ['health', '/health'],
];

const schemes = ['light', 'dark'] as const;
const sandbox = await createSandbox();
try {
  await configure(sandbox, {
    budgets: [
      { id: 'session', scope: { per: 'session' }, soft: '0.80', hard: '1.20' },
      { id: 'day', period: 'day', soft: '4.00', hard: '6.00' },
      { id: 'month', period: 'month', soft: '40.00', hard: '60.00' },
    ],
  });
  writeSpend(sandbox, { entryCount: ENTRIES, runningCount: 4 });
  writeEvents(sandbox, SHOWN, sessionOf(30));
  const dashboard = await startDashboard(sandbox);
  await actOn(dashboard);
  const browser = await openBrowser();
  mkdirSync(FOLDER, { recursive: true });
  for (const colorScheme of schemes) {
    const page = await browser.newPage({ colorScheme, locale: 'en-US' });
    page.on('console', (message) => {
      if (message.type() === 'error') console.log(message.text());
    });
    page.on('pageerror', (error) => console.log(String(error)));
    await page.goto(dashboard.url);
    for (const [name, path] of PAGES) {
      for (const width of colorScheme === 'dark' ? WIDTHS.slice(-1) : WIDTHS) {
        await page.setViewportSize({ width, height: 900 });
        await page.goto(`http://127.0.0.1:${dashboard.port}${path.replace(':id', SHOWN)}`);
        await page.waitForTimeout(name === 'health' ? 5_000 : 900);
        const suffix = colorScheme === 'dark' ? '-dark' : '';
        const whole = await page.evaluate<number>('document.documentElement.scrollHeight');
        const clip = { x: 0, y: 0, width, height: Math.min(whole, MOST_HEIGHT) };
        const file = join(FOLDER, `${name}-${width}${suffix}.png`);
        await page.screenshot({ path: file, fullPage: true, clip });
      }
    }
  }
  await browser.close();
  await dashboard.stop();
} finally {
  await sandbox.cleanup();
}

/** A person raises two ceilings, and halts a session. */
async function actOn(dashboard: DashboardProcess): Promise<void> {
  const post = async (name: string, asked: object) => {
    const headers = { 'content-type': 'application/json' };
    const init = { method: 'POST', headers, body: JSON.stringify(asked) };
    const response = await dashboard.ask(`/api/${name}`, init);
    if (!response.ok) throw new Error(await response.text());
  };
  const raise = { sessionId: SHOWN, amount: '1.50', budgetId: 'session' };
  await post('raise', { ...raise, reason: 'the tests are nearly green' });
  await post('raise', { ...raise, amount: '5', budgetId: 'day', reason: 'release day' });
  await post('halt', { sessionId: sessionOf(ENTRIES / 10 - 2), reason: 'wrong branch' });
}
