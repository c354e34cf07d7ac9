// What sessions have spent. Rule: totals come from the sums, never from a scan of lines.
import type { SessionId } from '../../domain/ids.ts';
import { toUsage, USAGE_COLUMN_NAMES } from '../columns.ts';
import type { SessionTotals, Store } from '../store.ts';
import type { Connection } from './connection.ts';
import { finite } from './rows.ts';

const READ_TOTALS = `SELECT provenance, sum(request_count) AS request_count,
  sum(input_tokens) AS input_tokens, sum(output_tokens) AS output_tokens,
  sum(cache_read_tokens) AS cache_read_tokens, sum(cache_write_5m_tokens) AS cache_write_5m_tokens,
  sum(cache_write_1h_tokens) AS cache_write_1h_tokens, sum(web_search_count) AS web_search_count,
  sum(cost_nano_usd) AS cost_nano_usd FROM rollup WHERE session_key = ? GROUP BY provenance`;

const READ_MODELS = `SELECT model, sum(request_count) AS request_count,
  sum(cost_nano_usd) AS cost_nano_usd, sum(unknown_count) AS unknown_count
  FROM rollup JOIN attribution USING (attribution_id)
  WHERE session_key = ? AND model IS NOT NULL GROUP BY model ORDER BY cost_nano_usd DESC, model`;

const READ_SETTLEMENT = `SELECT
  sum(CASE WHEN (kind = 'usage' OR reason IN ('grown', 'repriced')) AND occurred_at_ms < ? THEN cost_nano_usd END)
    AS requests,
  sum(CASE WHEN provenance = 'client-settled' THEN cost_nano_usd END) AS settled,
  sum(CASE WHEN kind = 'correction' AND provenance = 'estimated' AND reason NOT IN ('grown', 'repriced')
    THEN cost_nano_usd END) AS estimated,
  sum(CASE WHEN kind = 'correction' AND provenance = 'estimated'
    AND reason NOT IN ('grown', 'repriced', 'estimate-settled') AND occurred_at_ms >= ?
    THEN cost_nano_usd END) AS open_estimates
  FROM entry WHERE session_key = ?`;

export function sessionSumRepository(db: Connection) {
  return {
    readSessionTotals: (id) => readTotals(db, id),
    readSettlement: (id, untilAt) => {
      const row = db.get(READ_SETTLEMENT, [
        finite(untilAt),
        finite(untilAt),
        db.findSessionKey(id) ?? -1,
      ]);
      return {
        requestsNanoUsd: Number(row?.requests ?? 0),
        settledNanoUsd: Number(row?.settled ?? 0),
        estimatedNanoUsd: Number(row?.estimated ?? 0),
        openEstimatesNanoUsd: Number(row?.open_estimates ?? 0),
      };
    },
    readCostBefore: (id, beforeAt) =>
      Number(
        db.get(
          `SELECT coalesce(sum(cost_nano_usd), 0) AS cost FROM entry
           WHERE session_key = ? AND occurred_at_ms < ?`,
          [db.findSessionKey(id) ?? -1, finite(beforeAt)],
        )?.cost ?? 0,
      ),
  } satisfies Partial<Store>;
}

function readTotals(db: Connection, id: SessionId): SessionTotals {
  const key = db.findSessionKey(id) ?? -1;
  const rows = db.all(READ_TOTALS, [key]);
  const sum = (column: string) => rows.reduce((total, row) => total + Number(row[column]), 0);
  const cost = (provenance: string) =>
    Number(rows.find((row) => row.provenance === provenance)?.cost_nano_usd ?? 0);
  return {
    requestCount: sum('request_count'),
    costNanoUsd: sum('cost_nano_usd'),
    usage: toUsage(Object.fromEntries(USAGE_COLUMN_NAMES.map((column) => [column, sum(column)]))),
    provenance: {
      meteredNanoUsd: cost('metered'),
      settledNanoUsd: cost('client-settled'),
      estimatedNanoUsd: cost('estimated'),
    },
    models: db.all(READ_MODELS, [key]).map((row) => ({
      model: String(row.model),
      requestCount: Number(row.request_count),
      costNanoUsd: Number(row.cost_nano_usd),
      unknownModel: Number(row.unknown_count) > 0,
    })),
  };
}
