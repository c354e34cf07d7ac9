// How a session lands, on the real client: told to finish, halted, its work noted, offered again at the resume; and a
// ceiling that follows a person's /clear into the next session.
import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { runClaude } from '../support/claude.ts';
import { openClaudeTty } from '../support/claude-tty.ts';
import { configure, guard, readLedger } from '../support/guarded.ts';
import {
  type MessagesApiStub,
  type Script,
  startMessagesApiStub,
} from '../support/messages-api-stub.ts';
import { createSandbox, type Sandbox } from '../support/sandbox.ts';
import { toolLoop } from '../support/scenarios.ts';
import { tollgate } from '../support/tollgate.ts';

const usage = { input_tokens: 20, output_tokens: 400, cache_read_input_tokens: 3_500 };
let sandbox: Sandbox;
let stub: MessagesApiStub;
let heard: string[];

/** A model that keeps what it was told. */
const listening =
  (script: Script): Script =>
  (request) => {
    if (request.kind === 'main') heard.push(JSON.stringify(request.body.messages.at(-1)));
    return script(request);
  };

async function open(script: Script, budget: object): Promise<void> {
  stub = await startMessagesApiStub(listening(script));
  await guard(sandbox, {
    budgets: [{ id: 'session', ...budget }],
    config: { handOffs: 'keep' },
  });
}

beforeEach(async () => {
  sandbox = await createSandbox();
  heard = [];
});
afterEach(async () => {
  await stub.close();
  await sandbox.cleanup();
});

test('finish, halt, note, grant, resume', { timeout: 120_000 }, async () => {
  await open(toolLoop({ turns: 30, usage }), { soft: '0.05', hard: '0.20' });
  const options = {
    home: sandbox.home,
    cwd: sandbox.repo,
    stub,
    extraEnv: { TOLLGATE_HOME: sandbox.tollgateHome },
  };
  const run = await runClaude({ ...options, prompt: 'go' });
  const resume = run.result?.session_id ?? '';
  expect(run.result?.terminal_reason).toBe('hook_stopped');
  const told = (text: string) => heard.filter((message) => message.includes(text)).length;
  expect(told('Start to wrap up') + told('Finish now')).toBeGreaterThan(0);
  expect(told('Finish now')).toBe(1);

  const status = await tollgate(sandbox, ['status', '--session', resume, '--json']);
  const [session] = (JSON.parse(status.stdout) as { sessions: { handOff: string }[] }).sessions;
  const note = JSON.parse(readFileSync(session?.handOff ?? '', 'utf8')) as Record<string, unknown>;
  expect(note).toMatchObject({ sessionId: resume, budget: 'session' });
  expect(note.lastWords).toMatch(/^step \d+$/);

  await configure(sandbox, { budgets: [{ id: 'session', soft: '0.05', hard: '1.00' }] });
  expect((await tollgate(sandbox, ['accept', '--yes'])).exitCode).toBe(0);
  heard = [];
  await runClaude({ ...options, prompt: 'go on', resume });
  expect(heard[0]).toContain('go on');
  expect(stub.served.length).toBeGreaterThan(8);
  const context = JSON.stringify(heard);
  expect(context).toContain('Hand-off from');
  expect(context).toContain(String(note.lastWords));
});

test('a ceiling that follows the chain holds across /clear', { timeout: 120_000 }, async () => {
  const dear = { output_tokens: 2_400, cache_read_input_tokens: 3_500 };
  await open(toolLoop({ turns: 0, usage: dear, finalText: 'answered' }), {
    period: { session: { followChain: true } },
    hard: '0.10',
  });
  const tty = await openClaudeTty({
    home: sandbox.home,
    cwd: sandbox.repo,
    stub,
    extraEnv: { TOLLGATE_HOME: sandbox.tollgateHome },
  });
  try {
    await tty.submit('first question');
    await tty.waitFor(/answered/);
    await tty.submit('/clear');
    await tty.waitFor(/❯ \/clear/);
    await tty.submit('second question');
    await tty.waitFor(/tollgate grant/);
    expect(stub.served.filter(({ kind }) => kind === 'main')).toHaveLength(1);
  } finally {
    await tty.close();
  }
  expect(readLedger(sandbox).sessions).toHaveLength(2);
});
