// A client that keeps no transcript: what it spends cannot be seen, and that is said, never shown as $0 in silence.
import { afterEach, expect, test } from 'vitest';
import { runClaude } from '../support/claude.ts';
import { type GuardOptions, readLedger } from '../support/guarded.ts';
import { type MeteredSandbox, openMeteredSandbox } from '../support/metered.ts';
import { plainAnswer, toolLoop } from '../support/scenarios.ts';

let open: MeteredSandbox | null = null;

afterEach(async () => {
  await open?.close();
  open = null;
});

const budget = { id: 'one', hard: '5.00' };

async function runUnseen(script: Parameters<typeof openMeteredSandbox>[0], options: GuardOptions) {
  open = await openMeteredSandbox(script, options);
  const { sandbox, stub } = open;
  const run = await runClaude({
    ...{ home: sandbox.home, cwd: sandbox.repo, stub, prompt: 'go' },
    extraArgs: ['--no-session-persistence', '--output-format', 'stream-json', '--verbose'],
  });
  const decisions = readLedger(sandbox).decisions.filter(({ codes }) =>
    codes.includes('TRANSCRIPT_MISSING'),
  );
  return { run, stub, decisions };
}

test('under a ceiling it is halted after its first tool', { timeout: 120_000 }, async () => {
  const { run, stub, decisions } = await runUnseen(toolLoop({ turns: 5 }), { budgets: [budget] });
  expect(stub.served).toHaveLength(1);
  expect(run.stdout).toContain('"terminal_reason":"hook_stopped"');
  expect(run.stdout).toMatch(/cannot see what this session/);
  expect(decisions).toMatchObject([{ kind: 'halt', moment: 'after-tools' }]);
});

test('with onFailure "warn", or without a ceiling, it goes on and is told once', {
  timeout: 120_000,
}, async () => {
  const lenient: GuardOptions[] = [{ budgets: [budget], config: { onFailure: 'warn' } }, {}];
  for (const options of lenient) {
    const { run, stub, decisions } = await runUnseen(toolLoop({ turns: 3 }), options);
    expect(stub.served).toHaveLength(4);
    expect(run.stdout.match(/PostToolBatch says: Tollgate cannot see/g)).toHaveLength(1);
    expect(decisions).toMatchObject([{ kind: 'warn' }]);
    await open?.close();
  }
});

test('a turn without tools is told at its end', { timeout: 120_000 }, async () => {
  const { run, decisions } = await runUnseen(plainAnswer(), {});
  expect(run.stdout).toMatch(/cannot see what this session/);
  expect(decisions).toMatchObject([{ kind: 'warn', moment: 'turn-end' }]);
});
