// What no transcript shows is charged all the same, and a session inside another draws on that one's ceiling: the built hooks, event by event.
import { mkdirSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { configure, readLedger } from '../support/guarded.ts';
import { runHook } from '../support/hook-process.ts';
import { createSandbox, type Sandbox } from '../support/sandbox.ts';
import { response } from '../support/transcript-lines.ts';

let sandbox: Sandbox;

beforeEach(async () => {
  sandbox = await createSandbox();
  await configure(sandbox, { budgets: [{ id: 'session', hard: '1.00' }] });
});
afterEach(() => sandbox.cleanup());

const transcriptOf = (session: string): string => {
  const folder = join(sandbox.home, '.claude', 'projects', 'shop');
  mkdirSync(folder, { recursive: true });
  return join(folder, `${session}.jsonl`);
};
/** A response that costs 15 cents and asks for a tool. */
const line = (id: string, session: string) =>
  response({ id, session, output: 5_800, tool: 'Bash', stopReason: 'tool_use' });

async function afterTools(session: string, id: string, env = {}, isOwnClient = false) {
  return runHook(
    sandbox,
    'PostToolBatch',
    {
      session_id: session,
      transcript_path: transcriptOf(session),
      tool_calls: [{ tool_name: 'Bash', tool_use_id: `toolu_${id}`, tool_input: {} }],
    },
    env,
    isOwnClient,
  );
}

test('responses that never turn up are charged, and two of them halt', async () => {
  await configure(sandbox, { budgets: [{ id: 'session', hard: '20.00' }] });
  const file = transcriptOf('s1');
  writeFileSync(file, line('m1', 's1'));
  const first = await afterTools('s1', 'm1');
  expect(first.exitCode).toBe(0);
  const held = readLedger(sandbox).reservedNanoUsd;
  expect(held).toBeGreaterThan(0);

  const second = await afterTools('s1', 'gone1');
  expect(second.exitCode).toBe(0);
  expect(readLedger(sandbox).reservedNanoUsd).toBeGreaterThan(held);
  await afterTools('s1', 'gone2');
  const last = await afterTools('s1', 'gone3');
  expect(last.exitCode).toBe(2);
  const { decisions } = readLedger(sandbox);
  expect(decisions.flatMap(({ codes }) => codes)).toContain('RESPONSES_MISSING');
});

test('a response that is only late is let go of when its line comes', async () => {
  const file = transcriptOf('s1');
  writeFileSync(file, line('m1', 's1'));
  await afterTools('s1', 'm1');
  await afterTools('s1', 'm2');
  const both = readLedger(sandbox).reservedNanoUsd;
  writeFileSync(file, line('m1', 's1') + line('m2', 's1') + line('m3', 's1'));
  expect((await afterTools('s1', 'm3')).exitCode).toBe(0);
  expect(readLedger(sandbox).reservedNanoUsd).toBeLessThan(both);
});

test('a transcript behind a link is none', async () => {
  const file = transcriptOf('s1');
  writeFileSync(file, line('m1', 's1'));
  expect((await afterTools('s1', 'm1')).exitCode).toBe(0);
  unlinkSync(file);
  symlinkSync('/dev/null', file);
  expect((await afterTools('s1', 'm2')).exitCode).toBe(2);
});

test('a session inside another draws on its ceiling, and its spend counts there', async () => {
  const inside = { CLAUDE_CODE_SESSION_ID: 'outer' };
  writeFileSync(transcriptOf('outer'), ['o1', 'o2', 'o3'].map((id) => line(id, 'outer')).join(''));
  expect((await afterTools('outer', 'o3')).exitCode).toBe(0);

  const begin = { session_id: 'inner', transcript_path: transcriptOf('inner') };
  writeFileSync(transcriptOf('inner'), '');
  await runHook(sandbox, 'SessionStart', { ...begin, source: 'startup' }, inside, true);
  writeFileSync(transcriptOf('inner'), ['i1', 'i2', 'i3'].map((id) => line(id, 'inner')).join(''));
  // $0.45 of its own $1.00, and $0.90 of the outer one's.
  const halted = await afterTools('inner', 'i3', inside, true);
  expect(halted.exitCode).toBe(2);
  expect(JSON.stringify(halted.output)).toContain('session outer');

  expect((await afterTools('outer', 'o3')).exitCode).toBe(2);
});
