// `tollgate run` around the real client: its exit code and result, what passes through, tries that count together.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ensureClaudeClient } from '../../scripts/claude-client.mjs';
import { billedNanoUsd } from '../support/billed.ts';
import { claudeArgs, claudeEnv } from '../support/claude.ts';
import { guard } from '../support/guarded.ts';
import { type MessagesApiStub, startMessagesApiStub } from '../support/messages-api-stub.ts';
import { createSandbox, type Sandbox } from '../support/sandbox.ts';
import { toolLoop } from '../support/scenarios.ts';
import { tollgate } from '../support/tollgate.ts';

interface RunResult {
  readonly schema: string;
  readonly runId: string;
  readonly halted: boolean;
  readonly cause: string;
  readonly runExitCode: number;
  readonly startedAtIso: string;
  readonly exitCode: number;
  readonly sessionId: string | null;
  readonly costNanoUsd: number;
  readonly ceilingNanoUsd: number | null;
  readonly breach: { readonly code: string; readonly budgetId: string } | null;
  readonly handOff: string | null;
  readonly sessions: readonly { readonly sessionId: string }[];
}

const usage = { input_tokens: 20, output_tokens: 400, cache_read_input_tokens: 3_500 };
let sandbox: Sandbox;
let opened: MessagesApiStub | null = null;

beforeEach(async () => {
  sandbox = await createSandbox();
});
afterEach(async () => {
  await opened?.close();
  opened = null;
  await sandbox.cleanup();
});

async function runClient(turns: number, options: readonly string[] = [], extra: string[] = []) {
  opened ??= await startMessagesApiStub(toolLoop({ turns, usage, finalText: 'all done' }));
  const stub = opened;
  const args = claudeArgs({ home: sandbox.home, cwd: sandbox.repo, stub, extraArgs: extra });
  const client = [await ensureClaudeClient(), '-p', 'go', '--output-format', 'json', ...args];
  const result = join(sandbox.root, 'result.json');
  const run = await tollgate(
    sandbox,
    ['run', ...options, '--result', result, '--', ...client],
    claudeEnv({ home: sandbox.home, cwd: sandbox.repo, stub }),
  );
  return { run, stub, result: JSON.parse(readFileSync(result, 'utf8')) as RunResult };
}

describe('around the real client', { timeout: 120_000 }, () => {
  test('a halt is exit code 3, with a result that says why', async () => {
    await guard(sandbox, {
      budgets: [{ id: 'session', hard: '0.10' }],
      config: { handOffs: 'keep' },
    });
    const { run, stub, result } = await runClient(40);
    expect(run.exitCode).toBe(3);
    expect(run.stderr).toContain('tollgate grant');
    expect(result).toMatchObject({
      schema: 'tollgate/run@1',
      halted: true,
      exitCode: 0,
      costNanoUsd: billedNanoUsd(stub.served),
      ceilingNanoUsd: 100_000_000,
      breach: { code: 'HALTED_BEFORE', budgetId: 'session' },
    });
    expect(result.costNanoUsd).toBeLessThanOrEqual(100_000_000);
    const printed = JSON.parse(run.stdout) as { session_id: string; terminal_reason: string };
    expect(printed.session_id).toBe(result.sessionId);
    expect(printed.terminal_reason).toBe('hook_stopped');
    const note = JSON.parse(readFileSync(result.handOff ?? '', 'utf8')) as { lastWords: string };
    expect(note.lastWords).toMatch(/^step \d+$/);

    // The same job tried again is a new session, and finds the money spent.
    const { length } = stub.served;
    const again = await runClient(40, ['--id', result.runId]);
    expect(again.run.exitCode).toBe(3);
    expect(again.result.sessions).toHaveLength(2);
    expect(again.result.costNanoUsd).toBe(result.costNanoUsd);
    expect(stub.served).toHaveLength(length);
  });

  test('without a halt the exit code is the client’s own', async () => {
    await guard(sandbox, { budgets: [{ id: 'session', hard: '5.00' }] });
    const { run, stub, result } = await runClient(1);
    expect(run.exitCode).toBe(0);
    expect(run.stdout).toContain('all done');
    expect(result).toMatchObject({ halted: false, breach: null, ceilingNanoUsd: null });
    expect(result.costNanoUsd).toBe(billedNanoUsd(stub.served));
  });
});

