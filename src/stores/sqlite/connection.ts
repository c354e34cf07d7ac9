// One open ledger file: prepared statements by their text, and the integers that stand for long names.
import type { Statement } from 'better-sqlite3';
import type { Attribution } from '../../domain/attribution.ts';
import { ATTRIBUTION_KEYS } from '../../domain/attribution.ts';
import type { SessionId } from '../../domain/ids.ts';
import { invariant } from '../../errors.ts';
import { ATTRIBUTION_COLUMNS, type Row } from '../columns.ts';
import type { Driver } from './driver.ts';

export type Value = string | number | null;

/** What a request counts with, at least, and the response it is of. */
export interface CountedRequest {
  readonly rank: number;
  readonly key: number | null;
}

/** What the rooms of the ledger share. */
export interface Connection {
  readonly driver: Driver;
  readonly get: (sql: string, values: readonly Value[]) => Row | undefined;
  readonly all: (sql: string, values: readonly Value[]) => Row[];
  /** Number of rows changed. */
  readonly run: (sql: string, values: readonly Value[]) => number;
  /** The number that stands for a session; made when it is new. */
  readonly sessionKey: (id: SessionId) => number;
  /** Remembers a number that was read with its session. */
  readonly noteSessionKey: (id: SessionId, key: number) => void;
  /** The same, or `null` for a session the ledger has never seen. */
  readonly findSessionKey: (id: SessionId) => number | null;
  /** The number that stands for these labels; made when they are new. */
  readonly attributionKey: (attribution: Attribution) => number;
  /** Requests recorded through this connection. */
  readonly counted: Map<string, CountedRequest>;
  /** A transaction that is rolled back takes the numbers it made, and what it counted, with it. */
  readonly forgetKeys: () => void;
  /** Keeps what is remembered here from growing with the life of a resident process. */
  readonly limitMemory: () => void;
}

const INSERT_ATTRIBUTION = `INSERT INTO attribution (fingerprint, ${ATTRIBUTION_COLUMNS.join(', ')})
  VALUES (?, ${ATTRIBUTION_COLUMNS.map(() => '?').join(', ')}) ON CONFLICT DO NOTHING`;

/** Names remembered of each kind before they are looked up anew. */
const NAMES_KEPT = 5_000;

/** Statements by their text, each prepared once. */
function statementsOf(driver: Driver): Pick<Connection, 'get' | 'all' | 'run'> {
  const statements = new Map<string, Statement<[readonly Value[]]>>();
  const prepare = (sql: string) => {
    let statement = statements.get(sql);
    if (!statement) {
      statement = driver.prepare<[readonly Value[]]>(sql);
      statements.set(sql, statement);
    }
    return statement;
  };
  return {
    get: (sql, values) => prepare(sql).get(values) as Row | undefined,
    all: (sql, values) => prepare(sql).all(values) as Row[],
    run: (sql, values) => prepare(sql).run(values).changes,
  };
}

export function connect(driver: Driver): Connection {
  const { get, all, run } = statementsOf(driver);

  const sessionKeys = new Map<string, number>();
  const labels = attributionKeys({ get, run });
  const counted = new Map<string, CountedRequest>();

  const findSessionKey = (id: SessionId): number | null => {
    const known = sessionKeys.get(id);
    if (known !== undefined) return known;
    const row = get('SELECT session_key FROM session WHERE session_id = ?', [id]);
    if (!row) return null;
    sessionKeys.set(id, Number(row.session_key));
    return Number(row.session_key);
  };

  return {
    driver,
    get,
    all,
    run,
    findSessionKey,
    noteSessionKey: (id, key) => {
      sessionKeys.set(id, key);
    },
    counted,
    forgetKeys: () => {
      sessionKeys.clear();
      labels.clear();
      counted.clear();
    },
    limitMemory: () => {
      if (sessionKeys.size > NAMES_KEPT) sessionKeys.clear();
      labels.limit();
      if (counted.size > NAMES_KEPT) counted.clear();
    },
    sessionKey: (id) => {
      const known = findSessionKey(id);
      if (known !== null) return known;
      run('INSERT INTO session (session_id, started_at_ms, last_seen_at_ms) VALUES (?, 0, 0)', [
        id,
      ]);
      const made = findSessionKey(id);
      invariant(made !== null, 'a session just written can be read');
      return made;
    },
    attributionKey: labels.keyOf,
  };
}

/** The numbers that stand for labels. */
function attributionKeys({ get, run }: Pick<Connection, 'get' | 'run'>) {
  const known = new Map<string, number>();
  /** By the object itself, which is never changed: spares the fingerprint. */
  let same = new WeakMap<Attribution, number>();
  const keyOf = (attribution: Attribution): number => {
    const kept = same.get(attribution);
    if (kept !== undefined) return kept;
    const values = ATTRIBUTION_KEYS.map((key) => attribution[key]);
    const fingerprint = JSON.stringify(values);
    const key = known.get(fingerprint);
    if (key !== undefined) {
      same.set(attribution, key);
      return key;
    }
    const find = () =>
      get('SELECT attribution_id FROM attribution WHERE fingerprint = ?', [fingerprint]);
    let row = find();
    if (!row) {
      run(INSERT_ATTRIBUTION, [fingerprint, ...values]);
      row = find();
    }
    invariant(row, 'an attribution just written can be read');
    known.set(fingerprint, Number(row.attribution_id));
    return Number(row.attribution_id);
  };
  return {
    keyOf,
    clear: () => {
      known.clear();
      same = new WeakMap();
    },
    limit: () => {
      if (known.size > NAMES_KEPT) known.clear();
    },
  };
}
