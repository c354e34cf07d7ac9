// A transcript with lines that cannot be read: what they cost nobody knows, and that is said, never shown as $0 in silence.
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type GuardOptions, guard, readLedger } from '../support/guarded.ts';
import { runHook } from '../support/hook-process.ts';
import { createSandbox, type Sandbox } from '../support/sandbox.ts';
import { tollgate } from '../support/tollgate.ts';
import { prompt, response } from '../support/transcript-lines.ts';

let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await createSandbox();
});
afterEach(() => sandbox.cleanup());

const budgets = [{ id: 'session', hard: '5.00' }];
const torn = response({ id: 'torn' }).slice(0, 250);

/** A session whose transcript has this text; answers the event of its next prompt. */
async function begin(text: string, options: GuardOptions) {
  await guard(sandbox, options);
  const folder = join(sandbox.home, '.claude', 'projects', 'shop');
  mkdirSync(folder, { recursive: true });
  const transcript_path = join(folder, 's1.jsonl');
  writeFileSync(transcript_path, text);
  return { session_id: 's1', transcript_path, prompt: 'go on', prompt_id: 'p2' };
}

test('halts the session under a ceiling, and sync, status and doctor tell of it', async () => {
  const text = `${prompt('t1')}${response({ id: 'm1' })}${torn}\n${response({ id: 'm2', at: 2 })}`;
  const event = await begin(text, { budgets });
  const halted = await runHook(sandbox, 'UserPromptSubmit', event);
  expect(halted.output?.decision).toBe('block');
  const refused = await runHook(sandbox, 'PreToolUse', { ...event, ...tool });
  expect(refused.output?.continue).toBe(false);
  expect(readLedger(sandbox).decisions).toContainEqual(
    expect.objectContaining({ kind: 'halt', codes: ['LINES_UNUSABLE'] }),
  );
  const told = async (command: string) =>
    JSON.parse((await tollgate(sandbox, [command, '--json'])).stdout);
  expect(await told('sync')).toMatchObject({
    ...{ unusableLineCount: 1, ledger: { requestCount: 2 } },
    unusableFiles: [{ path: event.transcript_path, lineCount: 1 }],
  });
  expect((await told('status')).sessions).toMatchObject([{ unusableLineCount: 1 }]);
  const { stdout } = await tollgate(sandbox, ['doctor', '--json']);
  expect(stdout).toContain('LINES_UNUSABLE');
});

const tool = { tool_name: 'Bash', tool_input: { command: 'ls' }, tool_use_id: 'toolu_1' };

test.each([
  ['resume', ['resume', '--session', 's1']],
  ['a grant', ['grant', '2', '--session', 's1', '--yes']],
])('%s by a person lifts the halt, and a further line halts again', async (_, words) => {
  const line = { cwd: sandbox.repo };
  const text = `${prompt('t1')}${torn}\n${response({ id: 'm2', line })}`;
  const event = await begin(text, { budgets });
  const halted = await runHook(sandbox, 'UserPromptSubmit', event);
  expect(halted.output?.decision).toBe('block');
  const lifted = await tollgate(sandbox, words);
  expect(lifted, lifted.stderr).toMatchObject({
    exitCode: 0,
    stdout: expect.stringMatching(/1 line of its/),
  });
  const allowed = await runHook(sandbox, 'PreToolUse', { ...event, ...tool });
  expect(allowed.output?.continue).toBeUndefined();
  expect((await runHook(sandbox, 'UserPromptSubmit', event)).output?.decision).toBeUndefined();
  appendFileSync(event.transcript_path, `${torn}\n${response({ id: 'm3', at: 3, line })}`);
  const again = await runHook(sandbox, 'UserPromptSubmit', event);
  expect(again.output?.decision).toBe('block');
});

test('warns once with onFailure "warn", and says nothing where all can be read', async () => {
  const event = await begin(`${torn}\n${response({ id: 'm1' })}`, {
    ...{ budgets, config: { onFailure: 'warn' } },
  });
  const first = await runHook(sandbox, 'UserPromptSubmit', event);
  expect(first.output?.decision).toBeUndefined();
  expect(first.output?.systemMessage).toMatch(/1 line of its transcript/);
  const second = await runHook(sandbox, 'UserPromptSubmit', event);
  expect(second.output).toBeNull();
});
