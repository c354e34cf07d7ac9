// What the demonstration reads back from the ledger it has just filled.
import Database from 'better-sqlite3';

export function entriesOf(
  file: string,
  sessionId: string,
): { costNanoUsd: number; recordedAt: number }[] {
  return read(file, (db) =>
    db
      .prepare<[string], { cost: number; at: number }>(
        `SELECT cost_nano_usd AS cost, recorded_at_ms AS at FROM entry JOIN session USING (session_key)
         WHERE session_id = ? AND request_count = 1 ORDER BY seq`,
      )
      .all(sessionId)
      .map(({ cost, at }) => ({ costNanoUsd: cost, recordedAt: at })),
  );
}

export function decisionsOf(
  file: string,
  sessionId: string,
): { at: number; kind: string; codes: string[]; ceilingNanoUsd: number | null }[] {
  return read(file, (db) =>
    db
      .prepare<[string], { at: number; verdict: string }>(
        'SELECT decided_at_ms AS at, verdict FROM decision WHERE session_id = ? ORDER BY decision_seq',
      )
      .all(sessionId)
      .map(({ at, verdict }) => {
        const { kind, breaches } = JSON.parse(verdict) as {
          kind: string;
          breaches: { code: string; ceilingNanoUsd?: number | null }[];
        };
        return {
          at,
          kind,
          codes: breaches.map(({ code }) => code),
          ceilingNanoUsd: breaches[0]?.ceilingNanoUsd ?? null,
        };
      }),
  );
}

function read<T>(file: string, work: (db: Database.Database) => T): T {
  const db = new Database(file, { readonly: true });
  try {
    return work(db);
  } finally {
    db.close();
  }
}
