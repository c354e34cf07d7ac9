// Proves the support itself: the stub's books, the client's total and the hand-worked sum agree, to the nano-dollar.
import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { billedUsd } from './billed.ts';
import { findTranscript, runClaude, runClaudeOk } from './claude.ts';
import { openClaudeTty } from './claude-tty.ts';
import { type MessagesApiStub, type Script, startMessagesApiStub } from './messages-api-stub.ts';
import { coverageEnv, createSandbox, type Sandbox } from './sandbox.ts';
import {
  apiErrorThenRetry,
  backgroundSubagents,
  bigReply,
  fiveParallelTools,
  foregroundSubagent,
  nestedSubagents,
  toolLoop,
  webSearch,
} from './scenarios.ts';

const open: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

async function setUp(script: Script): Promise<{ sandbox: Sandbox; stub: MessagesApiStub }> {
  const sandbox = await createSandbox();
  open.push(sandbox.cleanup);
  const stub = await startMessagesApiStub(script);
  open.push(stub.close);
  return { sandbox, stub };
}

/** One prompt against one script; whatever else a test asserts, these three must agree. */
async function runOnce(script: Script, extra: { allowedTools?: string[] } = {}) {
  const { sandbox, stub } = await setUp(script);
  const run = await runClaudeOk({
    home: sandbox.home,
    cwd: sandbox.repo,
    stub,
    prompt: 'go',
    ...extra,
  });
  expect(stub.failures).toEqual([]);
  expect(stub.served.every((entry) => entry.completedAt !== null)).toBe(true);
  expect(run.result.total_cost_usd).toBeCloseTo(billedUsd(stub.served), 9);
  const count = (kind: string) => stub.served.filter((entry) => entry.kind === kind).length;
  const counts = { main: count('main'), subagent: count('subagent'), side: count('side') };
  return { sandbox, stub, counts, ...run };
}

describe('the real client against the stub', { timeout: 90_000 }, () => {
  test('a tool loop of three turns', async () => {
    const { sandbox, stub, result, transcriptPath, counts } = await runOnce(toolLoop({ turns: 3 }));
    expect(counts).toEqual({ main: 4, subagent: 0, side: 0 });
    expect(result).toMatchObject({ terminal_reason: 'completed', num_turns: 4, result: 'done' });
    const transcript = await readFile(transcriptPath, 'utf8');
    for (const { messageId } of stub.served) expect(transcript).toContain(messageId);
    expect(transcriptPath.startsWith(sandbox.home)).toBe(true);
  });

  test('resuming twice is cumulative', async () => {
    const { sandbox, stub } = await setUp(toolLoop({ turns: 1 }));
    const base = { home: sandbox.home, cwd: sandbox.repo, stub };
    const first = await runClaudeOk({ ...base, prompt: 'one' });
    const resume = first.result.session_id;
    await runClaudeOk({ ...base, prompt: 'two', resume });
    const third = await runClaudeOk({ ...base, prompt: 'three', resume });
    expect(stub.served).toHaveLength(6);
    expect(third.result.session_id).toBe(resume);
    expect(third.result.total_cost_usd).toBeCloseTo(billedUsd(stub.served), 9);
  });

  test('a fork starts from its parent', async () => {
    const { sandbox, stub } = await setUp(toolLoop({ turns: 1 }));
    const base = { home: sandbox.home, cwd: sandbox.repo, stub };
    const parent = await runClaudeOk({ ...base, prompt: 'one' });
    const resume = parent.result.session_id;
    const fork = await runClaudeOk({ ...base, prompt: 'two', resume, forkSession: true });
    expect(fork.result.session_id).not.toBe(resume);
    expect(fork.result.total_cost_usd).toBeCloseTo(billedUsd(stub.served), 9);
  });

  test('five tools in one message', async () => {
    const { counts, stub } = await runOnce(fiveParallelTools());
    expect(counts.main).toBe(2);
    expect(new Set(stub.served[0]?.toolUseIds).size).toBe(5);
  });

  test('a foreground subagent', async () => {
    const { counts } = await runOnce(foregroundSubagent());
    expect(counts).toEqual({ main: 2, subagent: 3, side: 0 });
  });

  test('two background subagents wake the main loop', async () => {
    const { counts, stub } = await runOnce(backgroundSubagents(2));
    expect(counts.subagent).toBe(6);
    expect(counts.main).toBeGreaterThan(2);
    expect(new Set(stub.served.map((entry) => entry.agentId)).size).toBe(3);
  });

  test('an agent that starts an agent', async () => {
    const { counts } = await runOnce(nestedSubagents());
    expect(counts).toEqual({ main: 2, subagent: 5, side: 0 });
  });

  test('a web search costs a side request and its fee', async () => {
    const { counts } = await runOnce(webSearch(), { allowedTools: ['WebSearch'] });
    expect(counts).toEqual({ main: 2, subagent: 0, side: 1 });
  });

  test('one big reply', async () => {
    const { counts } = await runOnce(bigReply(60_000));
    expect(counts.main).toBe(1);
  });

  test('an overloaded API is asked again, and only answers are billed', async () => {
    const { counts, stub } = await runOnce(apiErrorThenRetry(toolLoop({ turns: 1 }), 2));
    expect(counts.main).toBe(2);
    expect(stub.refused.map((entry) => entry.status)).toEqual([529, 529]);
  });

  test('a run that takes too long is ended, its tool included', async () => {
    const { sandbox, stub } = await setUp(
      toolLoop({ turns: 1, command: () => 'sleep 4; touch late' }),
    );
    const prompt = 'go';
    const run = await runClaude({
      home: sandbox.home,
      cwd: sandbox.repo,
      stub,
      prompt,
      timeoutMs: 2_000,
    });
    expect(run).toMatchObject({ timedOut: true, result: null });
    await sleep(4_000);
    await expect(access(join(sandbox.repo, 'late'))).rejects.toThrow('ENOENT');
  });

  test('an interactive session answers, compacts and exits with its cost in the transcript', async () => {
    const { sandbox, stub } = await setUp(toolLoop({ turns: 1, finalText: 'all steps done' }));
    const tty = await openClaudeTty({ home: sandbox.home, cwd: sandbox.repo, stub });
    open.push(tty.close);
    await tty.submit('please begin');
    await tty.waitFor(/all steps done/);
    await tty.submit('/compact');
    await tty.waitFor(/Compacted/);
    expect(stub.served.map((entry) => entry.kind)).toEqual(['main', 'main', 'side']);
    await tty.submit('/exit');
    expect(await tty.waitForExit()).toBe(0);
    const transcript = await onlyTranscript(sandbox, stub);
    const costs = [...transcript.matchAll(/"type":"cost-state".*?"totalCostUSD":([\d.e-]+)/g)];
    expect(Number(costs.at(-1)?.[1])).toBeCloseTo(billedUsd(stub.served), 9);
  });

  test('Esc hangs up on the model: the message was begun and never completed', async () => {
    const { sandbox, stub } = await setUp(toolLoop({ turns: 0, pace: { tailMs: 20_000 } }));
    const tty = await openClaudeTty({ home: sandbox.home, cwd: sandbox.repo, stub });
    open.push(tty.close);
    await tty.submit('talk for long');
    await tty.waitFor(/esc to interrupt/);
    await tty.waitFor(/● done/);
    await tty.key('escape');
    await tty.waitFor(/Interrupted/);
    expect(stub.served.map((entry) => entry.completedAt)).toEqual([null]);
  });
});

