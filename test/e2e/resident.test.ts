// The resident gate with the real client: it halts where the command hooks would, charges nothing twice when both
// run, comes back after a crash, and nothing goes on without it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ensureClaudeClient } from '../../scripts/claude-client.mjs';
import { settingsPathOf } from '../../src/agents/claude-code/install/install.ts';
import {
  projectServerEntry,
  readServer,
  serverEntry,
} from '../../src/agents/claude-code/install/resident-server.ts';
import { billedNanoUsd } from '../support/billed.ts';
import { runHook } from '../support/hook-process.ts';
import { type MessagesApiStub, startMessagesApiStub } from '../support/messages-api-stub.ts';
import { createSandbox, type Sandbox } from '../support/sandbox.ts';
import { toolLoop } from '../support/scenarios.ts';
import {
  CLI,
  initTollgate,
  readStatus,
  runGuarded,
  tollgate,
  tollgateOk,
} from '../support/tollgate.ts';

const USAGE = {
  input_tokens: 10,
  output_tokens: 300,
  cache_read_input_tokens: 20_000,
  cache_creation_input_tokens: 1_000,
};

let sandbox: Sandbox;
let stub: MessagesApiStub;

beforeEach(async () => {
  sandbox = await createSandbox();
  stub = await startMessagesApiStub(toolLoop({ turns: 14, usage: USAGE }));
});
afterEach(async () => {
  await stub.close();
  await sandbox.cleanup();
});

test('halts a loop under its ceiling, and says so', async () => {
  await initTollgate(sandbox, '0.05', '0.10', '--resident');
  const run = await runGuarded(sandbox, { stub, prompt: 'go' });
  expect(run.result?.terminal_reason).toBe('hook_stopped');
  expect(billedNanoUsd(stub.served)).toBeLessThanOrEqual(100_000_000);
  expect(stub.served.length).toBeGreaterThan(2);
  const [session] = await readStatus(sandbox);
  expect(session?.requestCount).toBe(stub.served.length);
  expect(session?.costNanoUsd).toBe(billedNanoUsd(stub.served));
  expect(session?.haltedAt).not.toBeNull();
});

test('beside the command hooks it charges and announces nothing twice', async () => {
  await initTollgate(sandbox, '0.05', '9.00');
  const file = join(sandbox.repo, '.claude', 'settings.json');
  const before = JSON.parse(await readFile(file, 'utf8'));
  await initTollgate(sandbox, '0.05', '9.00', '--resident');
  const after = JSON.parse(await readFile(file, 'utf8'));
  for (const event of ['PreToolUse', 'PostToolBatch']) {
    after.hooks[event] = [...before.hooks[event], ...after.hooks[event]];
  }
  await writeFile(file, JSON.stringify(after));
  const run = await runGuarded(sandbox, {
    stub,
    prompt: 'go',
    extraArgs: ['--output-format', 'stream-json', '--verbose'],
  });
  const [session] = await readStatus(sandbox);
  expect(session?.requestCount).toBe(stub.served.length);
  expect(session?.costNanoUsd).toBe(billedNanoUsd(stub.served));
  const told = run.stdout.split('past the soft limit').length - 1;
  expect(told).toBe(1);
});

