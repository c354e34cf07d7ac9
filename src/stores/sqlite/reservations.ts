// Money held for requests under way: one line for each thread, and one for each spawn until its subagent
// begins. Rule: a hold ends when the response is in the ledger, when it is let go, or by itself.
import type { Store } from '../store.ts';
import type { Connection } from './connection.ts';

/** Begins the name under which a spawn is held; the tool's own id follows. See `gate/spawn.ts`. */
const SPAWN = 'spawn:*';

/** Begins the name of what is held for a response whose line is late; the thread's follows. */
export const LATE = 'late:';

/** Lets go of what a session's threads hold for responses that came. */
const SETTLE_RESERVATIONS = `DELETE FROM reservation WHERE session_key = ? AND EXISTS (
  SELECT 1 FROM thread WHERE thread.session_key = reservation.session_key
    AND reservation.agent_id IN (thread.agent_id, '${LATE}' || thread.agent_id)
    AND thread.last_request_at_ms >= reservation.made_at_ms)`;

const RESERVE = `INSERT INTO reservation (session_key, agent_id, attribution_id, turn_id, amount_nano_usd,
  made_at_ms, expires_at_ms) VALUES (?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT DO UPDATE SET attribution_id = excluded.attribution_id,
  turn_id = excluded.turn_id, amount_nano_usd = excluded.amount_nano_usd,
  made_at_ms = excluded.made_at_ms, expires_at_ms = excluded.expires_at_ms`;

/** Gives the oldest slice of a spawn to a subagent. */
const HAND_OVER_SPAWN = `UPDATE OR REPLACE reservation SET agent_id = ?, made_at_ms = ?
  WHERE session_key = ? AND agent_id = (
  SELECT agent_id FROM reservation WHERE session_key = ? AND agent_id GLOB ?
  AND expires_at_ms > ? ORDER BY made_at_ms, agent_id LIMIT 1)`;

export function reservationRepository(db: Connection) {
  return {
    reserve: (reservation) => {
      db.run(RESERVE, [
        db.sessionKey(reservation.sessionId),
        reservation.agentId ?? '',
        db.attributionKey(reservation.attribution),
        reservation.turnId,
        reservation.amountNanoUsd,
        reservation.madeAt,
        reservation.expiresAt,
      ]);
    },
    release: (id, agent) => {
      db.run('DELETE FROM reservation WHERE session_key = ? AND agent_id = ?', [
        db.findSessionKey(id) ?? -1,
        agent ?? '',
      ]);
    },
    releaseSession: (id) => {
      db.run('DELETE FROM reservation WHERE session_key = ?', [db.findSessionKey(id) ?? -1]);
    },
    readReserved: (id, agent, now) =>
      Number(
        db.get(
          `SELECT amount_nano_usd FROM reservation
           WHERE session_key = ? AND agent_id = ? AND expires_at_ms > ?`,
          [db.findSessionKey(id) ?? -1, agent ?? '', now],
        )?.amount_nano_usd ?? 0,
      ),
    settleReservations: (id) => {
      db.run(SETTLE_RESERVATIONS, [db.findSessionKey(id) ?? -1]);
    },
    setAside: (id, agent, expiresAt) => {
      db.run(
        `UPDATE OR REPLACE reservation SET agent_id = '${LATE}' || agent_id,
           expires_at_ms = min(expires_at_ms, ?) WHERE session_key = ? AND agent_id = ?`,
        [expiresAt, db.findSessionKey(id) ?? -1, agent ?? ''],
      );
    },
    endReservation: (id, agent, expiresAt) => {
      db.run(
        `UPDATE reservation SET expires_at_ms = min(expires_at_ms, ?)
         WHERE session_key = ? AND agent_id = ?`,
        [expiresAt, db.findSessionKey(id) ?? -1, agent ?? ''],
      );
    },
    handOverSpawn: (id, to, at) =>
      db.run(HAND_OVER_SPAWN, [
        to,
        at,
        db.findSessionKey(id) ?? -1,
        db.findSessionKey(id) ?? -1,
        SPAWN,
        at,
      ]) > 0,
  } satisfies Partial<Store>;
}
