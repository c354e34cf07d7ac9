// How long replies were and how much was sent, counted by size. Rule: only counts are kept, never a single request.
import type { Store } from '../store.ts';
import type { Connection } from './connection.ts';

export function tokenHistogramRepository(db: Pick<Connection, 'all' | 'run'>) {
  return {
    readTokenHistogram: (owner) =>
      new Map(
        db
          .all('SELECT bucket, request_count FROM history WHERE owner = ?', [owner])
          .map((row) => [Number(row.bucket), Number(row.request_count)]),
      ),
    addToTokenHistogram: (owner, bucket, count) => {
      db.run(
        `INSERT INTO history (owner, bucket, request_count) VALUES (?, ?, ?)
         ON CONFLICT DO UPDATE SET request_count = request_count + excluded.request_count`,
        [owner, bucket, count],
      );
    },
  } satisfies Partial<Store>;
}
