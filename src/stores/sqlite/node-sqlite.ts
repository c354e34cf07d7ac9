// Node's own SQLite behind the `Driver` interface, for machines where better-sqlite3's addon does not load.
import type { Driver } from './driver.ts';

/** What is used of `node:sqlite`; the types of Node 20 do not have it. */
interface NodeSqlite {
  readonly DatabaseSync: new (path: string) => NodeDatabase;
  readonly StatementSync: { readonly prototype: NodeStatement };
}
interface NodeDatabase {
  readonly prepare: (sql: string) => NodeStatement;
  readonly exec: (sql: string) => void;
  readonly close: () => void;
  readonly isTransaction: boolean;
}
interface NodeStatement {
  readonly get: (...values: unknown[]) => unknown;
  readonly all: (...values: unknown[]) => unknown[];
  readonly run: (...values: unknown[]) => unknown;
  readonly iterate: (...values: unknown[]) => Iterable<unknown>;
  readonly setReturnArrays: (asArrays: boolean) => void;
}

/** SQLite's primary result codes that callers tell apart. Source: sqlite.org/rescode.html, 2026-11-28. */
const CODES: Readonly<Record<number, string>> = {
  5: 'SQLITE_BUSY',
  6: 'SQLITE_LOCKED',
  8: 'SQLITE_READONLY',
  10: 'SQLITE_IOERR',
  11: 'SQLITE_CORRUPT',
  13: 'SQLITE_FULL',
  14: 'SQLITE_CANTOPEN',
  19: 'SQLITE_CONSTRAINT',
  26: 'SQLITE_NOTADB',
};

/** Opens files with `node:sqlite`; `null` where this Node has none that is complete enough (22.16 and later). */
export function openNodeSqlite(): ((path: string, timeoutMs: number) => Driver) | null {
  const sqlite = loadQuietly();
  if (!sqlite || !('setReturnArrays' in sqlite.StatementSync.prototype)) return null;
  return (path, timeoutMs) => {
    const database = coded(() => new sqlite.DatabaseSync(path));
    coded(() => database.exec(`PRAGMA busy_timeout = ${timeoutMs}; PRAGMA synchronous = NORMAL`));
    const driver = {
      prepare: (sql: string) => statementOf(coded(() => database.prepare(sql))),
      exec: (sql: string) => coded(() => database.exec(sql)),
      close: () => database.close(),
      get inTransaction() {
        return database.isTransaction;
      },
    };
    return driver as unknown as Driver;
  };
}

/** Node 22 prints a warning that the module is experimental; a hook's stderr is no place for it. */
function loadQuietly(): NodeSqlite | undefined {
  const { emitWarning } = process;
  process.emitWarning = () => {};
  try {
    return process.getBuiltinModule('node:sqlite') as NodeSqlite | undefined;
  } finally {
    process.emitWarning = emitWarning;
  }
}

/** The library takes a list of values as one argument or as many; Node takes them one by one. */
function statementOf(statement: NodeStatement) {
  const spread = (values: unknown[]) =>
    values.length === 1 && Array.isArray(values[0]) ? (values[0] as unknown[]) : values;
  const adapted = {
    get: (...values: unknown[]) => coded(() => statement.get(...spread(values))),
    all: (...values: unknown[]) => coded(() => statement.all(...spread(values))),
    run: (...values: unknown[]) => coded(() => statement.run(...spread(values))),
    iterate: (...values: unknown[]) => coded(() => statement.iterate(...spread(values))),
    raw: () => {
      statement.setReturnArrays(true);
      return adapted;
    },
  };
  return adapted;
}

/** Runs a call of Node's; what it throws gets the code that better-sqlite3 would give it. */
function coded<T>(call: () => T): T {
  try {
    return call();
  } catch (error) {
    const { errcode } = error as { errcode?: number };
    if (errcode === undefined) throw error;
    const code = CODES[errcode & 0xff] ?? 'SQLITE_ERROR';
    throw Object.assign(new Error((error as Error).message, { cause: error }), { code });
  }
}
