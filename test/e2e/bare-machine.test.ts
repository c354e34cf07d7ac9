// `tollgate run` on machines that lack something: as a user without rights, with a home that is read-only or none, without
// git. Each halts the real client or says what it needs.
import {
  chmodSync,
  constants,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  symlinkSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ensureClaudeClient } from '../../scripts/claude-client.mjs';
import { claudeArgs, claudeEnv } from '../support/claude.ts';
import { type MessagesApiStub, startMessagesApiStub } from '../support/messages-api-stub.ts';
import { createSandbox, type Sandbox } from '../support/sandbox.ts';
import { toolLoop } from '../support/scenarios.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const NOBODY = '65534';
const usage = { input_tokens: 20, output_tokens: 400, cache_read_input_tokens: 3_500 };

let sandbox: Sandbox;
let stub: MessagesApiStub;
/** Programs that this machine has; nothing else is on PATH. */
let programs: string;
/** The only place that may be written. */
let writable: string;

beforeEach(async () => {
  sandbox = await createSandbox();
  stub = await startMessagesApiStub(toolLoop({ turns: 40, usage }));
  programs = join(sandbox.root, 'programs');
  writable = join(sandbox.root, 'writable');
  for (const folder of [programs, writable]) mkdirSync(folder);
  for (const name of ['bash', 'sh', 'cat', 'echo', 'env', 'true']) {
    const place = ['/bin', '/usr/bin'].map((folder) => join(folder, name)).find(existsSync);
    if (place) symlinkSync(place, join(programs, name));
  }
  // Another user may not see this checkout.
  copyFileSync(process.execPath, join(programs, 'node'), constants.COPYFILE_FICLONE);
  copyFileSync(await ensureClaudeClient(), join(programs, 'claude'), constants.COPYFILE_FICLONE);
  cpSync(join(ROOT, 'dist'), join(sandbox.root, 'app', 'dist'), { recursive: true });
  for (const name of ['better-sqlite3', 'bindings', 'file-uri-to-path']) {
    const from = join(ROOT, 'node_modules', name);
    const copy = join(sandbox.root, 'app', 'node_modules', name);
    if (existsSync(from)) cpSync(from, copy, { recursive: true });
  }
  cpSync(join(ROOT, 'package.json'), join(sandbox.root, 'app', 'package.json'));
  for (const folder of [sandbox.root, sandbox.repo]) chmodSync(folder, 0o755);
  chmodSync(writable, 0o777);
  chmodSync(sandbox.home, 0o555);
});
afterEach(async () => {
  chmodSync(sandbox.home, 0o755);
  await stub.close();
  await sandbox.cleanup();
});

test('a read-only home: says what to set before anything is run', async () => {
  const run = await runHere(['claude', '-p', 'go'], { HOME: sandbox.home });
  expect(run.exitCode).toBe(2);
  expect(run.stderr).toContain('TOLLGATE_HOME');
  expect(stub.served).toHaveLength(0);
});

test('a read-only home, with both folders named', { timeout: 120_000 }, async () => {
  expect(await haltHere({ HOME: sandbox.home })).toBe(3);
});

test('no home at all, with both folders named', { timeout: 120_000 }, async () => {
  expect(await haltHere({})).toBe(3);
});

test('a repository, but no git', { timeout: 120_000 }, async () => {
  expect(existsSync(join(programs, 'git'))).toBe(false);
  const run = await haltHere({ HOME: sandbox.home }, sandbox.repo);
  expect(run).toBe(3);
});

/** The exit code of a run of the real client that only the ceiling ends. */
async function haltHere(home: Record<string, string>, cwd = writable): Promise<number | null> {
  const options = { home: sandbox.home, cwd, stub };
  const { PATH: _, HOME: __, ...env } = claudeEnv(options);
  const command = ['claude', '-p', 'go', '--output-format', 'json', ...claudeArgs(options)];
  const run = await runHere(
    command,
    {
      ...env,
      ...home,
      TOLLGATE_HOME: join(writable, 'tollgate'),
      CLAUDE_CONFIG_DIR: join(writable, 'claude'),
    },
    cwd,
  );
  expect(run.stderr).toContain('halted');
  expect(stub.served.length).toBeGreaterThan(2);
  expect(stub.served.length).toBeLessThan(25);
  return run.exitCode;
}

/** Runs a command under a ceiling, in an environment of `env` alone, without a superuser's rights. */
function runHere(command: readonly string[], env: Record<string, string>, cwd = writable) {
  const asNobody = ['setpriv', '--reuid', NOBODY, '--regid', NOBODY, '--clear-groups'];
  const words = [
    ...(process.getuid?.() === 0 ? asNobody : []),
    ...[
      'env',
      '-i',
      `PATH=${programs}`,
      ...Object.entries(env).map(([key, value]) => `${key}=${value}`),
    ],
    ...['node', join(sandbox.root, 'app', 'dist', 'cli', 'main.js')],
    ...['run', '--hard', '0.10', '--', ...command],
  ];
  return sandbox.run(words[0] ?? '', words.slice(1), { cwd, timeoutMs: 100_000 });
}
