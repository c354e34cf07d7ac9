// Requests whose model had no price, and their cost once it has one. Rule: a pair of corrections takes back everything the
// request counted with and gives it again at the new cost; nothing is changed.

import { sessionId } from '../../domain/ids.ts';
import type { NanoUsd } from '../../domain/money.ts';
import type { EpochMs } from '../../domain/time.ts';
import { bucketOf, toUsage, USAGE_COLUMNS } from '../columns.ts';
import type { RepriceOperations, UnpricedRequest } from '../settling.ts';
import type { Connection } from './connection.ts';
import { readRequest, rollupWriter } from './entries.ts';
import { latestMove } from './relabel.ts';
import { usageValues } from './rows.ts';

/** `reprice:<entry>-` takes back, `reprice:<entry>+` gives. */
const PREFIX = 'reprice:';

const READ_UNPRICED = `SELECT entry.entry_id, entry.occurred_at_ms, session.session_id, session.cwd, attribution.model
  FROM entry INDEXED BY entry_by_unknown_model JOIN session USING (session_key)
  JOIN attribution USING (attribution_id)
  WHERE entry.kind = 'usage' AND entry.unknown_model = 1
    AND NOT EXISTS (SELECT 1 FROM entry AS done WHERE done.entry_id = '${PREFIX}' || entry.entry_id || '+')`;

const INSERT_HALF = `INSERT INTO entry (entry_id, kind, reason, session_key, agent_id, turn_id,
  attribution_id, occurred_at_ms, recorded_at_ms, ${USAGE_COLUMNS}, cost_nano_usd, request_count,
  provenance, unknown_model, interrupted)
  SELECT ?, 'correction', 'repriced', session_key, agent_id, turn_id, ?, occurred_at_ms, ?, ?, ?, ?, ?, ?, ?,
    ?, ?, provenance, ?, 0
  FROM entry WHERE entry_id = ?`;

const READ_ENTRY = `SELECT session_key, attribution_id, occurred_at_ms, provenance FROM entry WHERE entry_id = ?`;

export const repriceRepository = (db: Connection): RepriceOperations => ({
  readUnpriced: (id) => {
    const rows =
      id === null
        ? db.all(`${READ_UNPRICED} ORDER BY entry.seq`, [])
        : db.all(`${READ_UNPRICED} AND entry.session_key = ? ORDER BY entry.seq`, [
            db.findSessionKey(id) ?? -1,
          ]);
    return rows.flatMap((row): UnpricedRequest[] => {
      const sums = readRequest(String(row.entry_id), db);
      if (sums === null || row.model === null) return [];
      return [
        {
          entryId: String(row.entry_id),
          sessionId: sessionId(String(row.session_id)),
          cwd: typeof row.cwd === 'string' ? row.cwd : null,
          model: String(row.model),
          occurredAt: Number(row.occurred_at_ms),
          usage: toUsage(sums),
          costNanoUsd: Number(sums.cost_nano_usd),
        },
      ];
    });
  },
  reprice: (request, costNanoUsd, at) => {
    writeHalf(request, -1, request.costNanoUsd, at, db);
    writeHalf(request, 1, costNanoUsd, at, db);
  },
});

/** One line of the pair, under the labels the request counts under now. */
function writeHalf(
  { entryId, usage }: UnpricedRequest,
  sign: 1 | -1,
  costNanoUsd: NanoUsd,
  at: EpochMs,
  db: Connection,
): void {
  const row = db.get(READ_ENTRY, [entryId]) ?? {};
  const attributionId = latestMove(db, entryId)?.attributionId ?? Number(row.attribution_id);
  const unknown = sign === 1 ? 0 : -1;
  const sums = [...usageValues(usage).map((count) => sign * count), sign * costNanoUsd];
  const id = `${PREFIX}${entryId}${sign === 1 ? '+' : '-'}`;
  db.run(INSERT_HALF, [id, attributionId, at, ...sums, sign, unknown, entryId]);
  const occurredAt = Number(row.occurred_at_ms);
  const key = [Number(row.session_key), bucketOf(occurredAt), attributionId];
  const counts = [String(row.provenance), sign, unknown];
  rollupWriter(db)([...key, ...counts, ...sums, occurredAt, occurredAt]);
}
