// The windows that calendar periods were found to be in. Rule: see `Store.readWindow`.
import type { Store } from '../store.ts';
import type { Connection } from './connection.ts';

/** A window that begins later than this from now was opened by a clock that was wrong. */
const BELIEVED_AHEAD_MS = 62 * 24 * 60 * 60 * 1_000;

export function windowRepository(db: Connection) {
  return {
    readWindow: (periodKey, now) => {
      const row = db.get(
        `SELECT start_at_ms, end_at_ms, label FROM period_window
         WHERE period_key = ? AND end_at_ms > ? AND start_at_ms <= ?
         ORDER BY start_at_ms DESC LIMIT 1`,
        [periodKey, now, now + BELIEVED_AHEAD_MS],
      );
      if (!row) return null;
      return {
        startAt: Number(row.start_at_ms),
        endAt: Number(row.end_at_ms),
        label: String(row.label),
      };
    },
    writeWindow: (periodKey, { startAt, endAt, label }) => {
      db.run(
        `INSERT INTO period_window (period_key, start_at_ms, end_at_ms, label) VALUES (?, ?, ?, ?)
         ON CONFLICT DO NOTHING`,
        [periodKey, startAt, endAt, label],
      );
    },
  } satisfies Partial<Store>;
}
