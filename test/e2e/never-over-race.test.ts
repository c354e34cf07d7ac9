// A single crossing is one verdict, one alert and one latch, however many hooks meet it at once:
// fifty processes of the built hooks on one session.
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { configure, readLedger } from '../support/guarded.ts';
import { type HookAnswer, runHook } from '../support/hook-process.ts';
import { createSandbox, type Sandbox } from '../support/sandbox.ts';
import { type WrittenTranscript, writeTranscript } from '../support/transcript.ts';

const PROCESSES = 50;
let sandbox: Sandbox;
let transcript: WrittenTranscript;

beforeEach(async () => {
  sandbox = await createSandbox();
  transcript = writeTranscript(sandbox, 'aaaaaaaa-0000-4000-8000-000000000001');
  transcript.prompt('turn-1');
});
afterEach(() => sandbox.cleanup());

const base = () => ({
  session_id: transcript.sessionId,
  transcript_path: transcript.path,
  prompt_id: 'turn-1',
});
/** An event of a call of its own: the same call fifty times would be a loop. */
const event = (name: string, index: number): Record<string, unknown> => {
  const tool = { tool_name: 'Bash', tool_use_id: 't1', tool_input: { command: `ls ${index}` } };
  if (name === 'UserPromptSubmit') return { ...base(), prompt: 'go on' };
  if (name === 'PreToolUse') return { ...base(), ...tool };
  return { ...base(), tool_calls: [{ ...tool, tool_response: 'a' }] };
};
const NAMES = ['PostToolBatch', 'PreToolUse', 'UserPromptSubmit'];

async function race(): Promise<{ name: string; answer: HookAnswer }[]> {
  return Promise.all(
    Array.from({ length: PROCESSES }, async (_, index) => {
      const name = NAMES[index % NAMES.length] ?? 'PreToolUse';
      return { name, answer: await runHook(sandbox, name, event(name, index)) };
    }),
  );
}

function rows(table: string): number {
  const db = new Database(join(sandbox.tollgateHome, 'ledger.db'), { readonly: true });
  try {
    return (db.prepare(`SELECT count(*) AS n FROM ${table}`).get() as { n: number }).n;
  } finally {
    db.close();
  }
}

test('fifty hooks over the ceiling: one halt, one alert, one latch, and fifty obey', async () => {
  await configure(sandbox, { budgets: [{ id: 'session', hard: '0.10', wrapUp: 'never' }] });
  const tools = [{ id: 't1', name: 'Bash', input: { command: 'ls' } }];
  transcript.respond({ id: 'msg_1', usage: { output_tokens: 8_000 }, tools });
  const answers = await race();
  for (const { name, answer } of answers) {
    expect(answer.exitCode).toBe(2);
    if (name === 'UserPromptSubmit') expect(answer.output?.decision).toBe('block');
    else expect(answer.output?.continue).toBe(false);
    expect(answer.stderr).toContain('tollgate grant');
  }
  const told = answers.filter(({ answer }) => answer.stderr.includes('reaches the ceiling'));
  expect(told).toHaveLength(1);
  const ledger = readLedger(sandbox);
  expect(ledger.decisions).toMatchObject([{ kind: 'halt', codes: ['HARD_LIMIT_REACHED'] }]);
  expect(ledger.entries).toHaveLength(1);
  expect(rows('latch')).toBe(1);
  expect(rows('announcement')).toBe(1);
});

test('fifty hooks over the soft limit: the person is told once, and the model once', async () => {
  await configure(sandbox, { budgets: [{ id: 'session', soft: '0.10', hard: '10.00' }] });
  const tools = [{ id: 't1', name: 'Bash', input: { command: 'ls' } }];
  transcript.respond({ id: 'msg_1', usage: { output_tokens: 8_000 }, tools });
  const answers = await race();
  expect(answers.map(({ answer }) => answer.exitCode)).toEqual(Array(PROCESSES).fill(0));
  // A hook that has waited too long for the others says that instead.
  const toPerson = answers.filter(({ answer }) =>
    /past the soft limit/.test(String(answer.output?.systemMessage)),
  );
  const toModel = answers.filter(
    ({ answer }) => answer.output?.hookSpecificOutput?.additionalContext !== undefined,
  );
  expect(toPerson).toHaveLength(1);
  expect(toModel).toHaveLength(1);
  expect(readLedger(sandbox).decisions).toMatchObject([
    { kind: 'warn', codes: ['SOFT_LIMIT_REACHED'] },
  ]);
});
