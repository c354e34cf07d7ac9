// `tollgate halt` and `tollgate resume` on the real client: a running loop stops without a further request, stays
// stopped when it is resumed, and goes on only after a person has lifted the halt.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { guard, readLedger } from '../support/guarded.ts';
import { type MessagesApiStub, startMessagesApiStub } from '../support/messages-api-stub.ts';
import { createSandbox, type Sandbox } from '../support/sandbox.ts';
import { backgroundSubagents, plainAnswer, toolLoop } from '../support/scenarios.ts';
import { readStatus, runGuarded, tollgate, tollgateOk } from '../support/tollgate.ts';

let sandbox: Sandbox;
let stub: MessagesApiStub;

beforeEach(async () => {
  sandbox = await createSandbox();
});
afterEach(async () => {
  await stub.close();
  await sandbox.cleanup();
});

/**
 * The loops that asked the model on and on after an instant. One request of each, whose hook had said yes just before,
 * may have been on its way; how long that takes is the machine's business.
 */
function goingOnAfter(at: number): readonly (string | null)[] {
  const late = stub.served.filter(({ receivedAt }) => receivedAt > at);
  const loops = late.map(({ agentId }) => agentId);
  return loops.filter((loop, index) => loops.indexOf(loop) < index);
}

test('a halt from outside ends a running loop, and only a person ends the halt', async () => {
  const loop = toolLoop({ turns: 40, pace: { delayMs: 250 } });
  const answer = plainAnswer();
  stub = await startMessagesApiStub((request) =>
    (request.promptText.includes('go on') ? answer : loop)(request),
  );
  await guard(sandbox);
  const running = runGuarded(sandbox, { stub, prompt: 'go' });
  await stub.waitForServed(3);

  const halted = await tollgateOk(sandbox, ['halt', '--reason', 'wrong branch', '--json']);
  const haltedAt = Date.now();
  const { schema, sessions } = JSON.parse(halted) as {
    schema: string;
    sessions: { sessionId: string; outcome: string }[];
  };
  expect(schema).toBe('tollgate/halt@1');
  expect(sessions).toMatchObject([{ outcome: 'halted' }]);

  const { result } = await running;
  expect(result?.terminal_reason).toBe('hook_stopped');
  expect(result?.session_id).toBe(sessions[0]?.sessionId);
  expect(goingOnAfter(haltedAt)).toEqual([]);
  const served = stub.served.length;
  console.log(`halted by hand after ${served} of 41 requests`);

  const [shown] = await readStatus(sandbox);
  expect(shown?.verdict.breaches.map(({ code }) => code)).toEqual(['HALTED_BY_PERSON']);
  const resume = result?.session_id ?? '';
  const again = await runGuarded(sandbox, { stub, prompt: 'go on', resume });
  expect(again.result?.result).toContain('wrong branch');
  expect(stub.served).toHaveLength(served);

  const refused = await tollgate(sandbox, ['resume'], { CLAUDECODE: '1' });
  expect(refused.exitCode).toBe(2);
  expect(refused.stderr).toContain("agent's shell");
  expect(await tollgateOk(sandbox, ['resume'])).toContain(resume);
  const [resumed] = await readStatus(sandbox);
  expect(resumed?.haltedAt).toBeNull();
  const on = await runGuarded(sandbox, { stub, prompt: 'go on', resume });
  expect(on.result?.terminal_reason).toBe('completed');
  expect(stub.served.length).toBeGreaterThan(served);
  expect(readLedger(sandbox).decisions.filter(({ moment }) => moment === 'by-hand')).toHaveLength(
    2,
  );
});

test('--all halts the subagents in the background, too', async () => {
  stub = await startMessagesApiStub(
    backgroundSubagents(2, toolLoop({ turns: 40, pace: { delayMs: 250 } })),
  );
  await guard(sandbox);
  const running = runGuarded(sandbox, { stub, prompt: 'go' });
  await stub.waitForServed(8);
  await tollgateOk(sandbox, ['halt', '--all']);
  const haltedAt = Date.now();
  await running;
  expect(goingOnAfter(haltedAt)).toEqual([]);
});

test('a budget halt is lifted by a grant, not by resume', async () => {
  stub = await startMessagesApiStub(toolLoop({ turns: 40 }));
  await guard(sandbox, { budgets: [{ id: 'session', scope: { per: 'session' }, hard: '0.10' }] });
  const { result } = await runGuarded(sandbox, { stub, prompt: 'go' });
  expect(result?.terminal_reason).toBe('hook_stopped');
  const run = await tollgate(sandbox, ['resume']);
  expect(run.exitCode).toBe(1);
  expect(run.stdout).toContain('tollgate grant');
  // A person's halt on top of it goes away alone.
  const session = ['--session', result?.session_id ?? ''];
  await tollgateOk(sandbox, ['halt', ...session]);
  expect((await readStatus(sandbox))[0]?.verdict.breaches[0]?.code).toBe('HALTED_BY_PERSON');
  expect((await tollgate(sandbox, ['resume', ...session])).exitCode).toBe(1);
  const [shown] = await readStatus(sandbox);
  expect(shown?.haltedAt).toEqual(expect.any(Number));
  expect(shown?.verdict.breaches[0]?.code).not.toBe('HALTED_BY_PERSON');
});

test('without anything that runs it says so', async () => {
  stub = await startMessagesApiStub(toolLoop({ turns: 1 }));
  const none = await tollgate(sandbox, ['halt']);
  expect(none.exitCode).toBe(2);
  expect(none.stderr).toContain('no session is running');
  await guard(sandbox);
  await runGuarded(sandbox, { stub, prompt: 'go' });
  await sleep(100);
  expect((await tollgate(sandbox, ['halt'])).exitCode).toBe(2);
  expect((await tollgate(sandbox, ['resume'])).exitCode).toBe(2);
});
