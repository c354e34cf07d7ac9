// `tollgate statusline`: quick and quiet whatever it is given, and with the real client the ledger is settled while
// the session runs, never with money that is only late.
import { spawn } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { billedNanoUsd } from '../support/billed.ts';
import { openClaudeTty } from '../support/claude-tty.ts';
import { configure, guard, noonZone, readLedger } from '../support/guarded.ts';
import { startMessagesApiStub } from '../support/messages-api-stub.ts';
import { createSandbox, type Sandbox } from '../support/sandbox.ts';
import { scenario, toolLoop } from '../support/scenarios.ts';
import { CLI } from '../support/tollgate.ts';

let sandbox: Sandbox;
const open: (() => Promise<void>)[] = [];

beforeEach(async () => {
  sandbox = await createSandbox();
  open.push(sandbox.cleanup);
});
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

const SESSION = 'cff0e6c1-871d-44e1-9d39-53d6b82d4fb8';
const transcript = () => join(sandbox.home, `${SESSION}.jsonl`);
const T0 = Date.parse('2026-11-20T10:00:00Z');

/** Tokens of one request that costs $0.01 on Opus 4.7 by output alone. */
const CENT = 400;

/** A response as the client writes it down; `tool` names the call it asks for. */
function response(id: string, at: number, output: number, tool?: string): string {
  const content = tool
    ? [{ type: 'tool_use', id: tool, name: 'Bash', input: {} }]
    : [{ type: 'text', text: 'done' }];
  const usage = { input_tokens: 0, output_tokens: output };
  const message = { id, model: 'claude-opus-4-7', stop_reason: 'end_turn', content, usage };
  const timestamp = new Date(at).toISOString();
  return `${JSON.stringify({ type: 'assistant', sessionId: SESSION, timestamp, cwd: sandbox.repo, message })}\n`;
}

function input(totalUsd: number, more: Record<string, unknown> = {}): string {
  return JSON.stringify({
    session_id: SESSION,
    transcript_path: transcript(),
    cwd: sandbox.repo,
    model: { id: 'claude-opus-4-7', display_name: 'Opus 4.7' },
    cost: { total_cost_usd: totalUsd },
    ...more,
  });
}
const requestOf = (output: number) => ({
  context_window: {
    context_window_size: 200_000,
    used_percentage: 12,
    current_usage: { input_tokens: 0, output_tokens: output },
  },
});

interface Line {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}
const statusline = (
  stdin: string,
  args: string[] = [],
  env: Record<string, string> = {},
): Promise<Line> =>
  sandbox.run(process.execPath, [CLI, 'statusline', ...args], {
    stdin,
    env: { NO_COLOR: '1', COLUMNS: '120', ...env },
  });
const cost = () => readLedger(sandbox).sessions.find(({ sessionId }) => sessionId === SESSION);

describe('the line', () => {
  test('spend, ceiling, bar, day, branch and context', async () => {
    await configure(sandbox, {
      budgets: [{ id: 'session', scope: { per: 'session' }, hard: '0.10' }],
      config: { timeZone: noonZone() },
    });
    await writeFile(transcript(), response('msg_1', Date.now() - 5_000, 4 * CENT));
    const { stdout, stderr, exitCode } = await statusline(input(0.04, requestOf(4 * CENT)));
    expect(stderr).toBe('');
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(
      /^\$0\.04 \/ \$0\.10 ████░░░░░░ 40% · \$2\.40\/h · out in 1m · ~\d req · today \$0\.04 · main · ctx 12%\n$/,
    );
    const segment = await statusline(input(0.04, requestOf(4 * CENT)), ['--segment']);
    expect(segment.stdout).toMatch(
      /^\$0\.04\/\$0\.10 ██░░░░ 40% · \$2\.40\/h · out in 1m · ~\d req\n$/,
    );
    const watched = await sandbox.run(process.execPath, [CLI, 'watch', '--once', '--json']);
    expect(JSON.parse(watched.stdout).sessions).toMatchObject([{ contextWindowTokens: 200_000 }]);
  });

  test('honours the width, NO_COLOR and FORCE_COLOR', async () => {
    await configure(sandbox, {
      budgets: [{ id: 'session', scope: { per: 'session' }, hard: '0.10' }],
    });
    await writeFile(transcript(), response('msg_1', Date.now() - 5_000, 4 * CENT));
    const narrow = await statusline(input(0.04), [], { COLUMNS: '45' });
    expect(narrow.stdout.trimEnd().length).toBeLessThanOrEqual(45);
    const told = await statusline(input(0.04, { terminal_width: 40 }));
    expect(told.stdout.trimEnd().length).toBeLessThanOrEqual(40);
    expect((await statusline(input(0.04), [], { NO_COLOR: '' })).stdout).toContain('\x1b[32m');
    expect(narrow.stdout).not.toContain('\x1b');
  });

  test('stdin that stays open is not waited for', async () => {
    const child = spawn(process.execPath, [CLI, 'statusline'], {
      cwd: sandbox.repo,
      env: sandbox.env(),
    });
    let out = '';
    child.stdout.on('data', (chunk) => {
      out += chunk;
    });
    child.stdin.write(input(0.25));
    const code = await new Promise((resolve) => child.once('close', resolve));
    expect(code).toBe(0);
    expect(out).toContain('$0.25');
  });

  test.each([
    ['nothing', ''],
    ['garbage', '{"session_id": '],
    ['another program', '{"a":1}'],
  ])('%s on stdin is one short line and exit code 0', async (_, stdin) => {
    const { stdout, stderr, exitCode } = await statusline(stdin, ['--unheard-of']);
    expect({ stdout, stderr, exitCode }).toEqual({
      stdout: 'tollgate ⚠ no input on stdin\n',
      stderr: '',
      exitCode: 0,
    });
  });

  test('a damaged ledger is restored', async () => {
    await mkdir(sandbox.tollgateHome, { recursive: true });
    await writeFile(
      join(sandbox.tollgateHome, 'ledger.db'),
      'this is no database, and has never been one',
    );
    const { stdout, exitCode } = await statusline(input(1));
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^\$1\.00/);
  });

  test('the line that was there before is kept, whatever it does', async () => {
    const beside = async (command: string) =>
      (await statusline(input(0.25), ['--beside', command])).stdout;
    expect(await beside(`cat > /dev/null; echo "it's mine"`)).toMatch(/^it's mine │ \$0\.25.*\n$/);
    expect(await beside('grep -o total_cost_usd')).toMatch(/^total_cost_usd │ \$0\.25.*\n$/);
    expect(await beside('exit 3')).toMatch(/^\$0\.25.*\n$/);
    expect(await beside('no-such-program-anywhere')).toMatch(/^\$0\.25.*\n$/);
    // Two lines of theirs stay two lines; what does not fit behind the last one gets a line of its own.
    expect(await beside(`printf 'one\\ntwo'`)).toMatch(/^one\ntwo │ \$0\.25.*\n$/);
    expect(await beside(`printf '%0110d\\n' 7`)).toMatch(/^0+7\n\$0\.25.*\n$/);
  });
});

