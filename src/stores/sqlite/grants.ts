// Grants of people, by the pool they raise. Rule: a grant is written once and never changed.
import { budgetId } from '../../domain/ids.ts';
import type { Row } from '../columns.ts';
import type { Grant, Store } from '../store.ts';
import type { Connection } from './connection.ts';

export function grantRepository(db: Connection) {
  return {
    addGrant: (grant) => {
      db.run(
        `INSERT INTO grant_line (grant_id, budget_id, pool_key, amount_nano_usd, reason, author,
           granted_at_ms, expires_at_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
        [
          grant.grantId,
          grant.budgetId,
          grant.poolKey,
          grant.amountNanoUsd,
          grant.reason,
          grant.author,
          grant.grantedAt,
          grant.expiresAt,
        ],
      );
    },
    readGrants: (poolKey, now) =>
      db
        .all(
          `SELECT * FROM grant_line WHERE pool_key = ? AND (expires_at_ms IS NULL OR expires_at_ms > ?)
           ORDER BY granted_at_ms`,
          [poolKey, now],
        )
        .map(grantOf),
    readGrantsSince: (at) =>
      db
        .all('SELECT * FROM grant_line WHERE granted_at_ms >= ? ORDER BY granted_at_ms', [at])
        .map(grantOf),
  } satisfies Partial<Store>;
}

function grantOf(row: Row): Grant {
  return {
    grantId: String(row.grant_id),
    budgetId: budgetId(String(row.budget_id)),
    poolKey: String(row.pool_key),
    amountNanoUsd: Number(row.amount_nano_usd),
    reason: row.reason === null ? null : String(row.reason),
    author: String(row.author),
    grantedAt: Number(row.granted_at_ms),
    expiresAt: row.expires_at_ms === null ? null : Number(row.expires_at_ms),
  };
}
