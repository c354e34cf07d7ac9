// The built command line where things are odd: a removed folder, a full disk, a lock, a zone that is none.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createSandbox, type Sandbox } from '../support/sandbox.ts';
import { openShop } from '../support/shop.ts';
import { CLI, tollgate, tollgateOk } from '../support/tollgate.ts';

let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await createSandbox();
});
afterEach(() => sandbox.cleanup());

const inShell = (sandboxed: Sandbox, line: string, env: Record<string, string> = {}) =>
  sandboxed.run('/bin/sh', ['-c', line.replaceAll('TOLLGATE', `${process.execPath} ${CLI}`)], {
    env,
  });

// Field case 22.
test('a folder that was removed', async () => {
  const folder = join(sandbox.root, 'gone');
  mkdirSync(folder);
  const go = (command: string) => inShell(sandbox, `cd ${folder} && rmdir ${folder} && ${command}`);
  const status = await go('TOLLGATE status');
  expect(status.exitCode, status.stderr).toBe(0);
  expect(status.stderr).not.toMatch(/Error|at .*\.js/);
  mkdirSync(folder);
  const line = await go('echo \'{"session_id":"s1","cwd":"/gone"}\' | TOLLGATE statusline');
  expect(line.exitCode).toBe(0);
  expect(line.stdout.trim().split('\n')).toHaveLength(1);
  expect(line.stdout + line.stderr).not.toMatch(/Error/);
  rmSync(folder, { recursive: true, force: true });
});

// Field case 26.
test('a result that cannot be written is no success', async () => {
  const shop = await openShop();
  try {
    const { exitCode, stderr } = await inShell(shop, 'TOLLGATE report --json > /dev/full');
    expect(exitCode).toBe(2);
    expect(stderr).toContain('the result could not be written');
  } finally {
    await shop.cleanup();
  }
});

// Field case 26.
test('without its state, or with a file in its place, Tollgate says so and can be taken out', async () => {
  await tollgateOk(sandbox, ['init', '--yes', '--session-hard', '5']);
  rmSync(sandbox.tollgateHome, { recursive: true });
  writeFileSync(sandbox.tollgateHome, 'no folder');
  for (const words of [['status'], ['sync'], ['report'], ['uninstall', '--yes']]) {
    const { exitCode, stderr } = await tollgate(sandbox, words);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(sandbox.tollgateHome);
    expect(stderr).not.toContain('this is a bug');
  }
  rmSync(sandbox.tollgateHome);
  await tollgateOk(sandbox, ['uninstall', '--yes']);
  const settings = join(sandbox.repo, '.claude', 'settings.json');
  expect(existsSync(settings) ? readFileSync(settings, 'utf8') : '').not.toContain('--tollgate');
});

test('a locked ledger says that another process holds it', async () => {
  const shop = await openShop();
  const holder = `
    const db = new (require('better-sqlite3'))(process.argv[1]);
    db.exec('BEGIN EXCLUSIVE'); console.log('held'); setTimeout(() => {}, 60_000)`;
  const child = spawn(process.execPath, ['-e', holder, join(shop.tollgateHome, 'ledger.db')], {
    cwd: join(import.meta.dirname, '../..'),
    env: shop.env(),
  });
  try {
    await new Promise((resolve) => child.stdout.once('data', resolve));
    const { exitCode, stderr } = await tollgate(shop, ['status']);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/(another process|process \d+).* holds it/);
    expect(stderr).not.toContain('disk space');
  } finally {
    child.kill();
    await shop.cleanup();
  }
});

test.each(['Mars/Phobos', ':/etc/localtime', '', 'EST5EDT,M3.2.0,M11.1.0'])(
  'the zone TZ=%j',
  async (TZ) => {
    const shop = await openShop();
    try {
      for (const words of [
        ['report', '--by', 'day,hour'],
        ['status'],
        ['why'],
        ['doctor', '--json'],
      ]) {
        const { exitCode, stderr } = await tollgate(shop, words, { TZ });
        expect(exitCode === 2 ? stderr : '').toBe('');
        expect(stderr).not.toContain('this is a bug');
      }
    } finally {
      await shop.cleanup();
    }
  },
);
