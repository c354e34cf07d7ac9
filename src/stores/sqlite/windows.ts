// The windows that calendar periods were found to be in. Rule: see `Store.readWindows`.
import type { Store } from '../store.ts';
import type { Connection } from './connection.ts';
import { finite } from './rows.ts';

export function windowRepository(db: Connection) {
  return {
    readWindows: (periodKey, now) =>
      db
        .all(
          `SELECT start_at_ms, end_at_ms, label FROM period_window
           WHERE period_key = ? AND end_at_ms > ? ORDER BY start_at_ms`,
          [periodKey, now],
        )
        .map((row) => ({
          startAt: Number(row.start_at_ms),
          endAt: Number(row.end_at_ms),
          label: String(row.label),
        })),
    writeWindow: (periodKey, { startAt, endAt, label }) => {
      db.run(
        `INSERT INTO period_window (period_key, start_at_ms, end_at_ms, label) VALUES (?, ?, ?, ?)
         ON CONFLICT DO NOTHING`,
        [periodKey, finite(startAt), finite(endAt), label],
      );
    },
  } satisfies Partial<Store>;
}
