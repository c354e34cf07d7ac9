// Circuit breakers on the real client: a loop of failing calls and one that another hook keeps going halt at the configured count, and go on
// when a person lifts the halt.
import { afterEach, expect, test } from 'vitest';
import { guard, readLedger } from '../support/guarded.ts';
import { type MessagesApiStub, startMessagesApiStub } from '../support/messages-api-stub.ts';
import { createSandbox, type Sandbox } from '../support/sandbox.ts';
import { plainAnswer, toolLoop } from '../support/scenarios.ts';
import { readStatus, runGuarded, tollgateOk } from '../support/tollgate.ts';

let sandbox: Sandbox;
let stub: MessagesApiStub;

afterEach(async () => {
  await stub.close();
  await sandbox.cleanup();
});

test('a loop of identical failing calls halts at the configured count', async () => {
  sandbox = await createSandbox();
  const loop = toolLoop({ turns: 30, command: () => 'echo broken; exit 3' });
  const answer = plainAnswer();
  stub = await startMessagesApiStub((request) =>
    (request.promptText.includes('go on') ? answer : loop)(request),
  );
  const breakers = { failingCalls: { mode: 'enforce', times: 5 } };
  await guard(sandbox, { config: { breakers } });
  const { result } = await runGuarded(sandbox, { stub, prompt: 'go' });
  expect(result?.terminal_reason).toBe('hook_stopped');
  expect(stub.served).toHaveLength(5);

  const [halted] = await readStatus(sandbox);
  expect(halted?.verdict.breaches.map(({ code }) => code)).toEqual(['HALTED_BY_BREAKER']);
  expect(readLedger(sandbox).decisions.at(-1)?.codes).toContain('BREAKER_TRIPPED');
  const alerts = JSON.parse(await tollgateOk(sandbox, ['alerts', 'list', '--json'])) as {
    alerts: { code: string }[];
  };
  expect(alerts.alerts).toMatchObject([
    { code: 'BREAKER_TRIPPED', breaker: 'failingCalls', count: 5, isHalted: true },
  ]);
  // Neither the command nor what it printed is anywhere in the ledger.
  expect(JSON.stringify(alerts)).not.toContain('broken');

  const resume = result?.session_id ?? '';
  const kept = await runGuarded(sandbox, { stub, prompt: 'go on', resume });
  expect(kept.result?.result).toContain('failingCalls');
  expect(stub.served).toHaveLength(5);
  await tollgateOk(sandbox, ['resume']);
  const free = await runGuarded(sandbox, { stub, prompt: 'go on', resume });
  expect(free.result?.terminal_reason).toBe('completed');
});

test('a hook that sends the agent on at every end of a turn is stopped', async () => {
  sandbox = await createSandbox();
  stub = await startMessagesApiStub(plainAnswer());
  const sendOn = `process.stdout.write('{"decision":"block","reason":"go on"}')`;
  const hook = { type: 'command', command: process.execPath, args: ['-e', sendOn] };
  await guard(sandbox, {
    config: { breakers: { requestsWithoutTools: { mode: 'enforce', times: 4 } } },
    settings: { hooks: { Stop: [{ hooks: [hook] }] } },
  });
  const { result } = await runGuarded(sandbox, { stub, prompt: 'go' });
  expect(result?.terminal_reason).toBe('stop_hook_prevented');
  expect(stub.served).toHaveLength(4);
  const [halted] = await readStatus(sandbox);
  expect(halted?.verdict.breaches.map(({ code }) => code)).toEqual(['HALTED_BY_BREAKER']);
});

test('a grant lifts the halt of a breaker where a ceiling is in force', async () => {
  sandbox = await createSandbox();
  const loop = toolLoop({ turns: 30, command: () => 'echo broken; exit 3' });
  const answer = plainAnswer();
  stub = await startMessagesApiStub((request) =>
    (request.promptText.includes('go on') ? answer : loop)(request),
  );
  const breakers = { failingCalls: { mode: 'enforce', times: 4 } };
  await guard(sandbox, { budgets: [{ id: 'session', hard: '5.00' }], config: { breakers } });
  const { result } = await runGuarded(sandbox, { stub, prompt: 'go' });
  expect(result?.terminal_reason).toBe('hook_stopped');
  expect(stub.served).toHaveLength(4);
  const id = result?.session_id ?? '';
  await tollgateOk(sandbox, ['grant', '1', '--session', id, '--reason', 'seen', '--yes']);
  const free = await runGuarded(sandbox, { stub, prompt: 'go on', resume: id });
  expect(free.result?.terminal_reason).toBe('completed');
});