describe("the client's own total", () => {
  test('settles what no line shows, at once, and only once', async () => {
    await writeFile(transcript(), response('msg_1', T0, 4 * CENT));
    await statusline(input(0.05, requestOf(4 * CENT)));
    await statusline(input(0.05, requestOf(4 * CENT)));
    expect(cost()?.byProvenance).toEqual({
      metered: 40_000_000,
      'client-settled': 10_000_000,
      estimated: 0,
    });
    // The next request, and money hidden before it.
    await writeFile(
      transcript(),
      response('msg_1', T0, 4 * CENT) + response('msg_2', T0 + 60_000, 3 * CENT),
    );
    await statusline(input(0.09, requestOf(3 * CENT)));
    expect(cost()?.byProvenance).toMatchObject({
      metered: 70_000_000,
      'client-settled': 20_000_000,
    });
  });

  test('waits while a line is late, and never takes anything back', async () => {
    await writeFile(transcript(), response('msg_1', T0, 4 * CENT, 'toolu_1'));
    // The second request is paid for, its line is not there yet.
    await statusline(input(0.07, requestOf(3 * CENT)));
    expect(cost()?.costNanoUsd).toBe(40_000_000);
    // The same with the same usage: to be told by the sum alone.
    await statusline(input(0.08, requestOf(4 * CENT)));
    expect(cost()?.costNanoUsd).toBe(40_000_000);
    // A total from before, and one of a counter that began anew.
    await statusline(input(0.01, requestOf(4 * CENT)));
    await statusline(input(0, {}));
    expect(cost()?.costNanoUsd).toBe(40_000_000);
    expect(readLedger(sandbox).entries).toHaveLength(1);
    // A prompt that follows closes the total; what is spent then is not taken for what it covered.
    await statusline(input(0.05, requestOf(4 * CENT)));
    await writeFile(
      transcript(),
      response('msg_1', T0, 4 * CENT, 'toolu_1') + response('msg_2', T0 + 60_000, 3 * CENT),
    );
    await sandbox.run(process.execPath, [CLI, 'status', '--json']);
    expect(cost()?.byProvenance).toMatchObject({
      metered: 70_000_000,
      'client-settled': 10_000_000,
    });
  });

  test('of the real client: a compaction is settled while the session runs', async () => {
    const stub = await startMessagesApiStub(
      scenario({
        main: toolLoop({
          turns: 3,
          usage: (step) => ({
            input_tokens: 100,
            output_tokens: 300 + step,
            cache_read_input_tokens: 20_000,
            cache_creation_input_tokens: 1_000,
          }),
          pace: { delayMs: 150 },
        }),
      }),
    );
    open.push(stub.close);
    const command = `'${process.execPath}' '${CLI}' statusline`;
    await guard(sandbox, {
      budgets: [{ id: 'session', scope: { per: 'session' }, hard: '5.00' }],
      config: { timeZone: noonZone() },
      settings: { statusLine: { type: 'command', command } },
    });
    const tty = await openClaudeTty({
      ...{ home: sandbox.home, cwd: sandbox.repo, stub },
      extraEnv: { TOLLGATE_HOME: sandbox.tollgateHome },
    });
    open.push(() => tty.close());
    await tty.submit('go on');
    await tty.waitFor(/done/);
    await tty.waitFor(/\$0\.0972 \/ \$5\.00 .*today \$0\.0972 · main/);
    await tty.submit('/compact');
    await tty.waitFor(/Compacted/);
    await stub.waitForServed(5);
    const billed = billedNanoUsd(stub.served);
    await vi.waitFor(() => expect(readLedger(sandbox).sessions[0]?.costNanoUsd).toBe(billed), {
      timeout: 30_000,
    });
    const [session] = readLedger(sandbox).sessions;
    expect(session?.byProvenance['client-settled']).toBeGreaterThan(0);
    expect(session?.byProvenance.estimated).toBe(0);
    // Nothing was settled that was only late: the entries never had to be corrected downwards.
    const settled = readLedger(sandbox).entries.filter(({ reason }) => reason === 'settled');
    expect(settled.every(({ costNanoUsd }) => costNanoUsd > 0)).toBe(true);
  }, 120_000);
});
