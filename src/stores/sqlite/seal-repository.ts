// Rows of the ledger as its seal holds them, and back. Rule: rows go as they are, by the names of their columns, so that a column that
// is added later is sealed, too; numbers that only this file knows (sessions, labels) are spelled out.
import { ATTRIBUTION_KEYS, type Attribution } from '../../domain/attribution.ts';
import { sessionId } from '../../domain/ids.ts';
import { DAY_MS } from '../../domain/time.ts';
import { bucketOf, type Row, USAGE_COLUMN_NAMES } from '../columns.ts';
import type {
  SealedChanges,
  SealedContent,
  SealedEntries,
  SealedRow,
  SealMark,
  SealOperations,
} from '../sealing.ts';
import type { Connection, Value } from './connection.ts';
import { rollupWriter } from './entries.ts';

/** No window that was open longer ago is open now, but those of a quarter or a year. */
const RECENT_MS = 40 * DAY_MS;
/** Tables with rows of a session, by what names it there. */
const BY_ID = [
  ...['session_link', 'run_session', 'session_file', 'session_start', 'rerouting'],
  'imported_session',
] as const;
const BY_KEY = ['thread', 'pool_session', 'client_total'] as const;
/** What plan budgets go by. */
const READ_PLAN_READINGS = `SELECT * FROM plan_reading WHERE reading_seq IN (
  SELECT max(reading_seq) FROM plan_reading GROUP BY plan_window UNION
  SELECT max(reading_seq) FROM plan_reading WHERE full_nano_usd IS NOT NULL GROUP BY plan_window)
  ORDER BY reading_seq`;
/** Whose counts of tokens go with every line. */
const SHARED_HISTORY = `owner = 'machine' OR substr(owner, 1, 6) = 'model:'`;

export function sealRepository(db: Connection): SealOperations {
  return {
    readUnsealed: (mark, changes, limit) => readUnsealed(mark, changes, limit, db),
    applySealed: (content, replaces) => applySealed(content, replaces, db),
    writeSealMark: (mark) => {
      db.run(
        `UPDATE seal_mark SET ledger_id = ?, seq = ?, head = ?, through_seq = ?, entry_count = ?,
           cost_nano_usd = ?, is_stale = ?`,
        [
          ...[mark.ledgerId, mark.seq, mark.head, mark.throughSeq, mark.entryCount],
          ...[mark.costNanoUsd, mark.isStale ? 1 : 0],
        ],
      );
    },
    readProvable: () =>
      JSON.stringify([
        db.all('SELECT * FROM latch ORDER BY session_id', []),
        db.all('SELECT * FROM grant_line ORDER BY grant_id', []),
        db.all('SELECT file, kind, settings, accepted_by FROM held_file ORDER BY file', []),
        // Documents have digests of their own, and would have to be read at every turn.
        db.all(
          'SELECT number, client, start_at_ms, end_at_ms, issued_at_ms, digests FROM statement ORDER BY number',
          [],
        ),
        db.all('SELECT * FROM machine ORDER BY machine_id', []),
      ]),
    readProvableSums: (throughSeq) => {
      const row = db.get(
        `SELECT count(*) AS entry_count, coalesce(sum(cost_nano_usd), 0) AS cost_nano_usd,
           coalesce(max(seq), 0) AS through_seq FROM entry WHERE seq <= ?`,
        [throughSeq ?? Number.MAX_SAFE_INTEGER],
      );
      return {
        entryCount: Number(row?.entry_count),
        costNanoUsd: Number(row?.cost_nano_usd),
        throughSeq: Number(row?.through_seq),
      };
    },
    countProvable: () => {
      const row = db.get(
        `SELECT (SELECT count(*) FROM latch) AS halts, (SELECT count(*) FROM held_file) AS held,
           (SELECT count(*) FROM statement) AS statements,
           count(*) AS grants, coalesce(sum(amount_nano_usd), 0) AS granted FROM grant_line`,
        [],
      );
      return {
        haltCount: Number(row?.halts),
        grantCount: Number(row?.grants),
        grantedNanoUsd: Number(row?.granted),
        heldFileCount: Number(row?.held),
        statementCount: Number(row?.statements),
      };
    },
  };
}

const sealed = (row: Row): SealedRow => row as SealedRow;

function readUnsealed(mark: SealMark, changes: SealedChanges, limit: number, db: Connection) {
  const rows = db.all(
    `SELECT entry.*, session_id, fingerprint FROM entry JOIN session USING (session_key)
       JOIN attribution USING (attribution_id) WHERE seq > ? ORDER BY seq LIMIT ?`,
    [mark.throughSeq, limit],
  );
  const ids = new Set([...rows.map((row) => String(row.session_id)), ...changes.halts]);
  const whole = mark.isStale || mark.seq === 0;
  const content: SealedContent = {
    isWhole: whole,
    ...(whole ? readAll(db) : readChanged(changes, db)),
    sessions: readSessionRows(whole ? [...new Set([...ids, ...recentSessions(db)])] : [...ids], db),
    windows: db.all('SELECT * FROM period_window WHERE end_at_ms > ?', [Date.now()]).map(sealed),
    planReadings: db.all(READ_PLAN_READINGS, []).map(sealed),
    entries: packed(rows),
  };
  return { content, throughSeq: Number(rows.at(-1)?.seq ?? mark.throughSeq) };
}