describe('the world', () => {
  test('is a repository of its own with an environment of its own', async () => {
    const sandbox = await createSandbox();
    open.push(sandbox.cleanup);
    expect(await sandbox.git('remote', 'get-url', 'origin')).toBe('git@github.com:Acme/Shop.git');
    expect(await sandbox.git('branch', '--show-current')).toBe('main');
    expect(await sandbox.git('status', '--porcelain')).toBe('');
    const program =
      'process.stdin.pipe(process.stdout); console.error(Object.keys(process.env).sort().join())';
    const run = await sandbox.run('node', ['-e', program], { stdin: 'in', env: { EXTRA: '1' } });
    const names = ['EXTRA', 'HOME', 'LANG', 'PATH', 'TOLLGATE_GH', 'TOLLGATE_HOME'];
    const told = [...names, ...Object.keys(coverageEnv)].sort().join();
    expect(run).toEqual({ exitCode: 0, stdout: 'in', stderr: `${told}\n` });
  });
});

describe('the stub', () => {
  test('tells errors, counts nothing as billed for them, and knows what it does not know', async () => {
    const { stub } = await setUp(() => ({ status: 400, message: 'no' }));
    const body = JSON.stringify({ model: 'm', messages: [{ role: 'user', content: 'hi' }] });
    const refused = await fetch(`${stub.url}/v1/messages`, { method: 'POST', body });
    expect(refused.status).toBe(400);
    expect(await refused.json()).toMatchObject({ error: { type: 'invalid_request_error' } });
    expect((await fetch(stub.url, { method: 'HEAD' })).status).toBe(200);
    expect((await fetch(`${stub.url}/v1/else`)).status).toBe(404);
    expect(stub.served).toEqual([]);
    expect(stub.refused).toHaveLength(1);
    expect(stub.otherCalls).toEqual(['HEAD /', 'GET /v1/else']);
  });

  test('answers in one document when no stream is asked for', async () => {
    const { stub } = await setUp(toolLoop({ turns: 1 }));
    const tools = [{ name: 'Bash' }];
    const body = { model: 'm', tools, messages: [{ role: 'user', content: 'hi' }] };
    const answer = await fetch(`${stub.url}/v1/messages`, {
      method: 'POST',
      body: JSON.stringify(body),
    });
    expect(await answer.json()).toMatchObject({
      id: stub.served[0]?.messageId,
      stop_reason: 'tool_use',
      usage: { output_tokens: 350 },
      content: [{ type: 'text' }, { type: 'tool_use', name: 'Bash' }],
    });
  });
});

async function onlyTranscript(sandbox: Sandbox, stub: MessagesApiStub): Promise<string> {
  const path = await findTranscript(sandbox.home, stub.served[0]?.sessionId ?? '');
  if (path === null) throw new Error('the session left no transcript');
  return readFile(path, 'utf8');
}
