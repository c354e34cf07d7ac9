// The outbox of alerts. Rule: an alert's key is written once until it is re-armed; a delivery is claimed by one sender at a time.
import type { Alert, AlertRecord } from '../../alerts/alert.ts';
import { sessionId } from '../../domain/ids.ts';
import type { OutboxOperations } from '../outbox.ts';
import type { Connection } from './connection.ts';
import type { Row } from './rows.ts';

const INSERT_ALERT = `INSERT INTO alert
    (alert_id, once_key, session_id, alert, raised_at_ms, dispatched_at_ms)
  VALUES (lower(hex(randomblob(16))), ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`;

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
  } satisfies OutboxOperations;
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