test('without its server command hooks stand in, and make room for it when it is there', async () => {
  await initTollgate(sandbox, '0.05', '0.10', '--resident');
  const settings = join(sandbox.repo, '.claude', 'settings.json');
  const servers = join(sandbox.repo, '.mcp.json');
  const working = await readFile(servers, 'utf8');
  await writeFile(servers, working.replace('"node"', '"/nowhere/node"'));
  const streamed = { extraArgs: ['--output-format', 'stream-json', '--verbose'] };
  const run = await runGuarded(sandbox, { stub, prompt: 'go', ...streamed });
  expect(run.stdout).toContain('command hooks stand in');
  expect(await readFile(settings, 'utf8')).toContain('--stand-in');
  expect(await readFile(settings, 'utf8')).not.toContain('mcp_tool');
  expect(stub.served.length).toBeGreaterThan(2);
  expect(billedNanoUsd(stub.served)).toBeLessThanOrEqual(100_000_000);
  const [halted] = await readStatus(sandbox);
  expect(halted?.costNanoUsd).toBe(billedNanoUsd(stub.served));
  expect(halted?.haltedAt).not.toBeNull();

  await writeFile(servers, working);
  const before = stub.served.length;
  await runGuarded(sandbox, { stub, prompt: 'go', ...streamed });
  // Not at once: another client in this folder may still be without its server.
  expect(await readFile(settings, 'utf8')).toContain('--stand-in');
  const hourAgo = new Date(Date.now() - 3_600_000);
  await utimes(settings, hourAgo, hourAgo);
  await runGuarded(sandbox, { stub, prompt: 'go', ...streamed });
  expect(await readFile(settings, 'utf8')).toContain('--resident');
  expect(await readFile(settings, 'utf8')).toContain('mcp_tool');
  expect(stub.served.length).toBeGreaterThan(before);
  const sessions = await readStatus(sandbox);
  const spent = sessions.reduce((sum, { costNanoUsd }) => sum + costNanoUsd, 0);
  expect(spent).toBe(billedNanoUsd(stub.served));
});

test('a server that cannot be had in the middle of a turn lets nothing through', async () => {
  await initTollgate(sandbox, '5', '9', '--resident');
  const settings = join(sandbox.repo, '.claude', 'settings.json');
  const text = await readFile(settings, 'utf8');
  // Without the prompt's hook nobody stands in.
  const { hooks, ...rest } = JSON.parse(text);
  delete hooks.UserPromptSubmit;
  await writeFile(settings, JSON.stringify({ ...rest, hooks }));
  await writeFile(join(sandbox.repo, '.mcp.json'), '{"mcpServers":{}}');
  const run = await runGuarded(sandbox, { stub, prompt: 'go' });
  expect(stub.served.length).toBe(1);
  expect(run.result?.terminal_reason).toBe('hook_stopped');
});

test('is set up and taken out again, in every scope, by the client itself', {
  timeout: 300_000,
}, async () => {
  const env = {
    TOLLGATE_CLAUDE: await ensureClaudeClient(),
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
  };
  for (const scope of ['project', 'local', 'user'] as const) {
    const place = { scope, projectRoot: sandbox.repo, environment: sandbox.env() };
    const preview = await tollgate(
      sandbox,
      ['init', '--resident', '--dry-run', '--scope', scope],
      env,
    );
    expect(preview.stdout).toContain('mcp_tool');
    expect(preview.stdout).toContain(`claude mcp add-json --scope ${scope} tollgate`);
    expect(readServer(place)).toBeNull();
    await initTollgate(sandbox, '4', '5', '--resident', '--scope', scope);
    const entry = scope === 'project' ? projectServerEntry() : serverEntry(process.execPath, CLI);
    expect(readServer(place)).toEqual(entry);
    if (scope === 'project') {
      const again = await tollgateOk(sandbox, ['init', '--yes', '--resident'], env);
      expect(again).toContain('nothing to change');
    }
    // Without the option the command hooks come back, and the server goes.
    await initTollgate(sandbox, '4', '5', '--scope', scope);
    expect(readServer(place)).toBeNull();
    expect(
      await readFile(settingsPathOf(scope, sandbox.repo, sandbox.env()), 'utf8'),
    ).not.toContain('mcp_tool');
    await initTollgate(sandbox, '4', '5', '--resident', '--scope', scope);
    await tollgateOk(sandbox, ['uninstall', '--yes', '--scope', scope], env);
    expect(readServer(place)).toBeNull();
    expect(existsSync(settingsPathOf(scope, sandbox.repo, sandbox.env()))).toBe(false);
  }
  expect(existsSync(join(sandbox.repo, '.mcp.json'))).toBe(false);
});

test('is refused where the client is not known to have it', async () => {
  const run = await tollgate(sandbox, ['init', '--yes', '--resident'], { PATH: '/nowhere' });
  expect(run.exitCode).toBe(2);
  expect(run.stderr).toContain('no Claude Code was found');
  expect(existsSync(join(sandbox.repo, '.claude', 'settings.json'))).toBe(false);
});

