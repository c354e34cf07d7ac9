// `tollgate init` proves what it wrote, and a committed installation guards every checkout or says in one line why not.
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { runClaude } from '../support/claude.ts';
import { type MessagesApiStub, startMessagesApiStub } from '../support/messages-api-stub.ts';
import { createSandbox, type Sandbox } from '../support/sandbox.ts';
import { toolLoop } from '../support/scenarios.ts';
import { CLI, initTollgate, tollgate, tollgateOk } from '../support/tollgate.ts';

const ROOT = dirname(dirname(dirname(CLI)));
let sandbox: Sandbox;
let stub: MessagesApiStub | null = null;

beforeEach(async () => {
  sandbox = await createSandbox();
});
afterEach(async () => {
  await stub?.close();
  stub = null;
  await sandbox.cleanup();
});

const inRepo = (...path: string[]) => join(sandbox.repo, '.claude', ...path);
const read = (path: string) => readFileSync(path, 'utf8');
function writeSettings(text: string, name = 'settings.json') {
  mkdirSync(inRepo(), { recursive: true });
  writeFileSync(inRepo(name), text);
}

/** Puts the built package into a folder's node_modules, as `npm install` would. */
function addPackage(folder: string) {
  const modules = join(folder, 'node_modules');
  mkdirSync(join(modules, 'tollgate'), { recursive: true });
  cpSync(join(ROOT, 'dist'), join(modules, 'tollgate', 'dist'), { recursive: true });
  cpSync(join(ROOT, 'package.json'), join(modules, 'tollgate', 'package.json'));
  for (const name of ['better-sqlite3', 'bindings', 'file-uri-to-path']) {
    const from = join(ROOT, 'node_modules', name);
    if (existsSync(from)) symlinkSync(from, join(modules, name));
  }
}