type Provable = Pick<SealedContent, 'halts' | 'grants' | 'heldFiles' | 'statements' | 'machines'>;

function readAll(db: Connection): Provable {
  return {
    halts: db.all('SELECT * FROM latch', []).map((row) => [String(row.session_id), sealed(row)]),
    grants: db.all('SELECT * FROM grant_line', []).map(sealed),
    heldFiles: db.all('SELECT * FROM held_file', []).map((row) => [String(row.file), sealed(row)]),
    statements: db.all('SELECT * FROM statement ORDER BY statement_seq', []).map(sealed),
    machines: db.all('SELECT * FROM machine', []).map(sealed),
  };
}

function readChanged(changes: SealedChanges, db: Connection): Provable {
  const { halts, grants, heldFiles, statements, machines } = changes;
  const rowOf = (table: string, column: string, key: string): SealedRow | null => {
    const row = db.get(`SELECT * FROM ${table} WHERE ${column} = ?`, [key]);
    return row === undefined ? null : sealed(row);
  };
  const rowsOf = (table: string, column: string, keys: ReadonlySet<string>) =>
    [...keys].map((key) => rowOf(table, column, key)).filter((row) => row !== null);
  return {
    halts: [...halts].map((id) => [id, rowOf('latch', 'session_id', id)] as const),
    grants: rowsOf('grant_line', 'grant_id', grants),
    heldFiles: [...heldFiles].map((file) => [file, rowOf('held_file', 'file', file)] as const),
    statements: rowsOf('statement', 'number', statements),
    machines: rowsOf('machine', 'machine_id', machines),
  };
}

/** Those that may still count somewhere; the others come with their entries. */
const recentSessions = (db: Connection): string[] =>
  db
    .all(
      'SELECT session_id FROM session WHERE last_seen_at_ms > ? ORDER BY last_seen_at_ms DESC LIMIT 500',
      [Date.now() - RECENT_MS],
    )
    .map((row) => String(row.session_id));

function readSessionRows(
  ids: readonly string[],
  db: Connection,
): Record<string, readonly SealedRow[]> {
  const tables: Record<string, SealedRow[]> = { session: [], history: [] };
  const keep = (table: string, rows: readonly Row[], id: string) => {
    for (const { session_key: _, ...row } of rows) {
      tables[table] ??= [];
      tables[table].push({ ...sealed(row), session_id: id });
    }
  };
  for (const id of ids) {
    keep('session', db.all('SELECT * FROM session WHERE session_id = ?', [id]), id);
    for (const table of BY_ID) {
      keep(table, db.all(`SELECT * FROM ${table} WHERE session_id = ?`, [id]), id);
    }
    const key = db.findSessionKey(sessionId(id));
    for (const table of BY_KEY) {
      keep(table, db.all(`SELECT * FROM ${table} WHERE session_key = ?`, [key]), id);
    }
    const owners = [`session:${id}`, `new:${id}`];
    tables.history?.push(
      ...db.all('SELECT * FROM history WHERE owner IN (?, ?)', owners).map(sealed),
    );
  }
  if (ids.length > 0) {
    tables.history?.push(
      ...db.all(`SELECT * FROM history WHERE ${SHARED_HISTORY}`, []).map(sealed),
    );
  }
  return tables;
}

/** Names that stand for themselves elsewhere, and numbers of this file alone. */
const NOT_PACKED = new Set([
  ...['seq', 'session_key', 'attribution_id', 'session_id', 'fingerprint'],
]);

function packed(rows: readonly Row[]): SealedEntries {
  const columns = Object.keys(rows[0] ?? {}).filter((name) => !NOT_PACKED.has(name));
  const places = { sessionIds: new Map<string, number>(), labels: new Map<string, number>() };
  const placeOf = (list: Map<string, number>, name: string): number => {
    const place = list.get(name) ?? list.size;
    list.set(name, place);
    return place;
  };
  const values = rows.map((row) => [
    ...columns.map((name) => row[name] as Value),
    placeOf(places.sessionIds, String(row.session_id)),
    placeOf(places.labels, String(row.fingerprint)),
  ]);
  return {
    columns,
    sessionIds: [...places.sessionIds.keys()],
    labels: [...places.labels.keys()],
    rows: values,
  };
}

/** Where rows are put back. */
interface Target {
  readonly db: Connection;
  readonly onConflict: 'REPLACE' | 'IGNORE';
  /** A column that a later version has is left out. */
  readonly columnsOf: (table: string) => ReadonlySet<string>;
}

