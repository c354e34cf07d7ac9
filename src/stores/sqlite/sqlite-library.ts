// Chooses what opens a SQLite file: better-sqlite3's addon by its file, else through the library, else Node's own
// `node:sqlite`. Rule: one choice per process. Two copies of SQLite on one file undo each other's locks.
import type Database from 'better-sqlite3';
import { TollgateError } from '../../errors.ts';
import {
  addonVersion,
  findAddonPackage,
  fitsThisNode,
  loadAddon,
} from '../../runtime/native-addon.ts';
import { pluginRoot } from '../../runtime/plugin-root.ts';
import type { Driver } from './driver.ts';
import { openNodeSqlite } from './node-sqlite.ts';

/** What opens database files in this process. */
export interface SqliteLibrary {
  readonly name: 'better-sqlite3' | 'node:sqlite';
  /** Of better-sqlite3, or of Node; empty where it cannot be told. */
  readonly version: () => string;
  /** Waits at most `timeoutMs` for the lock. Throws errors with SQLite's `code` (`SQLITE_BUSY`, …). */
  readonly open: (path: string, timeoutMs: number) => Driver;
}

/** The process's choice is kept here: hooks load several bundles, and each has modules of its own. */
const CHOSEN = Symbol.for('tollgate.sqlite-library');
const shared = globalThis as { [CHOSEN]?: SqliteLibrary };

/** The library of this process. Throws `TollgateError` `LEDGER_DRIVER` where none loads. */
export function sqliteLibrary(): SqliteLibrary {
  const chosen = shared[CHOSEN] ?? chooseLibrary();
  shared[CHOSEN] = chosen;
  return chosen;
}

function chooseLibrary(): SqliteLibrary {
  const addonPackage = findAddonPackage();
  const failures: unknown[] = [];
  if (addonPackage === null || fitsThisNode(addonPackage)) {
    for (const load of [openerOfAddon, openerOfLibrary]) {
      try {
        const open = load(addonPackage);
        if (open === null) continue;
        const version = () => (addonPackage === null ? '' : addonVersion(addonPackage));
        return { name: 'better-sqlite3', version, open };
      } catch (error) {
        failures.push(error);
      }
    }
  }
  const open = openNodeSqlite();
  if (open) return { name: 'node:sqlite', version: () => process.versions.node, open };
  throw noLibrary(addonPackage, failures);
}

function noLibrary(addonPackage: string | null, failures: readonly unknown[]): TollgateError {
  const message = `the ledger cannot be opened: better-sqlite3 does not load under Node ${process.versions.node}`;
  const failed = (why: string, hint: string) =>
    new TollgateError({
      code: 'LEDGER_DRIVER',
      message: `${message} (${why})`,
      hint,
      cause: failures[0],
    });
  const reinstall = 'npm install -g --allow-scripts=better-sqlite3 tollgate';
  if (addonPackage === null) return failed('it is not installed', reinstall);
  const isOwnInstall = addonPackage.includes('/node_modules/tollgate/node_modules/');
  if (!fitsThisNode(addonPackage)) {
    const why = `version ${addonVersion(addonPackage)} needs Node 22.14 or later`;
    if (pluginRoot() !== null) {
      const remedy = 'put Node 22.14 or later first on the PATH that Claude Code is started with';
      return failed(
        why,
        `${remedy}; with Node 20 use npm install -g tollgate instead of the plugin`,
      );
    }
    return failed(why, isOwnInstall ? reinstall : 'run it with Node 22.14 or later');
  }
  const folder = addonPackage.replace(/\/node_modules\/better-sqlite3$/, '');
  return failed(
    'its compiled part is missing or was built for another Node',
    isOwnInstall ? reinstall : `npm rebuild better-sqlite3, in ${folder}`,
  );
}

type Open = SqliteLibrary['open'];

/** What the addon throws. */
class SqliteError extends Error {
  readonly code: string;
  constructor(message: string, code: string) {
    super(message);
    this.code = code;
  }
}

type RawPrepare = (sql: string, database: RawDatabase, ...flags: boolean[]) => Database.Statement;
interface RawDatabase extends Omit<Driver, 'prepare'> {
  readonly prepare: RawPrepare;
}

/** The addon of better-sqlite3 12, and that of 13, which has its rows built for it. */
interface Addon {
  readonly Database: new (...given: (string | boolean | number | null)[]) => RawDatabase;
  readonly setErrorConstructor?: (errorClass: typeof SqliteError) => void;
  readonly initialize?: (errorClass: typeof SqliteError, ...factories: RowFactories) => void;
}

type RowFactories = readonly [
  list: (...values: unknown[]) => unknown[],
  append: (list: unknown[], ...values: unknown[]) => void,
  row: (...names: string[]) => (...values: unknown[]) => object,
  step: (value: unknown) => { value: unknown; done: false },
];

function openerOfAddon(addonPackage: string | null): Open | null {
  const addon = addonPackage === null ? null : (loadAddon(addonPackage) as Addon | null);
  if (addon?.initialize) {
    addon.initialize(SqliteError, ...ROW_FACTORIES);
    return (path, timeoutMs) =>
      driverOf(
        new addon.Database(path, path, false, false, false, timeoutMs, null, null, null, null),
        [false, false],
      );
  }
  if (addon?.setErrorConstructor) {
    addon.setErrorConstructor(SqliteError);
    return (path, timeoutMs) =>
      driverOf(new addon.Database(path, path, false, false, false, timeoutMs, null, null), [false]);
  }
  return null;
}

function driverOf(raw: RawDatabase, prepareFlags: readonly boolean[]): Driver {
  return {
    prepare: ((sql: string) => raw.prepare(sql, raw, ...prepareFlags)) as Driver['prepare'],
    exec: (sql) => raw.exec(sql),
    close: () => raw.close(),
    get inTransaction() {
      return raw.inTransaction;
    },
  };
}

function openerOfLibrary(): Open {
  const { createRequire } = process.getBuiltinModule('node:module');
  const Installed = createRequire(import.meta.url)('better-sqlite3') as typeof Database;
  // The library loads its addon with the first database.
  new Installed(':memory:').close();
  return (path, timeoutMs) => new Installed(path, { timeout: timeoutMs });
}

/** How 13's addon makes JavaScript values of a row. Source: better-sqlite3 13.2.0, lib/database.js, 2026-11-28. */
const ROW_FACTORIES: RowFactories = [
  (...values) => values,
  (list, ...values) => {
    for (const value of values) list.push(value);
  },
  rowFactory,
  (value) => ({ value, done: false }),
];

/** A function that makes an object of one row's values; V8 makes objects of a literal several times faster. */
function rowFactory(...names: string[]): (...values: unknown[]) => object {
  if (names.includes('__proto__')) {
    return (...values) => Object.fromEntries(names.map((name, at) => [name, values[at]]));
  }
  const parameters = names.map((_, at) => `v${at}`).join(',');
  const fields = names.map((name, at) => `${JSON.stringify(name)}:v${at}`).join(',');
  return Function(`return (${parameters}) => ({${fields}})`)() as (...values: unknown[]) => object;
}