describe('a committed installation', { timeout: 120_000 }, () => {
  /** The committed files at another path, for somebody with another home. */
  async function checkOut() {
    await sandbox.git('add', '.');
    await sandbox.git('commit', '--quiet', '--message', 'Guard the shop');
    const cwd = join(sandbox.root, 'elsewhere', 'shop');
    await sandbox.git('clone', '--quiet', sandbox.repo, cwd);
    const home = join(sandbox.root, 'other-home');
    mkdirSync(home);
    return { cwd, home };
  }
  async function runThere(place: { cwd: string; home: string }, env = {}) {
    stub = await startMessagesApiStub(toolLoop({ turns: 25 }));
    return runClaude({ ...place, stub, prompt: 'go', extraEnv: env });
  }

  test('names no path of one machine', async () => {
    await initTollgate(sandbox, '0.05', '0.10');
    for (const name of ['settings.json', 'tollgate-hook.cjs', 'tollgate.json']) {
      for (const path of [sandbox.root, ROOT, process.execPath, dirname(process.execPath)]) {
        expect(read(inRepo(name)).includes(`"${path}`), `${name}: ${path}`).toBe(false);
      }
    }
  });

  test('holds the ceiling at another path, in another home, with Tollgate as a dependency', async () => {
    await initTollgate(sandbox, '0.05', '0.10');
    const there = await checkOut();
    addPackage(there.cwd);
    const run = await runThere(there);
    expect(run.result?.terminal_reason).toBe('hook_stopped');
    expect(run.result?.total_cost_usd).toBeLessThanOrEqual(0.1);
    expect(existsSync(join(there.home, '.local/state/tollgate/ledger.db'))).toBe(true);
  });

  test('holds it in a linked worktree, with the package of the main one', async () => {
    await initTollgate(sandbox, '0.05', '0.10');
    const { cwd, home } = await checkOut();
    addPackage(cwd);
    const worktree = join(sandbox.root, 'worktree');
    await sandbox.run('git', ['worktree', 'add', '--quiet', worktree], { cwd });
    const run = await runThere({ cwd: worktree, home });
    expect(run.result?.terminal_reason).toBe('hook_stopped');
    expect(run.result?.total_cost_usd).toBeLessThanOrEqual(0.1);
  });

  test('finds Tollgate on PATH', async () => {
    await initTollgate(sandbox, '0.05', '0.10');
    const there = await checkOut();
    const bin = join(sandbox.root, 'bin');
    mkdirSync(bin);
    symlinkSync(CLI, join(bin, 'tollgate'));
    const run = await runThere(there, { PATH: `${bin}:${sandbox.env().PATH}` });
    expect(run.result?.terminal_reason).toBe('hook_stopped');
  });

  test('without Tollgate sends nothing, and says in one line what to install', async () => {
    await initTollgate(sandbox, '0.05', '0.10');
    const run = await runThere(await checkOut());
    expect(stub?.served).toHaveLength(0);
    expect(`${run.stdout}${run.stderr}`).toContain('npm install -g tollgate');
  });

  test('without Tollgate goes on where the repository only warns', async () => {
    await initTollgate(sandbox, '0.05', '0.10', '--missing', 'warn');
    const run = await runThere(await checkOut());
    expect(run.result?.terminal_reason).toBe('completed');
    expect(stub?.served).toHaveLength(26);
  });

  test('can be taken out without Tollgate, and other hooks stay', async () => {
    const other = { type: 'command', command: 'true' };
    writeSettings(JSON.stringify({ model: 'opus', hooks: { Stop: [{ hooks: [other] }] } }));
    await initTollgate(sandbox, '0.05', '0.10');
    const launcher = inRepo('tollgate-hook.cjs');
    expect(existsSync(inRepo('commands/budget.md'))).toBe(true);
    const byAgent = await sandbox.run('node', [launcher, '--uninstall'], {
      env: { CLAUDECODE: '1' },
    });
    expect(byAgent.exitCode).toBe(2);
    expect(existsSync(launcher)).toBe(true);
    const run = await sandbox.run('node', [launcher, '--uninstall']);
    expect(run.exitCode, run.stderr).toBe(0);
    expect(JSON.parse(read(inRepo('settings.json')))).toEqual({
      model: 'opus',
      hooks: { Stop: [{ hooks: [other] }] },
    });
    expect(existsSync(launcher)).toBe(false);
    expect(existsSync(inRepo('commands'))).toBe(false);
  });
});

describe('what does not work is not installed', () => {
  const SETTINGS = '{ "model": "opus" }';
  /** All files below `.claude`, with their texts. */
  const files = () =>
    Object.fromEntries(
      readdirSync(inRepo(), { recursive: true, encoding: 'utf8' })
        .filter((name) => /\.\w+$/.test(name))
        .map((name) => [name, read(inRepo(name))]),
    );

  test('a ledger that cannot be opened: nothing is written', async () => {
    writeFileSync(sandbox.tollgateHome, 'a file in its place');
    writeSettings(SETTINGS);
    const run = await tollgate(sandbox, ['init', '--yes']);
    expect(run.exitCode).toBe(2);
    expect(run.stderr).toContain('hint: ');
    expect(files()).toEqual({ 'settings.json': SETTINGS });
  });

  test('hooks that cannot be started: everything is put back', async () => {
    writeSettings(SETTINGS);
    const run = await tollgate(sandbox, ['init', '--yes'], { PATH: '/nowhere' });
    expect(run.exitCode).toBe(2);
    expect(run.stderr).toContain('node cannot be started (ENOENT)');
    expect(run.stderr).toContain('hint: ');
    expect(files()).toEqual({ 'settings.json': SETTINGS });
  });

  test('a file that Claude Code refuses: everything is put back', async () => {
    writeSettings(SETTINGS);
    const client = join(sandbox.root, 'claude');
    const refusal = `printf 'Invalid settings\\n- %s: model: Expected a model\\n\\nEnd\\n' '${inRepo('settings.json')}'`;
    writeFileSync(
      client,
      `#!/bin/sh\nif [ "$1" = doctor ]; then ${refusal}; else echo 2.1.332; fi\n`,
    );
    chmodSync(client, 0o755);
    const run = await tollgate(sandbox, ['init', '--yes'], { TOLLGATE_CLAUDE: client });
    expect(run.exitCode).toBe(2);
    expect(run.stderr).toContain('model: Expected a model');
    expect(files()).toEqual({ 'settings.json': SETTINGS });
  });

  test('from the cache of npx', async () => {
    const folder = join(sandbox.root, '_npx', 'a1b2');
    addPackage(folder);
    const main = join(folder, 'node_modules/tollgate/dist/cli/main.js');
    const run = await sandbox.run(process.execPath, [main, 'init', '--yes']);
    expect(run.exitCode).toBe(2);
    expect(run.stderr).toContain('npm install -g tollgate');
    expect(existsSync(inRepo())).toBe(false);
  });

  test('a status line with a path of this machine in the file of a project', async () => {
    writeSettings('{ "statusLine": { "type": "command", "command": "date" } }');
    const run = await tollgate(sandbox, ['init', '--yes', '--statusline']);
    expect(run.exitCode).toBe(2);
    expect(run.stderr).toContain('settings.local.json');
  });
});