describe('with nothing installed', { timeout: 120_000 }, () => {
  test('a ceiling of its own halts it, and no request counts twice', async () => {
    const { run, stub, result } = await runClient(40, ['--hard', '0.10']);
    expect(run.exitCode).toBe(3);
    expect(run.stderr).toContain('tollgate grant');
    expect(result).toMatchObject({
      halted: true,
      cause: 'halted',
      exitCode: 0,
      runExitCode: 3,
      costNanoUsd: billedNanoUsd(stub.served),
      breach: { budgetId: 'run' },
    });
    expect(result.costNanoUsd).toBeLessThanOrEqual(100_000_000);
    expect(result.startedAtIso).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
    expect(existsSync(join(sandbox.home, '.claude', 'settings.json'))).toBe(false);
    expect(readdirSync(join(sandbox.tollgateHome, 'runs'))).toEqual([]);
  });

  test('settings that the command line hands over itself hold as well', async () => {
    const marker = join(sandbox.root, 'marker');
    const hooks = { Stop: [{ hooks: [{ type: 'command', command: `touch ${marker}` }] }] };
    const own = ['--settings', JSON.stringify({ hooks })];
    const { run, result } = await runClient(1, ['--hard', '5'], own);
    expect(run.exitCode, run.stderr).toBe(0);
    expect(result).toMatchObject({ cause: 'completed', runExitCode: 0 });
    expect(existsSync(marker)).toBe(true);
  });

  test('another command is not run under a ceiling that nobody could hold', async () => {
    const file = join(sandbox.root, 'ran');
    const run = await tollgate(sandbox, ['run', '--hard', '1', '--', 'touch', file]);
    expect(run.exitCode).toBe(2);
    expect(run.stderr).toContain('tollgate init');
    expect(existsSync(file)).toBe(false);
  });
});

test('beside installed hooks a run has one more ceiling, and no request counts twice', {
  timeout: 120_000,
}, async () => {
  await guard(sandbox, { budgets: [{ id: 'session', hard: '5.00' }] });
  const { run, stub, result } = await runClient(40, ['--hard', '0.10', '--soft', '0.05']);
  expect(run.exitCode).toBe(3);
  expect(result.breach?.budgetId).toBe('run');
  expect(result.costNanoUsd).toBe(billedNanoUsd(stub.served));
  expect(result.costNanoUsd).toBeLessThanOrEqual(100_000_000);
});

test('a session without a transcript is no success', { timeout: 120_000 }, async () => {
  const report = join(sandbox.root, 'report.xml');
  const { run, result } = await runClient(
    3,
    ['--hard', '5', '--annotations', `junit=${report}`],
    ['--no-session-persistence'],
  );
  expect(run.exitCode).toBe(3);
  expect(run.stderr).toContain('--no-session-persistence');
  expect(result).toMatchObject({ cause: 'unseen', runExitCode: 3 });
  expect(readFileSync(report, 'utf8')).toContain('<failure type="unseen"');
});

describe('around any command', () => {
  const node = process.execPath;
  const around = (script: string) => tollgate(sandbox, ['run', '--', node, '-e', script]);

  test('exit code, output and errors pass through', async () => {
    const run = await around('console.log("out"); console.error("err"); process.exit(7)');
    expect(run.exitCode).toBe(7);
    expect(run.stdout).toBe('out\n');
    expect(run.stderr).toContain('err\n');
    expect(run.stderr).toContain('no session of this run came by');
  });

  test('one that ends well and was not seen is 3, as an annotation if that is wanted', async () => {
    const script = ['--', node, '-e', ''];
    const run = await tollgate(sandbox, ['run', '--annotations', 'github', ...script]);
    expect(run.exitCode).toBe(3);
    expect(run.stderr).toContain('::error title=Tollgate (unseen)::tollgate: no session');
  });

  test('nothing is run where no ledger can be kept', async () => {
    const file = join(sandbox.root, 'ran');
    writeFileSync(sandbox.tollgateHome, 'a file in its place');
    for (const options of [[], ['--hard', '1']]) {
      const run = await tollgate(sandbox, ['run', ...options, '--', 'claude', file]);
      expect(run.exitCode).toBe(2);
      expect(run.stderr).toContain('TOLLGATE_HOME');
    }
  });

  test('a command that a signal ends is 128 and its number', async () => {
    expect((await around('process.kill(process.pid, "SIGTERM")')).exitCode).toBe(143);
  });

  test('a signal to us reaches the command', async () => {
    const script =
      'process.on("SIGTERM", () => { console.log("told"); process.exit(5) });' +
      'setTimeout(() => process.kill(process.ppid, "SIGTERM"), 200); setTimeout(() => {}, 5000)';
    const run = await around(script);
    expect(run).toMatchObject({ exitCode: 5, stdout: 'told\n' });
  });

  test('one that is not there is said plainly', async () => {
    const run = await tollgate(sandbox, ['run', '--', 'no-such-command']);
    expect(run.exitCode).toBe(2);
    expect(run.stderr).toContain('no-such-command cannot be run');
  });
});
