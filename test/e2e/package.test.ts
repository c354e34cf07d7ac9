// The package as a stranger gets it: packed, installed from the tarball, its command run, its hooks in place.
import { cpSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createSandbox, type Sandbox } from '../support/sandbox.ts';

const ROOT = join(import.meta.dirname, '..', '..');
let sandbox: Sandbox;
let packed: readonly string[];
let tarball: string;

beforeAll(async () => {
  sandbox = await createSandbox();
  const env = { HOME: process.env.HOME ?? sandbox.home };
  const pack = await sandbox.run(
    'npm',
    ['pack', '--ignore-scripts', '--json', '--pack-destination', sandbox.root, ROOT],
    { env, timeoutMs: 120_000 },
  );
  const [made] = JSON.parse(pack.stdout) as [{ filename: string; files: { path: string }[] }];
  packed = made.files.map(({ path }) => path);
  tarball = join(sandbox.root, made.filename);
});
afterAll(() => sandbox.cleanup());

test('holds the hooks, the command line, the schema and the examples, and no source', () => {
  expect(packed).toEqual(
    expect.arrayContaining([
      'dist/hooks/pre-tool-use.cjs',
      'dist/hooks/config-loader.cjs',
      'dist/cli/main.js',
      'dist/project-launcher.cjs',
      'dist/tollgate.1',
      'schema/tollgate.schema.json',
      'settings.example.json',
      'README.md',
    ]),
  );
  expect(packed.filter((path) => /^(src|test|scripts|node_modules)\//.test(path))).toEqual([]);
});

// As long as the registry may take, and more.
test('installs, runs, and puts hooks of the installed copy into the settings', {
  timeout: 300_000,
}, async () => {
  const env = { HOME: process.env.HOME ?? sandbox.home };
  mkdirSync(join(sandbox.root, 'app'));
  const cwd = join(sandbox.root, 'app');
  // The addon was compiled for this checkout already; compiling it again would take minutes.
  const install = await sandbox.run(
    'npm',
    ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--omit=dev', tarball],
    { env, cwd, timeoutMs: 240_000 },
  );
  expect(install.exitCode, install.stderr).toBe(0);
  const addon = join('node_modules', 'better-sqlite3', 'build');
  if (existsSync(join(ROOT, addon)))
    cpSync(join(ROOT, addon), join(cwd, addon), { recursive: true });

  const bin = join(cwd, 'node_modules', '.bin', 'tollgate');
  const version = await sandbox.run(bin, ['--version'], { cwd });
  const { version: own } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    version: string;
  };
  expect(version.stdout).toMatch(
    new RegExp(
      `^tollgate ${own} · node ${process.versions.node} · better-sqlite3 \\S+ · SQLite 3\\.`,
    ),
  );
  // The addon, what finds it, and what fetches it: everything else is bundled.
  const lock = JSON.parse(readFileSync(join(cwd, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { dependencies?: object }>;
  };
  expect(Object.keys(lock.packages['node_modules/tollgate']?.dependencies ?? {})).toEqual([
    'better-sqlite3',
  ]);
  const init = await sandbox.run(bin, ['init', '--yes', '--scope', 'local', '--session-hard', '5']);
  expect(init.exitCode, init.stderr).toBe(0);
  const settings = readFileSync(join(sandbox.repo, '.claude', 'settings.local.json'), 'utf8');
  const hook = /"([^"]+pre-tool-use\.cjs)"/.exec(settings)?.[1] ?? '';
  expect(hook).toContain(join('app', 'node_modules', 'tollgate', 'dist', 'hooks'));
  const answered = await sandbox.run(process.execPath, [hook], {
    stdin: JSON.stringify({
      hook_event_name: 'PreToolUse',
      session_id: 's1',
      cwd: sandbox.repo,
      tool_name: 'Bash',
      tool_use_id: 't1',
      tool_input: { command: 'ls' },
    }),
  });
  expect(answered).toMatchObject({ exitCode: 0, stderr: '' });
});
