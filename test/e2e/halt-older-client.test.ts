// Where `init` finds no client it writes what every version knows: PostToolUse instead of PostToolBatch, and
// `onFailure`, which older clients run hooks with and do not heed. The ceiling holds all the same.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type MessagesApiStub, startMessagesApiStub } from '../support/messages-api-stub.ts';
import { createSandbox, type Sandbox } from '../support/sandbox.ts';
import { fiveParallelTools, toolLoop } from '../support/scenarios.ts';
import { readStatus, runGuarded, tollgateOk } from '../support/tollgate.ts';

let sandbox: Sandbox;
let stub: MessagesApiStub | null = null;

beforeEach(async () => {
  sandbox = await createSandbox();
  await tollgateOk(sandbox, ['init', '--yes', '--session-soft', '0.08', '--session-hard', '0.20']);
});
afterEach(async () => {
  await stub?.close();
  await sandbox.cleanup();
});

test('PostToolUse is written in the place of PostToolBatch', () => {
  const settings = readFileSync(join(sandbox.repo, '.claude', 'settings.json'), 'utf8');
  expect(settings).toContain('"PostToolUse"');
  expect(settings).not.toContain('PostToolBatch');
});

test('where the version is not known, a hook that fails blocks all the same', async () => {
  const settings = join(sandbox.repo, '.claude', 'settings.json');
  const text = readFileSync(settings, 'utf8');
  expect(text.match(/"onFailure": "block"/g)?.length).toBeGreaterThanOrEqual(3);
  const [launcher] = /[^"]*tollgate-hook\.cjs/.exec(text) ?? [''];
  expect(launcher).not.toBe('');
  writeFileSync(join(sandbox.repo, '.claude', 'tollgate-hook.cjs'), 'process.exit(1);\n');
  stub = await startMessagesApiStub(toolLoop({ turns: 3 }));
  await runGuarded(sandbox, { stub, prompt: 'go' });
  expect(stub.served).toEqual([]);
});

test.each([
  ['one tool a message', () => toolLoop({ turns: 25 })],
  ['five tools a message', () => fiveParallelTools(undefined, 25)],
])('a loop ends at or under its ceiling: %s', async (_name, script) => {
  stub = await startMessagesApiStub(script());
  const run = await runGuarded(sandbox, { stub, prompt: 'go' });
  expect(run.result?.terminal_reason).toBe('hook_stopped');
  const spent = run.result?.total_cost_usd ?? 1;
  console.log(`$${spent.toFixed(4)} of $0.20 in ${stub.served.length} requests`);
  expect(spent).toBeLessThanOrEqual(0.2);
  expect(spent).toBeGreaterThan(0.1);
  const [session] = await readStatus(sandbox);
  expect(session?.requestCount).toBe(stub.served.length);
  expect(session?.verdict.kind).toBe('halt');
});
