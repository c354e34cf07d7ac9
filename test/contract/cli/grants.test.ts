// Who may raise a ceiling, and who is told of it.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadConfig } from '../../../src/config/load.ts';
import { configSources } from '../../../src/config/paths.ts';
import { sessionId } from '../../../src/domain/ids.ts';
import { grantNews } from '../../../src/gate/grant.ts';
import { openLedger, wireEvents } from '../../../src/wire.ts';
import { runCli } from '../../support/in-process-cli.ts';
import type { Sandbox } from '../../support/sandbox.ts';
import { openShop, SHOP_NOW, WORKING } from '../../support/shop.ts';

let shop: Sandbox;

beforeEach(async () => {
  shop = await openShop();
});
afterEach(() => shop.cleanup());

const configure = async (more: Readonly<Record<string, unknown>>) => {
  const file = join(shop.repo, '.claude/tollgate.json');
  const config = JSON.parse(await readFile(file, 'utf8')) as object;
  await writeFile(file, JSON.stringify({ ...config, ...more }));
};

/** What the next prompt of the session tells of grants. */
function news(): string | null {
  const { config } = loadConfig(configSources(shop.repo, shop.env()));
  const store = openLedger(shop.tollgateHome, shop.env());
  try {
    const session = store.readSession(sessionId(WORKING));
    const deps = wireEvents(store, config, shop.env(), shop.repo);
    return session === null ? null : grantNews(session, deps, SHOP_NOW);
  } finally {
    store.close();
  }
}

const grant = (...words: readonly string[]) =>
  runCli(shop, ['grant', ...words, '--session', WORKING, '--yes', '--json']);

test('with grants "prompt" a terminal raises and resumes nothing, and may take back', async () => {
  expect((await grant('2')).exitCode).toBe(0);
  await configure({ grants: 'prompt' });
  for (const words of [
    ['grant', '2', '--session', WORKING, '--yes'],
    ['resume', '--all'],
  ]) {
    const { exitCode, stderr } = await runCli(shop, words);
    expect([words[0], exitCode, stderr]).toEqual([words[0], 2, expect.stringContaining('/budget')]);
  }
  expect((await grant('--revoke')).exitCode).toBe(0);
});

test('a grant names who gave it where, and is told once in the session and by an alert', async () => {
  const given = JSON.parse((await grant('2', '--reason', 'release')).stdout) as { author: string };
  expect(given.author).toMatch(
    process.platform === 'linux' ? /^.+@.+ (on pts\/\d+|without a terminal|on a terminal)/ : /@/,
  );
  expect(news()).toContain(`${given.author} granted $2.00 to budget session (release)`);
  expect(news()).toBeNull();
  await grant('--revoke');
  expect(news()).toContain('took $2.00 back from budget session');
  const alerts = JSON.parse((await runCli(shop, ['alerts', 'list', '--json'])).stdout) as {
    alerts: readonly { code: string; amountNanoUsd?: number; limitNanoUsd?: number }[];
  };
  const changes = alerts.alerts.filter(({ code }) => code === 'CEILING_CHANGED');
  expect(changes.map(({ amountNanoUsd, limitNanoUsd }) => [amountNanoUsd, limitNanoUsd])).toEqual([
    [-2_000_000_000, 5_000_000_000],
    [2_000_000_000, 7_000_000_000],
  ]);
});
