// Takes the dashboard's pictures: each page at three widths in light and at one in dark, on a made-up ledger. `npm run pictures:dashboard` writes
// docs/images/dashboard/*.png.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32, deflateSync, inflateSync } from 'node:zlib';
import { loadConfig } from '../src/config/load.ts';
import { configSources } from '../src/config/paths.ts';
import { sessionId } from '../src/domain/ids.ts';
import { NANO_PER_USD } from '../src/domain/money.ts';
import { raise } from '../src/gate/grant.ts';
import { openSqliteStore } from '../src/stores/sqlite/sqlite.ts';
import { wireEvents } from '../src/wire.ts';
import { openBrowser } from '../test/support/browser.ts';
import {
  type DashboardProcess,
  sessionOf,
  startDashboard,
  writeEvents,
  writePlan,
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
const MOST_HEIGHT = 1_300;
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

/** Shown in dark, too. */
const DARK = ['now', 'history', 'session'];

const schemes = ['light', 'dark'] as const;
const sandbox = await createSandbox();
try {
  await configure(sandbox, {
    budgets: [
      { id: 'session', scope: { per: 'session' }, soft: '0.80', hard: '1.20' },
      { id: 'day', period: 'day', soft: '4.00', hard: '6.00' },
      { id: 'month', period: 'month', soft: '40.00', hard: '60.00' },
      { id: 'window', plan: 'five-hour', soft: '70%', hard: '90%' },
    ],
  });
  writeSpend(sandbox, { entryCount: ENTRIES, runningCount: 4 });
  writeEvents(sandbox, SHOWN, sessionOf(30));
  writePlan(sandbox, SHOWN);
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
      if (colorScheme === 'dark' && !DARK.includes(name)) continue;
      for (const width of colorScheme === 'dark' ? WIDTHS.slice(-1) : WIDTHS) {
        await page.setViewportSize({ width, height: 900 });
        await page.goto(`http://127.0.0.1:${dashboard.port}${path.replace(':id', SHOWN)}`);
        await page.waitForTimeout(name === 'health' ? 5_000 : 900);
        const suffix = colorScheme === 'dark' ? '-dark' : '';
        const whole = await page.evaluate<number>('document.documentElement.scrollHeight');
        const clip = { x: 0, y: 0, width, height: Math.min(whole, MOST_HEIGHT) };
        const file = join(FOLDER, `${name}-${width}${suffix}.png`);
        writeFileSync(file, smaller(await page.screenshot({ fullPage: true, clip })));
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
  raiseTwo();
  const halt = { sessionId: sessionOf(ENTRIES / 10 - 2), reason: 'wrong branch' };
  const headers = { 'content-type': 'application/json' };
  const init = { method: 'POST', headers, body: JSON.stringify(halt) };
  const response = await dashboard.ask('/api/halt', init);
  if (!response.ok) throw new Error(await response.text());
}

/** As `tollgate grant` does it, by somebody who is not on this machine. */
function raiseTwo(): void {
  const store = openSqliteStore(join(sandbox.tollgateHome, 'ledger.db'));
  const session = store.readSession(sessionId(SHOWN));
  if (session === null) throw new Error('the session that is shown is not there');
  const { config } = loadConfig(configSources(sandbox.repo, sandbox.env()));
  const deps = wireEvents(store, config, sandbox.env(), sandbox.repo);
  const give = (budget: string, dollars: number, reason: string) => {
    const amount = { unit: 'usd', amount: dollars * NANO_PER_USD } as const;
    const wanted = { raise: amount, budget, reason, expiresAt: null, author: 'dana@laptop' };
    store.immediately(() => raise(session, wanted, deps, Date.now()));
  };
  give('session', 1.5, 'the tests are nearly green');
  give('day', 5, 'release day');
  store.close();
}

const SIGNATURE_BYTES = 8;
/** Length, type and checksum of a part of a PNG. */
const FRAME_BYTES = 12;

/** The same PNG, packed as tightly as can be: a browser packs it quickly. */
function smaller(png: Buffer): Buffer {
  const parts: Buffer[] = [png.subarray(0, SIGNATURE_BYTES)];
  const pixels: Buffer[] = [];
  for (let at = SIGNATURE_BYTES; at < png.length; ) {
    const end = at + FRAME_BYTES + png.readUInt32BE(at);
    const type = png.toString('latin1', at + 4, at + 8);
    if (type === 'IDAT') pixels.push(png.subarray(at + 8, end - 4));
    else {
      if (type === 'IEND') parts.push(pixelsPart(Buffer.concat(pixels)));
      parts.push(png.subarray(at, end));
    }
    at = end;
  }
  return Buffer.concat(parts);
}

function pixelsPart(packed: Buffer): Buffer {
  const data = deflateSync(inflateSync(packed), { level: 9, memLevel: 9 });
  const named = Buffer.concat([Buffer.from('IDAT'), data]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  sum.writeUInt32BE(crc32(named));
  return Buffer.concat([length, named, sum]);
}
