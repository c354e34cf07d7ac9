// Money held for responses whose tools have run and which are not in the ledger. Rule: each is named after one of its tools, and is let go
// of when that turns up.
import type { UnseenOperations } from '../unseen.ts';
import type { Connection } from './connection.ts';
import { LATE } from './reservations.ts';

/** Begins the name of such a hold; the tool's id follows. */
const UNSEEN = `${LATE}call:`;

export function unseenHoldRepository(db: Connection) {
  return {
    holdUnseen: (id, agent, toolUseId, expiresAt) => {
      db.run(
        `UPDATE OR REPLACE reservation SET agent_id = '${UNSEEN}' || ?, expires_at_ms = ?
         WHERE session_key = ? AND agent_id = ?`,
        [toolUseId, expiresAt, db.findSessionKey(id) ?? -1, agent ?? ''],
      );
    },
    readUnseen: (id, now) =>
      db
        .all(
          `SELECT agent_id FROM reservation
           WHERE session_key = ? AND agent_id GLOB '${UNSEEN}*' AND expires_at_ms > ?`,
          [db.findSessionKey(id) ?? -1, now],
        )
        .map((row) => String(row.agent_id).slice(UNSEEN.length)),
    releaseSeen: (id, toolUseIds) => {
      db.run(
        `DELETE FROM reservation WHERE session_key = ?
           AND agent_id IN (SELECT '${UNSEEN}' || value FROM json_each(?))`,
        [db.findSessionKey(id) ?? -1, JSON.stringify(toolUseIds)],
      );
    },
  } satisfies UnseenOperations;
}
