// What pools have spent and hold. Rule: a pool's posted sum is remembered up to an entry, so that a
// decision adds up what is new and never what is old.

import { budgetId, sessionId } from '../../domain/ids.ts';
import type { Stage } from '../../domain/spend.ts';
import type { BreachCode } from '../../domain/verdict.ts';
import type { Pool, PoolSpend, Store } from '../store.ts';
import type { Connection, Value } from './connection.ts';
import { columnOf } from './rows.ts';
import { finite } from './sessions.ts';

const BUCKET_MS = 15 * 60 * 1_000;

interface Condition {
  readonly sql: string;
  readonly values: readonly Value[];
}

export function poolRoom(db: Connection) {
  const filterOf = (pool: Pool): Condition => {
    const parts: string[] = [];
    const values: Value[] = [];
    if (pool.sessions !== null) {
      const keys = pool.sessions.map((id) => db.findSessionKey(id) ?? -1);
      parts.push(`session_key IN (${keys.join(', ')})`);
    }
    if (pool.turnId !== null) {
      parts.push('turn_id = ?');
      values.push(pool.turnId);
    }
    if (pool.agentId !== undefined) {
      parts.push(pool.agentId === null ? 'agent_id IS NULL' : 'agent_id = ?');
      if (pool.agentId !== null) values.push(pool.agentId);
    }
    const labels = Object.entries(pool.labels);
    if (labels.length > 0) {
      const conditions = labels.map(([key, pattern]) => {
        const isPattern = /[*?]/.test(pattern);
        values.push(isPattern ? pattern.replaceAll('[', '[[]') : pattern);
        return `${columnOf(key)} ${isPattern ? 'GLOB' : '='} ?`;
      });
      parts.push(
        `attribution_id IN (SELECT attribution_id FROM attribution WHERE ${conditions.join(' AND ')})`,
      );
    }
    return { sql: parts.length > 0 ? ` AND ${parts.join(' AND ')}` : '', values };
  };

  const sumEntries = (from: string, fromValues: readonly Value[], filter: Condition): number =>
    Number(
      db.get(
        `SELECT coalesce(sum(cost_nano_usd), 0) AS cost FROM entry WHERE ${from}${filter.sql}`,
        [...fromValues, ...filter.values],
      )?.cost ?? 0,
    );

  /** Sum over a whole window: quarters of an hour from the sums, the ragged ends from the lines. */
  const sumWindow = (pool: Pool, filter: Condition): number => {
    const startAt = finite(pool.window.startAt);
    const endAt = finite(pool.window.endAt);
    const inTime = 'occurred_at_ms >= ? AND occurred_at_ms < ?';
    const firstBucket = Math.ceil(startAt / BUCKET_MS) * BUCKET_MS;
    const lastBucket = Math.floor(endAt / BUCKET_MS) * BUCKET_MS;
    // The sums know no turns and no subagents; one session has few enough lines to add up.
    if (pool.turnId !== null || pool.agentId !== undefined || lastBucket <= firstBucket) {
      return sumEntries(inTime, [startAt, endAt], filter);
    }
    const middle = db.get(
      `SELECT coalesce(sum(cost_nano_usd), 0) AS cost FROM rollup
       WHERE bucket_at_ms >= ? AND bucket_at_ms < ?${filter.sql}`,
      [firstBucket, lastBucket, ...filter.values],
    );
    const ends =
      sumEntries(inTime, [startAt, firstBucket], filter) +
      sumEntries(inTime, [lastBucket, endAt], filter);
    return Number(middle?.cost ?? 0) + ends;
  };

  const readPosted = (pool: Pool): number => {
    const filter = filterOf(pool);
    const moving = pool.key.startsWith('rolling:');
    if (moving) return sumWindow(pool, filter);
    const newest = Number(db.get('SELECT max(seq) AS seq FROM entry', [])?.seq ?? 0);
    const known = db.get('SELECT through_seq, posted_nano_usd FROM pool WHERE pool_key = ?', [
      pool.key,
    ]);
    if (known && Number(known.through_seq) === newest) return Number(known.posted_nano_usd);
    const posted = known
      ? Number(known.posted_nano_usd) +
        sumEntries(
          'seq > ? AND occurred_at_ms >= ? AND occurred_at_ms < ?',
          [Number(known.through_seq), finite(pool.window.startAt), finite(pool.window.endAt)],
          filter,
        )
      : sumWindow(pool, filter);
    db.run(
      `INSERT INTO pool (pool_key, through_seq, posted_nano_usd) VALUES (?, ?, ?)
       ON CONFLICT DO UPDATE SET through_seq = excluded.through_seq,
         posted_nano_usd = excluded.posted_nano_usd`,
      [pool.key, newest, posted],
    );
    return posted;
  };

  return {
    readPoolSpend: (pool, except, now): PoolSpend => {
      const filter = filterOf(pool);
      const held = db.get(
        `SELECT coalesce(sum(amount_nano_usd), 0) AS held, count(*) AS held_count FROM reservation
         WHERE expires_at_ms > ? AND amount_nano_usd > 0
           AND NOT (session_key = ? AND agent_id = ?)${filter.sql}`,
        [now, db.findSessionKey(except.sessionId) ?? -1, except.agentId ?? '', ...filter.values],
      );
      return {
        postedNanoUsd: readPosted(pool),
        reservedNanoUsd: Number(held?.held ?? 0),
        reservedCount: Number(held?.held_count ?? 0),
      };
    },
    reserve: (reservation) => {
      db.run(
        `INSERT INTO reservation (session_key, agent_id, attribution_id, turn_id, amount_nano_usd,
           made_at_ms, expires_at_ms) VALUES (?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT DO UPDATE SET attribution_id = excluded.attribution_id,
           turn_id = excluded.turn_id, amount_nano_usd = excluded.amount_nano_usd,
           made_at_ms = excluded.made_at_ms, expires_at_ms = excluded.expires_at_ms`,
        [
          db.sessionKey(reservation.sessionId),
          reservation.agentId ?? '',
          db.attributionKey(reservation.attribution),
          reservation.turnId,
          reservation.amountNanoUsd,
          reservation.madeAt,
          reservation.expiresAt,
        ],
      );
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
        .map((row) => ({
          grantId: String(row.grant_id),
          budgetId: budgetId(String(row.budget_id)),
          poolKey: String(row.pool_key),
          amountNanoUsd: Number(row.amount_nano_usd),
          reason: row.reason === null ? null : String(row.reason),
          author: String(row.author),
          grantedAt: Number(row.granted_at_ms),
          expiresAt: row.expires_at_ms === null ? null : Number(row.expires_at_ms),
        })),
    readLatch: (id) => {
      const row = db.get('SELECT * FROM latch WHERE session_id = ?', [id]);
      if (!row) return null;
      return {
        sessionId: sessionId(String(row.session_id)),
        budgetId: budgetId(String(row.budget_id)),
        windowKey: String(row.window_key),
        code: String(row.code) as BreachCode,
        haltedAt: Number(row.halted_at_ms),
        ceilingNanoUsd: row.ceiling_nano_usd === null ? null : Number(row.ceiling_nano_usd),
        spendNanoUsd: Number(row.spend_nano_usd),
        reason: row.reason === null ? null : String(row.reason),
      };
    },
    writeLatch: (latch) => {
      db.run(
        `INSERT INTO latch (session_id, budget_id, window_key, code, halted_at_ms, ceiling_nano_usd,
           spend_nano_usd, reason) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT DO UPDATE SET budget_id = excluded.budget_id, window_key = excluded.window_key,
           code = excluded.code, halted_at_ms = excluded.halted_at_ms,
           ceiling_nano_usd = excluded.ceiling_nano_usd, spend_nano_usd = excluded.spend_nano_usd,
           reason = excluded.reason`,
        [
          latch.sessionId,
          latch.budgetId,
          latch.windowKey,
          latch.code,
          latch.haltedAt,
          latch.ceilingNanoUsd,
          latch.spendNanoUsd,
          latch.reason,
        ],
      );
    },
    releaseLatch: (id) => {
      db.run('DELETE FROM latch WHERE session_id = ?', [id]);
    },
    announce: (poolKey, stage, at) =>
      db.run(
        'INSERT INTO announcement (pool_key, stage, announced_at_ms) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
        [poolKey, stage, at],
      ) === 1,
    readAnnounced: (poolKey) =>
      db
        .all('SELECT stage FROM announcement WHERE pool_key = ?', [poolKey])
        .map((row) => row.stage as Stage),
  } satisfies Partial<Store>;
}
