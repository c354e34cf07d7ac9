// Opening what lies in the ledger's place: ours and of this version, older, another program's, or nothing at all.
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { forgetBackups } from '../../../../src/stores/sqlite/backup.ts';
import { openDriver } from '../../../../src/stores/sqlite/ledger-file.ts';
import { APPLICATION_ID, LEDGER_VERSION } from '../../../../src/stores/sqlite/ledger-version.ts';
import { MIGRATIONS } from '../../../../src/stores/sqlite/migrations.ts';
import { openSqliteStore } from '../../../../src/stores/sqlite/sqlite.ts';
import { posixTest } from '../../../support/systems.ts';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tollgate-file-'));
  path = join(folder, 'ledger.db');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function database(statements: string): void {
  const made = new Database(path);
  made.exec(statements);
  made.close();
}

const code = (open: () => unknown): unknown => {
  try {
    open();
    return null;
  } catch (error) {
    return (error as { code: unknown }).code;
  }
};

test.each([
  ['with no version', 'CREATE TABLE bookmark (url TEXT)'],
  ['with a version below ours', 'CREATE TABLE bookmark (url TEXT); PRAGMA user_version = 3'],
  ['with our version', `CREATE TABLE bookmark (url TEXT); PRAGMA user_version = ${LEDGER_VERSION}`],
  ['with a version above ours', 'CREATE TABLE bookmark (url TEXT); PRAGMA user_version = 900'],
])("another program's database %s is refused and not changed", (_, statements) => {
  database(statements);
  const before = statSync(path).mtimeMs;
  expect(code(() => openSqliteStore(path))).toBe('LEDGER_FOREIGN');
  expect(statSync(path).mtimeMs).toBe(before);
  expect(existsSync(`${path}-wal`)).toBe(false);
});

test('a file of another kind is damaged', () => {
  writeFileSync(path, 'no database, and longer than the header of one: '.repeat(4), {
    mode: 0o600,
  });
  expect(code(() => openSqliteStore(path))).toBe('LEDGER_DAMAGED');
});

test('nothing, and an empty file, are a new ledger only where none was before', () => {
  const expected = () => true;
  expect(code(() => openDriver(path, undefined, expected))).toBe('LEDGER_GONE');
  expect(existsSync(path)).toBe(false);
  writeFileSync(path, '', { mode: 0o600 });
  expect(code(() => openDriver(path, undefined, expected))).toBe('LEDGER_GONE');
  expect(code(() => openDriver(path).close())).toBe(null);
  // One that has its tables is asked no such question.
  expect(code(() => openDriver(path, undefined, expected).close())).toBe(null);
});

posixTest(
  'an older ledger is upgraded once a whole copy of it is beside it; the copy goes after thirty days',
  () => {
    const old = LEDGER_VERSION - 1;
    database(
      `${MIGRATIONS.slice(0, old).join(';')}; PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${old};
     INSERT INTO latch VALUES ('s1', 'day', 'w', 'HARD_LIMIT_REACHED', 1, 2, 3, NULL)`,
    );
    openSqliteStore(path).close();
    const copies = readdirSync(folder).filter((name) => name.includes('before-v'));
    expect(copies).toEqual([`ledger.db.before-v${LEDGER_VERSION}`]);
    const file = join(folder, copies[0] ?? '');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const copy = new Database(file, { readonly: true });
    expect(copy.pragma('user_version', { simple: true })).toBe(old);
    expect(copy.prepare('SELECT session_id FROM latch').pluck().all()).toEqual(['s1']);
    copy.close();
    const day = 24 * 3_600_000;
    forgetBackups(path, Date.now() + 29 * day);
    expect(existsSync(file)).toBe(true);
    utimesSync(file, 0, 0);
    forgetBackups(path, Date.now());
    expect(existsSync(file)).toBe(false);
  },
);
