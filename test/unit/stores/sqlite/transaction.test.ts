// Waiting for a lock that another process holds: for one that is stuck not long, for one that works until it is done.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openDriver } from '../../../../src/stores/sqlite/ledger-file.ts';
import { begin, rollback } from '../../../../src/stores/sqlite/transaction.ts';
import { createSandbox, type Sandbox } from '../../../support/sandbox.ts';

let sandbox: Sandbox;
let holder: ChildProcess | null = null;
beforeEach(async () => {
  sandbox = await createSandbox();
});
afterEach(async () => {
  holder?.kill('SIGKILL');
  await sandbox.cleanup();
});

/** A process that holds the lock of the ledger at `path` and then does what `work` says. */
async function holdLock(path: string, work: string): Promise<void> {
  const library = createRequire(import.meta.url).resolve('better-sqlite3');
  const text = `const db = new (require(${JSON.stringify(library)}))(${JSON.stringify(path)});
    db.exec('BEGIN IMMEDIATE'); console.log('held'); ${work}`;
  const stdio = ['ignore', 'pipe', 'inherit'] as const;
  const child = spawn(process.execPath, ['-e', text], { env: sandbox.env(), stdio: [...stdio] });
  holder = child;
  await once(child.stdout ?? child, 'data');
}

test('a holder that does nothing is given up long before the end of the queue', async () => {
  const path = join(sandbox.root, 'ledger.db');
  const wait = { idleMs: 300, queueMs: 600_000 };
  const driver = openDriver(path, wait);
  await holdLock(path, 'setInterval(() => {}, 60_000);');
  expect(() => begin(driver, wait, path)).toThrow(
    expect.objectContaining({ code: 'SQLITE_BUSY' }) as Error,
  );
  rollback(driver, wait);
  driver.close();
});

test.runIf(process.platform === 'linux')('a holder that works is waited for', async () => {
  const path = join(sandbox.root, 'ledger.db');
  const wait = { idleMs: 200, queueMs: 600_000 };
  const driver = openDriver(path, wait);
  await holdLock(
    path,
    "const end = Date.now() + 1_500; while (Date.now() < end); db.exec('COMMIT');",
  );
  begin(driver, wait, path);
  expect(driver.inTransaction).toBe(true);
  rollback(driver, wait);
  driver.close();
});
