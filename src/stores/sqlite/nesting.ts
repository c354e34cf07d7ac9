// Sessions that were started inside of another, kept as if they were a run of that one's.
import { sessionId } from '../../domain/ids.ts';
import type { NestingOperations } from '../nesting.ts';
import type { Connection } from './connection.ts';

/** Begins the name of such a run; no `tollgate run` has a blank in its name. */
const INSIDE = 'inside ';
const AFTER_INSIDE = 'inside!';

export function nestingRepository(db: Connection) {
  return {
    nestSession: (id, outerId, at) => {
      db.run(
        `INSERT INTO run_session (run_id, session_id, joined_at_ms) VALUES (?, ?, ?)
         ON CONFLICT DO NOTHING`,
        [INSIDE + outerId, id, at],
      );
    },
    readOuter: (id) => {
      const row = db.get(
        `SELECT run_id FROM run_session WHERE run_id > ? AND run_id < ? AND session_id = ?
         ORDER BY joined_at_ms LIMIT 1`,
        [INSIDE, AFTER_INSIDE, id],
      );
      return row ? sessionId(String(row.run_id).slice(INSIDE.length)) : null;
    },
    readNested: (id) =>
      db
        .all('SELECT session_id FROM run_session WHERE run_id = ?', [INSIDE + id])
        .map((row) => sessionId(String(row.session_id))),
  } satisfies NestingOperations;
}
