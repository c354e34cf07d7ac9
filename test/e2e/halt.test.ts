// The main job on the real client: metered, recorded, warned once, halted, kept halted, and let go on by
// a person's grant. The stub is a stubborn model: it asks for the next tool whatever it is told.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type MessagesApiStub, startMessagesApiStub } from '../support/messages-api-stub.ts';
import { createSandbox, type Sandbox } from '../support/sandbox.ts';
import { toolLoop } from '../support/scenarios.ts';
import { initTollgate, readStatus, runGuarded, tollgate, tollgateOk } from '../support/tollgate.ts';

const MODEL = 'claude-opus-4-7';
const TURNS = 25;
/** Costs grow from $0.0255 to $0.23 a request: $3.32 for the whole loop when nobody stops it. */
const usageAt = (step: number) => ({
  input_tokens: 10,
  output_tokens: 300 + 110 * step,
  cache_read_input_tokens: 20_000 + 3_200 * step,
  cache_creation_input_tokens: 1_200 + 560 * step,
});
const costAt = (step: number) => {
  const usage = usageAt(step);
  return (
    (usage.input_tokens * 5 +
      usage.output_tokens * 25 +
      usage.cache_read_input_tokens * 0.5 +
      usage.cache_creation_input_tokens * 6.25) /
    1e6
  );
};

let sandbox: Sandbox;
let stub: MessagesApiStub;

beforeEach(async () => {
  sandbox = await createSandbox();
  stub = await startMessagesApiStub(
    toolLoop({ turns: TURNS, usage: usageAt, command: (step) => `echo ran > ran-${step}` }),
  );
});
afterEach(async () => {
  await stub.close();
  await sandbox.cleanup();
});

test('a runaway loop ends at its ceiling, stays ended, and goes on after a grant', async () => {
  const unguarded = Array.from({ length: TURNS + 1 }, (_, step) => costAt(step)).reduce(
    (a, b) => a + b,
    0,
  );
  await initTollgate(sandbox, '0.05', '0.10');

  const run = await runGuarded(sandbox, { stub, prompt: 'go', model: MODEL });
  expect(run.result?.terminal_reason).toBe('hook_stopped');
  expect(run.exitCode).toBe(0);
  const served = stub.served.length;
  const spent = run.result?.total_cost_usd ?? 0;
  console.log(
    `unguarded $${unguarded.toFixed(4)}; halted after ${served} requests at $${spent.toFixed(4)} of $0.10`,
  );
  expect(unguarded).toBeGreaterThan(3.2);
  expect(spent).toBeLessThanOrEqual(0.1);
  expect(spent).toBeGreaterThan(0.04);
  // The tool that the last response asked for did not run.
  expect(existsSync(join(sandbox.repo, `ran-${served - 1}`))).toBe(false);
  expect(existsSync(join(sandbox.repo, `ran-${served - 2}`))).toBe(true);

  const [session] = await readStatus(sandbox);
  expect(session?.sessionId).toBe(run.result?.session_id);
  expect(Math.abs((session?.costNanoUsd ?? 0) / 1e9 - spent)).toBeLessThan(1e-6);
  expect(session?.requestCount).toBe(served);
  expect(session?.haltedAt).toEqual(expect.any(Number));
  expect(session?.verdict.kind).toBe('halt');
  expect(session?.repository).toBe('github.com/Acme/Shop');
  expect(session?.branch).toBe('main');
  expect(session?.developer).toBe('dana@acme.example');
  expect(session?.budgets[0]).toMatchObject({
    budgetId: 'session',
    period: 'session',
    softNanoUsd: 50_000_000,
    hardNanoUsd: 100_000_000,
    ceilingNanoUsd: 100_000_000,
  });

  const id = run.result?.session_id ?? '';
  const refused = await runGuarded(sandbox, { stub, prompt: 'go on', model: MODEL, resume: id });
  expect(stub.served.length).toBe(served);
  expect(refused.result?.result).toContain(
    `/budget raise 2, or in a terminal: tollgate grant 2 --session ${id.slice(0, 8)}`,
  );

  await tollgateOk(sandbox, ['grant', '0.20', '--session', id, '--reason', 'release day', '--yes']);
  const further = await runGuarded(sandbox, { stub, prompt: 'go on', model: MODEL, resume: id });
  expect(stub.served.length).toBeGreaterThan(served);
  expect(further.result?.terminal_reason).toBe('hook_stopped');
  expect(further.result?.total_cost_usd ?? 1).toBeLessThanOrEqual(0.3);
  const [after] = await readStatus(sandbox);
  expect(after?.budgets[0]?.ceilingNanoUsd).toBe(300_000_000);
});

test('the soft ceiling is told once, to the person and to the model', async () => {
  await initTollgate(sandbox, '0.05', '1.00');
  const run = await runGuarded(sandbox, {
    stub,
    prompt: 'go',
    model: MODEL,
    extraArgs: ['--max-turns', '8'],
  });
  const transcript = readFileSync(run.transcriptPath ?? '', 'utf8');
  const toPerson = [
    ...transcript.matchAll(/"type":"hook_system_message"[^\n]*past the soft limit/g),
  ];
  const toModel = [
    ...transcript.matchAll(/"type":"hook_additional_context"[^\n]*Start to wrap up/g),
  ];
  expect(toPerson).toHaveLength(1);
  expect(toModel).toHaveLength(1);
});

test('a grant is refused inside the agent’s shell, without a terminal and for a wrong amount', async () => {
  await initTollgate(sandbox, '0.05', '0.10');
  const run = await runGuarded(sandbox, { stub, prompt: 'go', model: MODEL });
  const id = run.result?.session_id ?? '';
  const inside = await tollgate(sandbox, ['grant', '5', '--session', id, '--yes'], {
    CLAUDECODE: '1',
  });
  expect(inside.exitCode).toBe(2);
  expect(inside.stderr).toContain('for people');
  const unasked = await tollgate(sandbox, ['grant', '5', '--session', id]);
  expect(unasked.exitCode).toBe(2);
  expect(unasked.stderr).toContain('--yes');
  const wrong = await tollgate(sandbox, ['grant', 'five', '--session', id, '--yes']);
  expect(wrong.exitCode).toBe(2);
  const [session] = await readStatus(sandbox);
  expect(session?.budgets[0]?.ceilingNanoUsd).toBe(100_000_000);
});