describe('comments, which Claude Code does not read', () => {
  const COMMENTED = '{\n  // mine\n  "model": "opus", /* really */\n}\n';

  test('are refused, with both ways out', async () => {
    writeSettings(COMMENTED);
    const run = await tollgate(sandbox, ['init', '--yes']);
    expect(run.exitCode).toBe(2);
    expect(run.stderr).toContain('--strip-comments');
    expect(run.stderr).toContain('--scope');
    expect(read(inRepo('settings.json'))).toBe(COMMENTED);
    await tollgateOk(sandbox, ['init', '--yes', '--scope', 'user']);
  });

  test('are taken out when asked for, and come back', async () => {
    writeSettings(COMMENTED);
    await tollgateOk(sandbox, ['init', '--yes', '--strip-comments']);
    expect(JSON.parse(read(inRepo('settings.json')))).toMatchObject({ model: 'opus' });
    await tollgateOk(sandbox, ['uninstall', '--yes']);
    expect(read(inRepo('settings.json'))).toBe(COMMENTED);
  });
});

test('hooks that are switched off are said, also when nothing is to change', async () => {
  writeSettings('{ "disableAllHooks": true }', 'settings.local.json');
  for (let time = 0; time < 2; time += 1) {
    const run = await tollgate(sandbox, ['init', '--yes']);
    expect(run.exitCode).toBe(1);
    expect(run.stderr).toContain('disableAllHooks');
  }
});

test('a day has a ceiling of its own, and the file names its schema', async () => {
  const printed = await tollgateOk(sandbox, ['init', '--yes', '--json', '--day-hard', '20']);
  expect(JSON.parse(printed)).toMatchObject({
    schema: 'tollgate/init@1',
    changed: true,
    budgets: [
      { period: 'session', softNanoUsd: 4e9, hardNanoUsd: 5e9 },
      { period: 'day', softNanoUsd: 16e9, hardNanoUsd: 20e9 },
    ],
    rehearsedCount: 9,
    obstacles: [],
  });
  expect(read(inRepo('tollgate.json'))).toContain('"$schema"');
  expect((await tollgate(sandbox, ['config'])).exitCode).toBe(0);
});

test('uninstall --dry-run changes nothing; --json says what was done', async () => {
  await tollgateOk(sandbox, ['init', '--yes']);
  const before = read(inRepo('settings.json'));
  expect(await tollgateOk(sandbox, ['uninstall', '--dry-run'])).toContain('-  "hooks": {');
  expect(read(inRepo('settings.json'))).toBe(before);
  const done: unknown = JSON.parse(await tollgateOk(sandbox, ['uninstall', '--yes', '--json']));
  expect(done).toMatchObject({
    schema: 'tollgate/uninstall@1',
    changed: true,
    outcome: 'restored',
  });
  expect(existsSync(inRepo())).toBe(false);
});