test('an agent cannot put another program in the place of its server', async () => {
  const servers = join(sandbox.repo, '.mcp.json');
  const write = (path: string) =>
    runHook(sandbox, 'PreToolUse', {
      session_id: 's1',
      transcript_path: join(sandbox.root, 's1.jsonl'),
      tool_name: 'Write',
      tool_input: { file_path: path, content: '{}' },
      tool_use_id: 'toolu_1',
    });
  await initTollgate(sandbox, '4', '5');
  await writeFile(servers, '{"mcpServers":{"other":{"command":"x"}}}');
  expect((await write(servers)).output).toBeNull();
  await initTollgate(sandbox, '4', '5', '--resident');
  const refused = (await write(servers)).output?.hookSpecificOutput;
  expect(refused?.permissionDecision).toBe('deny');
  expect((await write(join(sandbox.repo, 'src.json'))).output).toBeNull();
});

test('tells the agent what is left, and changes nothing by it', async () => {
  await initTollgate(sandbox, '5', '9');
  await runGuarded(sandbox, { stub, prompt: 'go' });
  const [session] = await readStatus(sandbox);
  const server = await startServer({ CLAUDE_CODE_SESSION_ID: session?.sessionId ?? '' });
  const { tools } = await server.ask<{ tools: { name: string }[] }>('tools/list', {});
  expect(tools.map(({ name }) => name)).toEqual(['budget']);
  const answer = await server.ask<{
    content: { text: string }[];
    structuredContent: { costNanoUsd: number; lastRequests: unknown[] };
  }>('tools/call', { name: 'budget', arguments: {} });
  expect(answer.structuredContent.costNanoUsd).toBe(session?.costNanoUsd);
  expect(answer.structuredContent.lastRequests).toHaveLength(5);
  expect(answer.content[0]?.text).toContain('left');
  expect(await server.end()).toBe(0);
  // When the money runs out is told from now.
  const instead = { runOutAt: expect.any(Number) };
  const budgets = session?.budgets.map((budget) => ({ ...budget, ...instead }));
  expect(await readStatus(sandbox)).toEqual([{ ...session, budgets }]);
});

test('answers every event, and holds no lock between events', async () => {
  await initTollgate(sandbox, '5', '9');
  const run = await runGuarded(sandbox, { stub, prompt: 'go' });
  const server = await startServer({});
  const event = {
    hook_event_name: 'PreToolUse',
    session_id: run.result?.session_id,
    transcript_path: run.transcriptPath,
    cwd: sandbox.repo,
    tool_name: 'Bash',
    tool_input: '{"command":"echo"}',
    tool_use_id: 'toolu_none',
    agent_id: '',
  };
  for (let round = 0; round < 60; round += 1) {
    const { content } = await server.ask<{ content: { text: string }[] }>('tools/call', {
      name: 'gate',
      arguments: event,
    });
    expect(content[0]?.text).toBe('');
  }
  expect((await readStatus(sandbox)).length).toBe(1);
  expect(await server.end()).toBe(0);
});

/** A server as the client would start it, and a way to ask it. */
async function startServer(env: Record<string, string>) {
  const child = spawn(process.execPath, [CLI, 'mcp'], {
    cwd: sandbox.repo,
    env: sandbox.env({ CLAUDE_PROJECT_DIR: sandbox.repo, ...env }),
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  let id = 0;
  const ask = async <T>(method: string, params: object): Promise<T> => {
    id += 1;
    child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', id, method, params })}\n`);
    const { value } = await lines.next();
    const answer = JSON.parse(String(value)) as { id: number; result: T };
    expect(answer.id).toBe(id);
    return answer.result;
  };
  const end = async (): Promise<number | null> => {
    child.stdin.end();
    const [code] = await once(child, 'exit');
    return code as number | null;
  };
  await ask('initialize', { protocolVersion: '2025-11-25', capabilities: {} });
  return { ask, end };
}
