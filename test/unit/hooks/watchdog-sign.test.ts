// A watchdog that was stopped is ended when another one takes its place; a process that only looks like one is not.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { endStopped, isWatched, signFile } from '../../../src/hooks/watchdog-sign.ts';
import { identityOf, isAlive, isIdleForGood } from '../../../src/runtime/processes.ts';
import { createSandbox, type Sandbox } from '../../support/sandbox.ts';

const CLIENT = 4_242;

let sandbox: Sandbox;
let child: ChildProcess;
beforeEach(async () => {
  sandbox = await createSandbox();
});
afterEach(async () => {
  child.kill('SIGKILL');
  await sandbox.cleanup();
});

/** A stopped process that runs a file of this name, and a sign that names it. */
async function stop(name: string, identity?: string): Promise<number> {
  const file = join(sandbox.root, name);
  writeFileSync(file, "console.log('runs'); setInterval(() => {}, 60_000);");
  child = spawn(process.execPath, [file], {
    env: sandbox.env(),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout as NodeJS.ReadableStream, 'data');
  const pid = child.pid as number;
  const sign = signFile(sandbox.root, CLIENT);
  mkdirSync(dirname(sign), { recursive: true });
  writeFileSync(sign, JSON.stringify({ pid, identity: identity ?? identityOf(pid) }));
  expect(isWatched(sandbox.root, CLIENT)).toBe(identity === undefined);
  process.kill(pid, 'SIGSTOP');
  while (!isIdleForGood(pid)) await new Promise((resolve) => setTimeout(resolve, 5));
  expect(isWatched(sandbox.root, CLIENT)).toBe(false);
  return pid;
}

const onLinux = test.runIf(process.platform === 'linux');

onLinux('a watchdog that was stopped', async () => {
  await stop('watchdog.cjs');
  const ended = once(child, 'exit');
  endStopped(sandbox.root, CLIENT);
  expect(await ended).toEqual([null, 'SIGKILL']);
});

onLinux.each([
  ['another program', 'other.cjs', undefined],
  ['a later process with its id', 'watchdog.cjs', '1'],
])('%s is left alone', async (_, name, identity) => {
  const pid = await stop(name, identity);
  endStopped(sandbox.root, CLIENT);
  expect(isAlive(pid) && isIdleForGood(pid)).toBe(true);
});
