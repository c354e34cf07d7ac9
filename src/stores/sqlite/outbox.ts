// The outbox of alerts. Rule: an alert's key is written once until it is re-armed; a delivery is claimed by one sender at a time, for a moment
// that it prolongs while it lives. A clock that jumps back must not keep anything waiting: what lies further ahead than was ever written is due.
import type { Alert, AlertRecord } from '../../alerts/alert.ts';
import { sessionId } from '../../domain/ids.ts';
import { type EpochMs, SECOND_MS } from '../../domain/time.ts';
import type { Row } from '../columns.ts';
import type { ChannelHealth, Delivery, OutboxOperations, Route } from '../outbox.ts';
import type { Connection } from './connection.ts';

/** How long a sender and its claims hold when they are not prolonged. */
const CLAIM_MS = 4 * SECOND_MS;

const INSERT_ALERT = `INSERT INTO alert
    (alert_id, once_key, session_id, alert, raised_at_ms, dispatched_at_ms)
  VALUES (lower(hex(randomblob(16))), ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`;

/** Deliveries that may be sent at an instant, which is given four times. */
const IS_DUE = `state = 'pending' AND (next_at_ms <= ? OR made_at_ms > ?)
  AND (claimed_until_ms IS NULL OR claimed_until_ms <= ? OR claimed_until_ms > ? + ${CLAIM_MS})`;

const HAS_DUE = `SELECT 1 WHERE
  NOT EXISTS (SELECT 1 FROM alert_sender WHERE until_ms > ? AND until_ms <= ? + ${CLAIM_MS})
  AND (EXISTS (SELECT 1 FROM alert WHERE dispatched_at_ms IS NULL)
    OR EXISTS (SELECT 1 FROM delivery WHERE ${IS_DUE}))`;

const HEALTH = `SELECT channel,
    max(CASE WHEN state = 'sent' THEN finished_at_ms END) AS sent_at_ms
  FROM delivery GROUP BY channel`;

const FAILING = `SELECT count(*) AS failing, min(made_at_ms) AS since FROM delivery
  WHERE channel = ? AND error IS NOT NULL AND state <> 'sent' AND made_at_ms > ?`;

const LAST_ERROR = `SELECT error FROM delivery
  WHERE channel = ? AND error IS NOT NULL AND state <> 'sent' ORDER BY made_at_ms DESC LIMIT 1`;

export function outboxRepository(db: Connection) {
  return {
    addAlert: ({ alert, onceKey, sessionId, raisedAt, isTold }) => {
      const told = isTold ? raisedAt : null;
      const values = [onceKey, sessionId, JSON.stringify(alert), raisedAt, told];
      return db.run(INSERT_ALERT, values) === 1;
    },
    hasAlert: (onceKey) =>
      db.get('SELECT 1 FROM alert WHERE once_key = ?', [onceKey]) !== undefined,
    rearmAlert: (onceKey) => {
      db.run('UPDATE alert SET once_key = NULL WHERE once_key = ?', [onceKey]);
    },
    readAlerts: (limit = -1) =>
      db.all('SELECT * FROM alert ORDER BY alert_seq DESC LIMIT ?', [limit]).map(alertOf),
    acknowledgeAlerts: (seqs, at) =>
      seqs.reduce((count, seq) => {
        const sql =
          'UPDATE alert SET acknowledged_at_ms = ? WHERE alert_seq = ? AND acknowledged_at_ms IS NULL';
        return count + db.run(sql, [at, seq]);
      }, 0),
    ...senderOf(db),
    ...deliveriesOf(db),
    readChannelHealth: () => db.all(HEALTH, []).map((row) => healthOf(db, row)),
  } satisfies OutboxOperations;
}

/** Who sends. */
function senderOf(db: Connection) {
  return {
    hasAlertsDue: (now) => db.get(HAS_DUE, [now, now, now, now, now, now]) !== undefined,
    becomeSender: (owner, now) =>
      db.run(
        `INSERT INTO alert_sender (id, owner, until_ms) VALUES (1, ?, ?)
         ON CONFLICT DO UPDATE SET owner = excluded.owner, until_ms = excluded.until_ms
         WHERE owner = excluded.owner OR until_ms <= ? OR until_ms > ? + ${CLAIM_MS}`,
        [owner, now + CLAIM_MS, now, now],
      ) === 1,
    endSender: (owner) => {
      db.run('DELETE FROM alert_sender WHERE owner = ?', [owner]);
    },
  } satisfies Partial<OutboxOperations>;
}