function targetOf(db: Connection, onConflict: Target['onConflict']): Target {
  const known = new Map<string, ReadonlySet<string>>();
  const columnsOf = (table: string) => {
    const rows = known.has(table) ? [] : db.all('SELECT name FROM pragma_table_info(?)', [table]);
    const columns = known.get(table) ?? new Set(rows.map(({ name }) => String(name)));
    known.set(table, columns);
    return columns;
  };
  return { db, onConflict, columnsOf };
}

function applySealed(content: SealedContent, replaces: boolean, db: Connection): void {
  const target = targetOf(db, replaces ? 'REPLACE' : 'IGNORE');
  const always = { ...target, onConflict: 'REPLACE' } as const;
  if (content.isWhole && replaces) {
    db.run('DELETE FROM latch', []);
    db.run('DELETE FROM held_file', []);
  }
  for (const [id, row] of content.halts) {
    if (row === null) db.run('DELETE FROM latch WHERE session_id = ?', [id]);
    else insert('latch', row, always);
  }
  // These never change.
  const once = { ...target, onConflict: 'IGNORE' } as const;
  for (const row of content.grants) insert('grant_line', row, once);
  for (const row of content.statements) insert('statement', row, once);
  for (const row of content.planReadings ?? []) insert('plan_reading', row, once);
  for (const row of content.machines ?? []) insert('machine', row, always);
  for (const [file, row] of content.heldFiles) {
    if (row === null) db.run('DELETE FROM held_file WHERE file = ?', [file]);
    else insert('held_file', row, always);
  }
  for (const row of content.windows) insert('period_window', row, target);
  applyEntries(content.entries, target);
  for (const [table, rows] of Object.entries(content.sessions)) {
    for (const row of rows) applySessionRow(table, row, target);
  }
}

function applySessionRow(table: string, row: SealedRow, target: Target): void {
  const { session_id: id, ...rest } = row;
  if (table === 'history') insert(table, row, target);
  else if (table === 'session') applySession(String(id), rest, target);
  else if ((BY_ID as readonly string[]).includes(table)) insert(table, row, target);
  else {
    const key = target.db.sessionKey(sessionId(String(id)));
    insert(table, { ...rest, session_key: key }, target);
  }
}

function applySession(id: string, row: SealedRow, { db, onConflict, columnsOf }: Target): void {
  const known = db.get('SELECT last_seen_at_ms FROM session WHERE session_id = ?', [id]);
  // One that was only named so far has been seen at no time.
  if (Number(known?.last_seen_at_ms ?? 0) !== 0 && onConflict === 'IGNORE') return;
  const names = Object.keys(row).filter((name) => columnsOf('session').has(name));
  db.run(
    `UPDATE session SET ${names.map((name) => `${name} = ?`).join(', ')} WHERE session_key = ?`,
    [...names.map((name) => row[name] ?? null), db.sessionKey(sessionId(id))],
  );
}

function insert(table: string, row: SealedRow, { db, onConflict, columnsOf }: Target): void {
  const names = Object.keys(row).filter((name) => columnsOf(table).has(name));
  db.run(
    `INSERT OR ${onConflict} INTO ${table} (${names.join(', ')}) VALUES (${names.map(() => '?').join(', ')})`,
    names.map((name) => row[name] ?? null),
  );
}

function applyEntries(
  { columns, sessionIds, labels, rows }: SealedEntries,
  { db, columnsOf }: Target,
): void {
  if (rows.length === 0) return;
  const addToRollup = rollupWriter(db);
  const keys = sessionIds.map((id) => db.sessionKey(sessionId(id)));
  const attributions = labels.map((text) => db.attributionKey(attributionOf(text)));
  const names = columns.filter((name) => columnsOf('entry').has(name));
  const sql = `INSERT INTO entry (${names.join(', ')}, session_key, attribution_id)
    VALUES (${names.map(() => '?').join(', ')}, ?, ?) ON CONFLICT (entry_id) DO NOTHING`;
  const placeOf = new Map(columns.map((name, place) => [name, place]));
  for (const row of rows) {
    const valueAt = (name: string): Value => row[placeOf.get(name) ?? -1] ?? null;
    const key = keys[Number(row[columns.length])] ?? 0;
    const attribution = attributions[Number(row[columns.length + 1])] ?? 0;
    if (db.run(sql, [...names.map(valueAt), key, attribution]) === 0) continue;
    const occurredAt = Number(valueAt('occurred_at_ms'));
    const requestCount = Number(valueAt('request_count'));
    addToRollup([
      ...[key, bucketOf(occurredAt), attribution, valueAt('provenance'), requestCount],
      requestCount === 0 ? 0 : valueAt('unknown_model'),
      ...USAGE_COLUMN_NAMES.map(valueAt),
      ...[valueAt('cost_nano_usd'), occurredAt, occurredAt],
    ]);
  }
}

function attributionOf(fingerprint: string): Attribution {
  const values = JSON.parse(fingerprint) as readonly (string | null)[];
  const pairs = ATTRIBUTION_KEYS.map((key, place) => [key, values[place] ?? null]);
  return Object.fromEntries(pairs) as Attribution;
}
