// What the client itself said a session had cost, run by run, beside what the entries of those runs come to.
// Rule: a total is told once per place in its transcript, however often the file is read.
import type { HostRun } from '../../domain/host-run.ts';
import { type SessionId, sessionId } from '../../domain/ids.ts';
import type { SettleOperations } from '../settling.ts';
import type { Connection } from './connection.ts';
import { finite } from './rows.ts';

const WRITE_TOTAL = `INSERT INTO client_total (session_key, ordinal, total_nano_usd, until_ms, is_live)
  VALUES (?, ?, ?, NULL, 0)
  ON CONFLICT DO UPDATE SET total_nano_usd = excluded.total_nano_usd, is_live = 0,
    until_ms = CASE WHEN is_live = 0 AND total_nano_usd = excluded.total_nano_usd THEN until_ms END`;

/** A live total stands where the transcript's next one will, and gives way to it. */
const WRITE_LIVE_TOTAL = `INSERT INTO client_total (session_key, ordinal, total_nano_usd, until_ms, is_live)
  VALUES (?, (SELECT count(*) + 1 FROM client_total WHERE session_key = ? AND is_live = 0), ?, ?, 1)
  ON CONFLICT DO UPDATE SET total_nano_usd = excluded.total_nano_usd, until_ms = excluded.until_ms`;

const SUMS = `sum(CASE WHEN kind = 'usage' OR reason IN ('grown', 'repriced') THEN cost_nano_usd END) AS requests,
  sum(CASE WHEN (kind = 'usage' OR reason = 'repriced') AND (unknown_model <> 0 OR interrupted = 1)
    THEN cost_nano_usd END)
    AS guessed,
  sum(CASE WHEN kind = 'correction' AND provenance = 'estimated'
    AND reason NOT IN ('grown', 'repriced', 'estimate-settled') THEN cost_nano_usd END) AS estimates,
  max(CASE WHEN kind = 'usage' THEN occurred_at_ms END) AS last_at
  FROM entry WHERE session_key = ?`;

/** Most sessions have one run: none of their totals is closed. */
const READ_SUM = `SELECT 0 AS run, ${SUMS}`;

/** An entry belongs to the run after as many totals as were closed by its time. */
const READ_SUMS = `SELECT
  (SELECT count(*) FROM client_total AS total WHERE total.session_key = entry.session_key
    AND total.until_ms <= entry.occurred_at_ms) AS run, ${SUMS} GROUP BY run`;

const READ_SETTLED = `SELECT count(*) AS line_count,
  sum(CASE WHEN reason = 'settled' THEN cost_nano_usd END) AS settled,
  sum(CASE WHEN reason = 'estimate-settled' THEN cost_nano_usd END) AS taken_back
  FROM entry WHERE session_key = ? AND reason IN ('settled', 'estimate-settled')`;

export function hostTotalRepository(db: Connection) {
  const keyOf = (id: SessionId) => db.findSessionKey(id) ?? -1;
  return {
    writeHostTotal: (id, ordinal, totalNanoUsd) => {
      db.run(WRITE_TOTAL, [db.sessionKey(id), ordinal, totalNanoUsd]);
    },
    writeLiveHostTotal: (id, totalNanoUsd, untilAt) => {
      const key = db.sessionKey(id);
      db.run(WRITE_LIVE_TOTAL, [key, key, totalNanoUsd, finite(untilAt)]);
    },
    closeHostTotals: (id, throughOrdinal, at) => {
      db.run(
        `UPDATE client_total SET until_ms = ?
         WHERE session_key = ? AND ordinal <= ? AND until_ms IS NULL`,
        [finite(at), keyOf(id), throughOrdinal],
      );
    },
    readHostRuns: (id): HostRun[] => {
      const key = keyOf(id);
      const totals = db.all(
        'SELECT total_nano_usd, until_ms FROM client_total WHERE session_key = ? ORDER BY ordinal',
        [key],
      );
      const isOneRun = totals.every(({ until_ms }) => until_ms === null);
      const rows = db.all(isOneRun ? READ_SUM : READ_SUMS, [key]);
      const sums = new Map(rows.map((row) => [Number(row.run), row]));
      let lastAt = 0;
      return [...totals, null].map((total, index) => {
        const sum = sums.get(index);
        const beganAt = Number(totals[index - 1]?.until_ms ?? 0);
        lastAt = Math.max(lastAt, beganAt, Number(sum?.last_at ?? 0));
        return {
          hostTotalNanoUsd: total === null ? null : Number(total.total_nano_usd),
          requestsNanoUsd: Number(sum?.requests ?? 0),
          guessedNanoUsd: Number(sum?.guessed ?? 0),
          estimatesNanoUsd: Number(sum?.estimates ?? 0),
          lastAt,
        };
      });
    },
    readSettled: (id) => {
      const row = db.get(READ_SETTLED, [keyOf(id)]);
      return {
        lineCount: Number(row?.line_count ?? 0),
        settledNanoUsd: Number(row?.settled ?? 0),
        takenBackNanoUsd: Number(row?.taken_back ?? 0),
      };
    },
    readForks: (id) =>
      db
        .all('SELECT session_id FROM session WHERE parent_session_id = ?', [id])
        .map((row) => sessionId(String(row.session_id))),
  } satisfies Omit<SettleOperations, 'readSettlement'>;
}