/** What is sent. */
function deliveriesOf(db: Connection) {
  return {
    dispatchAlerts: (routesOf, newId, now) => {
      const open = db.all('SELECT * FROM alert WHERE dispatched_at_ms IS NULL', []).map(alertOf);
      for (const alert of open) {
        for (const route of routesOf(alert)) {
          const id = findOpenDelivery(db, route) ?? addDelivery(db, route, newId(), now);
          db.run('INSERT INTO delivery_alert (delivery_id, alert_seq) VALUES (?, ?)', [
            ...[id, alert.seq],
          ]);
        }
        const mark = 'UPDATE alert SET dispatched_at_ms = ? WHERE alert_seq = ?';
        db.run(mark, [now, alert.seq]);
      }
    },
    claimDeliveries: (owner, now) => {
      const due = db.all(`SELECT * FROM delivery WHERE ${IS_DUE}`, [now, now, now, now]);
      const claim =
        'UPDATE delivery SET claimed_by = ?, claimed_until_ms = ? WHERE delivery_id = ?';
      for (const row of due) db.run(claim, [owner, now + CLAIM_MS, String(row.delivery_id)]);
      return due.map((row) => deliveryOf(db, row));
    },
    keepClaims: (owner, now) => {
      const keep =
        "UPDATE delivery SET claimed_until_ms = ? WHERE claimed_by = ? AND state = 'pending'";
      db.run(keep, [now + CLAIM_MS, owner]);
    },
    settleDelivery: (owner, { deliveryId, state, nextAt, error }, now) => {
      db.run(
        `UPDATE delivery SET state = ?, next_at_ms = ?, error = ?, attempt_count = attempt_count + 1,
           made_at_ms = min(made_at_ms, ?), finished_at_ms = ?, claimed_by = NULL, claimed_until_ms = NULL
         WHERE delivery_id = ? AND claimed_by = ?`,
        [state, nextAt, error, now, state === 'pending' ? null : now, deliveryId, owner],
      );
    },
    nextDeliveryAt: () => {
      const sql = "SELECT min(next_at_ms) AS next_at_ms FROM delivery WHERE state = 'pending'";
      const next = db.get(sql, [])?.next_at_ms;
      return next == null ? null : Number(next);
    },
  } satisfies Partial<OutboxOperations>;
}

/** A delivery to the same place that has not been tried and goes no later; `null`: none. */
function findOpenDelivery(db: Connection, { channel, notBefore }: Route): string | null {
  const row = db.get(
    `SELECT delivery_id FROM delivery WHERE state = 'pending' AND channel = ? AND attempt_count = 0
       AND claimed_by IS NULL AND next_at_ms <= ? ORDER BY next_at_ms LIMIT 1`,
    [channel, notBefore],
  );
  return row ? String(row.delivery_id) : null;
}

function addDelivery(db: Connection, route: Route, id: string, now: EpochMs): string {
  db.run(
    `INSERT INTO delivery (delivery_id, channel, state, made_at_ms, next_at_ms)
     VALUES (?, ?, 'pending', ?, ?)`,
    [id, route.channel, now, route.notBefore],
  );
  return id;
}

function deliveryOf(db: Connection, row: Row): Delivery {
  const deliveryId = String(row.delivery_id);
  const alerts = db.all(
    `SELECT alert.* FROM delivery_alert JOIN alert USING (alert_seq)
     WHERE delivery_id = ? ORDER BY alert_seq`,
    [deliveryId],
  );
  return {
    deliveryId,
    channel: String(row.channel),
    attemptCount: Number(row.attempt_count),
    madeAt: Number(row.made_at_ms),
    alerts: alerts.map(alertOf),
  };
}

function healthOf(db: Connection, row: Row): ChannelHealth {
  const channel = String(row.channel);
  const lastSentAt = row.sent_at_ms === null ? null : Number(row.sent_at_ms);
  const failing = db.get(FAILING, [channel, lastSentAt ?? 0]);
  const failingCount = Number(failing?.failing ?? 0);
  const error = failingCount === 0 ? null : (db.get(LAST_ERROR, [channel])?.error ?? null);
  return {
    ...{ channel, lastSentAt, failingCount },
    failingSince: failingCount === 0 ? null : Number(failing?.since),
    error: error === null ? null : String(error),
  };
}

function alertOf(row: Row): AlertRecord {
  const acknowledgedAt = row.acknowledged_at_ms;
  return {
    seq: Number(row.alert_seq),
    alertId: String(row.alert_id),
    alert: JSON.parse(String(row.alert)) as Alert,
    sessionId: row.session_id === null ? null : sessionId(String(row.session_id)),
    raisedAt: Number(row.raised_at_ms),
    acknowledgedAt: acknowledgedAt === null ? null : Number(acknowledgedAt),
  };
}
