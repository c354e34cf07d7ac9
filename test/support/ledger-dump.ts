// Everything a ledger says, in names instead of numbers, so that two ledgers filled in different ways can be compared.
import Database from 'better-sqlite3';

/** Table → its rows as texts, sorted. `recorded_at_ms`, our own clock, is left out, and so are row numbers. */
export type LedgerDump = Readonly<Record<string, readonly string[]>>;

const NAMES = `LEFT JOIN (SELECT session_key, session_id AS told_by FROM session) USING (session_key)
  LEFT JOIN (SELECT attribution_id, fingerprint FROM attribution) USING (attribution_id)`;

const TABLES: Readonly<Record<string, string>> = {
  entry: `SELECT * FROM entry ${NAMES}`,
  rollup: `SELECT * FROM rollup ${NAMES}`,
  session: 'SELECT * FROM session',
  thread: 'SELECT thread.*, session_id AS told_by FROM thread JOIN session USING (session_key)',
  client_total:
    'SELECT client_total.*, session_id AS told_by FROM client_total JOIN session USING (session_key)',
  history: 'SELECT * FROM history',
  checkpoint: 'SELECT * FROM checkpoint',
};

/** What decisions leave behind, beside what recording does. */
const DECIDED: Readonly<Record<string, string>> = {
  reservation: `SELECT * FROM reservation ${NAMES}`,
  grant_line: 'SELECT * FROM grant_line',
  haltRecord: 'SELECT * FROM latch',
  announcement: 'SELECT * FROM announcement',
  decision: 'SELECT session_id, moment, verdict FROM decision',
  session_link: 'SELECT * FROM session_link',
  run_session: 'SELECT * FROM run_session',
  period_window: 'SELECT * FROM period_window',
};

const LEFT_OUT = new Set(['seq', 'session_key', 'attribution_id', 'recorded_at_ms']);

/** Reads what was recorded in the ledger at `path`; with `isWhole`, what was decided, too. */
export function dumpLedger(path: string, isWhole = false): LedgerDump {
  const database = new Database(path, { readonly: true });
  try {
    return Object.fromEntries(
      Object.entries(isWhole ? { ...TABLES, ...DECIDED } : TABLES).map(([table, sql]) => {
        const rows = database.prepare(sql).all() as Record<string, unknown>[];
        const lines = rows.map((row) =>
          JSON.stringify(Object.entries(row).filter(([name]) => !LEFT_OUT.has(name))),
        );
        return [table, lines.sort()];
      }),
    );
  } finally {
    database.close();
  }
}
