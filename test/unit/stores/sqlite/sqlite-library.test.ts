// What opens the ledger where better-sqlite3's addon loads, where only Node's own SQLite is there, and where nothing is:
// each in a process of its own, since a process chooses once.
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createSandbox, type Sandbox } from '../../../support/sandbox.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..', '..');
const INSTALLED = dirname(createRequire(import.meta.url).resolve('better-sqlite3/package.json'));
const { version: INSTALLED_VERSION } = createRequire(import.meta.url)(
  'better-sqlite3/package.json',
) as { version: string };
/** `node:sqlite` is complete enough from 22.16 on. */
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
const HAS_NODE_SQLITE = major > 22 || (major === 22 && minor >= 16);

/** Uses all of the interface, in a process without anything of this repository but the bundle. */
const PROBE = `
import { openDriver, readDriverFacts } from './src/stores/sqlite/ledger-file.ts';
const codeOf = (work) => { try { work(); return null; } catch (error) { return error.code; } };
const say = (value) => console.log(JSON.stringify(value));
try {
  const facts = readDriverFacts();
  const driver = openDriver(process.argv[2]);
  const other = openDriver(process.argv[2]);
  driver.exec('CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT UNIQUE, bytes BLOB) STRICT');
  const insert = driver.prepare('INSERT INTO t VALUES (?, ?, ?)');
  const changes = [insert.run([1, 'one', Buffer.from('ab')]).changes, insert.run(2, 'two', null).changes];
  driver.exec('BEGIN IMMEDIATE');
  other.exec('PRAGMA busy_timeout = 0');
  const select = driver.prepare('SELECT id, name, bytes FROM t ORDER BY id');
  const read = {
    inTransaction: driver.inTransaction,
    busy: codeOf(() => other.exec('BEGIN IMMEDIATE')),
    taken: codeOf(() => insert.run([3, 'two', null])).slice(0, 17),
    row: { ...driver.prepare('SELECT id, name FROM t WHERE id = ?').get([2]) },
    none: driver.prepare('SELECT id FROM t WHERE id = ?').get(9) === undefined,
    names: driver.prepare('SELECT name FROM t ORDER BY id').all([]).map(({ name }) => name),
    bytes: Buffer.from(select.get([]).bytes).toString(),
    lists: [...driver.prepare('SELECT id, name FROM t WHERE id > ? ORDER BY id').raw().iterate(0)],
    synchronous: Object.values(driver.prepare('PRAGMA synchronous').get())[0],
    foreignKeys: Object.values(driver.prepare('PRAGMA foreign_keys').get())[0],
  };
  driver.exec('ROLLBACK');
  driver.close();
  other.close();
  say({ facts, changes, read });
} catch (error) {
  say({ code: error.code, message: error.message, hint: error.hint, stack: error.stack });
}
`;

/** What the probe says with every library. */
const SAME = {
  changes: [1, 1],
  read: {
    inTransaction: true,
    busy: 'SQLITE_BUSY',
    taken: 'SQLITE_CONSTRAINT',
    row: { id: 2, name: 'two' },
    none: true,
    names: ['one', 'two'],
    bytes: 'ab',
    lists: [
      [1, 'one'],
      [2, 'two'],
    ],
    synchronous: 1,
    foreignKeys: 1,
  },
};

let sandbox: Sandbox;
let app: string;

beforeEach(async () => {
  sandbox = await createSandbox();
  app = join(sandbox.root, 'app');
  await build({
    stdin: { contents: PROBE, resolveDir: ROOT, loader: 'ts' },
    bundle: true,
    platform: 'node',
    format: 'cjs',
    define: { 'import.meta.dirname': '__dirname', 'import.meta.url': '__filename' },
    outfile: join(app, 'probe.cjs'),
    logLevel: 'error',
  });
});
afterEach(() => sandbox.cleanup());

async function probe() {
  const run = await sandbox.run(process.execPath, [
    join(app, 'probe.cjs'),
    join(sandbox.root, 'state', 'ledger.db'),
  ]);
  expect(run).toMatchObject({ exitCode: 0, stderr: '' });
  return JSON.parse(run.stdout) as Record<string, unknown>;
}

/** What there is when nothing else loads. */
const FALLBACK = HAS_NODE_SQLITE
  ? { facts: { name: 'node:sqlite', version: process.versions.node }, ...SAME }
  : { code: 'LEDGER_DRIVER' };

test('opens the installed addon by its file', async () => {
  mkdirSync(join(app, 'node_modules', 'better-sqlite3'), { recursive: true });
  // Without the library's own files only the addon itself can answer.
  for (const part of [
    'package.json',
    INSTALLED_VERSION.startsWith('12.') ? 'build' : 'prebuilds',
  ]) {
    symlinkSync(join(INSTALLED, part), join(app, 'node_modules', 'better-sqlite3', part));
  }
  const facts = { name: 'better-sqlite3', version: INSTALLED_VERSION };
  expect(await probe()).toMatchObject({ facts, ...SAME });
});

test('opens through the library where the addon is not where npm puts it', async () => {
  const packageFolder = join(app, 'node_modules', 'better-sqlite3');
  mkdirSync(packageFolder, { recursive: true });
  writeFileSync(join(packageFolder, 'package.json'), '{"version":"12.0.0","main":"main.js"}');
  const main = `module.exports = require(${JSON.stringify(INSTALLED)});`;
  writeFileSync(join(packageFolder, 'main.js'), main);
  expect(await probe()).toMatchObject({ facts: { name: 'better-sqlite3' }, ...SAME });
});

test('opens with node:sqlite where better-sqlite3 is not installed, or says what heals', async () => {
  const said = await probe();
  expect(said).toMatchObject(FALLBACK);
  if (!HAS_NODE_SQLITE) {
    expect(said.hint).toBe('npm install -g --allow-scripts=better-sqlite3 tollgate');
  }
});

test('falls back from an addon that was built for another Node', async () => {
  const release = join(app, 'node_modules', 'better-sqlite3', 'build', 'Release');
  mkdirSync(release, { recursive: true });
  writeFileSync(join(release, 'better_sqlite3.node'), 'not an addon');
  const said = await probe();
  expect(said).toMatchObject(FALLBACK);
  if (!HAS_NODE_SQLITE) {
    expect(said.hint).toBe(`npm rebuild better-sqlite3, in ${app}`);
    expect(said.message).not.toContain('\n');
  }
});

test.runIf(Number(process.versions.napi) < 10)(
  'never loads an addon that this Node would crash on',
  async () => {
    const packageFolder = join(app, 'node_modules', 'better-sqlite3');
    mkdirSync(join(packageFolder, 'prebuilds'), { recursive: true });
    writeFileSync(join(packageFolder, 'package.json'), '{"version":"13.2.0","main":"main.js"}');
    writeFileSync(join(packageFolder, 'main.js'), 'process.kill(process.pid, "SIGSEGV");');
    const said = await probe();
    expect(said).toMatchObject({ code: 'LEDGER_DRIVER' });
    expect(said.message).toContain('version 13.2.0 needs Node 22.14 or later');
  },
);
