// Takes the dashboard's pictures: each page at three widths, in light or dark, on a made-up ledger. `npm run pictures:dashboard` writes
// docs/images/dashboard/*.png; `-- dark` writes the dark ones, too.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { openBrowser } from '../test/support/browser.ts';
import { sessionOf, startDashboard, writeSpend } from '../test/support/dashboard.ts';
import { configure } from '../test/support/guarded.ts';
import { createSandbox } from '../test/support/sandbox.ts';

const FOLDER =
  process.env.PICTURES_IN ??
  join(process.env.TOLLGATE_CHECKOUT ?? process.cwd(), 'docs', 'images', 'dashboard');
const WIDTHS = [360, 820, 1320];
const ENTRIES = 400;
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

const schemes = process.argv.includes('dark') ? (['light', 'dark'] as const) : (['light'] as const);
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
  const dashboard = await startDashboard(sandbox);
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
      for (const width of WIDTHS) {
        await page.setViewportSize({ width, height: 900 });
        await page.goto(
          `http://127.0.0.1:${dashboard.port}${path.replace(':id', sessionOf(ENTRIES / 10 - 1))}`,
        );
        await page.waitForTimeout(name === 'health' ? 5_000 : 900);
        const suffix = colorScheme === 'dark' ? '-dark' : '';
        await page.screenshot({
          path: join(FOLDER, `${name}-${width}${suffix}.png`),
          fullPage: true,
        });
      }
    }
  }
  await browser.close();
  await dashboard.stop();
} finally {
  await sandbox.cleanup();
}
