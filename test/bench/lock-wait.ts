// How long hooks wait for the ledger's lock: while a process that does nothing holds it, and of a hundred hooks at once.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import type { Sandbox } from '../support/sandbox.ts';
import { type Built, emptyVariant, scene } from './hook-latency.ts';
import { runOnce, type Variant } from './measure.ts';

const HOOKS_AT_ONCE = 100;

export interface LockFigures {
  /** A hook's time while the lock is held by somebody who is stuck. */
  readonly stuckMs: readonly number[];
  /** Of those hooks: how many decided without the ledger. */
  readonly stuckWithoutLedger: number;
  /** The slowest of `HOOKS_AT_ONCE` hooks of each round. */
  readonly slowestMs: readonly number[];
  /** The slowest of as many processes of bare Node. */
  readonly bareMs: readonly number[];
  readonly atOnce: number;
  readonly withoutLedger: number;
  readonly failed: number;
}

export async function measureLockWait(
  sandbox: Sandbox,
  built: Built,
  isShort: boolean,
): Promise<LockFigures> {
  const stuck = await measureStuck(sandbox, built, isShort ? 3 : 10);
  const names = Array.from({ length: HOOKS_AT_ONCE }, (_, index) => `q${index}`);
  const scenes = names.map((name) => scene(sandbox, built, name, 0, 0, 'queue'));
  // Whoever works on a machine has the hooks' code in its cache.
  for (const { variant } of scenes.slice(0, 3)) await runOnce(variant);
  const bare = Array.from({ length: HOOKS_AT_ONCE }, () => emptyVariant(sandbox));
  const slowestMs: number[] = [];
  const bareMs: number[] = [];
  let [atOnce, withoutLedger, failed] = [0, 0, 0];
  for (let round = 0; round < (isShort ? 1 : 3); round += 1) {
    const bareRuns = await Promise.all(bare.map(runOnce));
    bareMs.push(Math.max(...bareRuns.map(({ ms }) => ms)));
    // Without a lease each of them asks the gate.
    for (const { variant } of scenes) variant.prepare?.();
    const hooks = scenes.map(({ variant: { prepare: _, ...hook } }) => runOnce(hook));
    const runs = await Promise.all(hooks);
    slowestMs.push(Math.max(...runs.map(({ ms }) => ms)));
    atOnce += runs.length;
    withoutLedger += runs.filter(({ stdout }) => isWithoutLedger(stdout)).length;
    failed += runs.filter(({ exitCode }) => exitCode !== 0).length;
  }
  return { ...stuck, slowestMs, bareMs, atOnce, withoutLedger, failed };
}

async function measureStuck(sandbox: Sandbox, built: Built, rounds: number) {
  const { variant, ledgerPath } = scene(sandbox, built, 'stuck');
  // The first makes the session and fills the caches.
  for (let warm = 0; warm < 3; warm += 1) await runOnce(variant);
  const holder = await holdLock(ledgerPath, variant);
  try {
    const stuckMs: number[] = [];
    let stuckWithoutLedger = 0;
    for (let round = 0; round < rounds; round += 1) {
      const { ms, stdout } = await runOnce(variant);
      stuckMs.push(ms);
      if (isWithoutLedger(stdout)) stuckWithoutLedger += 1;
    }
    return { stuckMs, stuckWithoutLedger };
  } finally {
    holder.kill('SIGKILL');
    await once(holder, 'close');
  }
}

/** A process that takes the ledger's lock and sleeps. */
async function holdLock(ledgerPath: string, { env }: Variant) {
  const sqlite = createRequire(import.meta.url).resolve('better-sqlite3');
  const text = `const db = new (require(${JSON.stringify(sqlite)}))(${JSON.stringify(ledgerPath)});
    db.exec('BEGIN IMMEDIATE'); console.log('held'); setInterval(() => {}, 60_000);`;
  const holder = spawn(process.execPath, ['-e', text], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(holder.stdout, 'data');
  return holder;
}

const isWithoutLedger = (stdout: string): boolean => stdout.includes('without its ledger');
