// What pools have spent and reserved. Rule: a pool's posted sum is kept up to an entry, so that a decision adds up what is new and
// never what is old.
import { isPattern } from '../../domain/pattern.ts';
import { repositoryKey, repositoryPatterns } from '../../domain/repository.ts';
import type { Stage } from '../../domain/spend.ts';
import { BUCKET_MS, columnOf, type Row } from '../columns.ts';
import type { Pool, PoolSpend, Store } from '../store.ts';
import type { Connection, Value } from './connection.ts';
import { finite } from './rows.ts';

interface Condition {
  readonly sql: string;
  readonly values: readonly Value[];
}

/** Always one row; what the pool has posted is `null` where nothing was ever added up for it. */
const READ_POOL = `SELECT newest_seq, through_seq, posted_nano_usd,
    (SELECT sum(amount_nano_usd) FROM grant_line WHERE grant_line.pool_key = ?
      AND (expires_at_ms IS NULL OR expires_at_ms > ?)) AS granted,
    (SELECT group_concat(stage) FROM announcement WHERE announcement.pool_key = ?) AS stages
  FROM (SELECT max(seq) AS newest_seq FROM entry) LEFT JOIN pool ON pool.pool_key = ?`;

export function poolRepository(db: Connection) {
  return {
    readPoolSpend: (pool, except, now): PoolSpend => {
      const filter = filterOf(pool, db);
      const held = db.get(
        `SELECT coalesce(sum(amount_nano_usd), 0) AS held, count(*) AS held_count FROM reservation
         WHERE expires_at_ms > ? AND amount_nano_usd > 0
           AND NOT (session_key = ? AND agent_id = ?)${filter.sql}`,
        [now, db.findSessionKey(except.sessionId) ?? -1, except.agentId ?? '', ...filter.values],
      );
      const known = db.get(READ_POOL, [pool.key, now, pool.key, pool.key]) ?? {};
      const stages = known.stages === null ? [] : String(known.stages).split(',');
      return {
        postedNanoUsd: readPosted(pool, filter, known, db),
        reservedNanoUsd: Number(held?.held ?? 0),
        reservedCount: Number(held?.held_count ?? 0),
        grantedNanoUsd: Number(known.granted ?? 0),
        announced: stages as Stage[],
      };
    },
  } satisfies Partial<Store>;
}

/** The entries a pool counts, its window aside. */
function filterOf(pool: Pool, db: Connection): Condition {
  const parts: string[] = [];
  const values: Value[] = [];
  if (pool.sessions !== null) {
    const keys = pool.sessions.map((id) => db.findSessionKey(id) ?? -1);
    parts.push(`session_key IN (${keys.join(', ')})`);
  } else {
    // What was imported guards nothing here: no ceiling of this machine counts sessions that it has not seen itself.
    parts.push('session_key NOT IN (SELECT session_key FROM session WHERE started_at_ms = 0)');
  }
  if (pool.turnId !== null) {
    parts.push('turn_id = ?');
    values.push(pool.turnId);
  }
  if (pool.agentId !== null) {
    parts.push('agent_id = ?');
    values.push(pool.agentId);
  }
  const labels = Object.entries(pool.labels);
  if (labels.length > 0) {
    const labelled = labelledAs(labels);
    const bound = boundTo(pool, labels, db);
    parts.push(bound === null ? labelled.sql : `(${labelled.sql} OR ${bound.sql})`);
    values.push(...labelled.values, ...(bound?.values ?? []));
  }
  return { sql: parts.length > 0 ? ` AND ${parts.join(' AND ')}` : '', values };
}

/** The sessions that began under a pool's labels and have gone elsewhere; `null`: none. */
function boundTo(
  { scopeKey }: Pool,
  labels: readonly (readonly [string, string])[],
  db: Connection,
): Condition | null {
  if (scopeKey === undefined) return null;
  const keys = db
    .all('SELECT session_key FROM pool_session WHERE scope_key = ?', [scopeKey])
    .map((row) => Number(row.session_key));
  if (keys.length === 0) return null;
  const ofRequests = labels.filter(([key]) => key === 'model' || key === 'agentType');
  const session = `session_key IN (${keys.join(', ')})`;
  if (ofRequests.length === 0) return { sql: session, values: [] };
  const labelled = labelledAs(ofRequests);
  return { sql: `(${session} AND ${labelled.sql})`, values: labelled.values };
}

function labelledAs(labels: readonly (readonly [string, string])[]): Condition {
  const values: Value[] = [];
  const conditions = labels.map(([key, pattern]) => {
    const isGlob = isPattern(pattern);
    if (key === 'repository') {
      const each = repositoryPatterns(pattern);
      values.push(...each.flatMap((one) => [globOf(one), globOf(repositoryKey(one))]));
      return `(${each.map(() => 'repository GLOB ? OR lower(repository) GLOB ?').join(' OR ')})`;
    }
    values.push(isGlob ? globOf(pattern) : pattern);
    return `${columnOf(key)} ${isGlob ? 'GLOB' : '='} ?`;
  });
  const sql = `attribution_id IN (SELECT attribution_id FROM attribution WHERE ${conditions.join(' AND ')})`;
  return { sql, values };
}

/** `[` opens a set of letters in GLOB and is an ordinary letter in ours. */
const globOf = (pattern: string): string => pattern.replaceAll('[', '[[]');

function sumEntries(
  from: string,
  fromValues: readonly Value[],
  filter: Condition,
  db: Connection,
): number {
  return Number(
    db.get(`SELECT coalesce(sum(cost_nano_usd), 0) AS cost FROM entry WHERE ${from}${filter.sql}`, [
      ...fromValues,
      ...filter.values,
    ])?.cost ?? 0,
  );
}

/** The sum over a whole window: quarters of an hour from the roll-up, the rest at both ends from the entries. */
function sumWindow(pool: Pool, filter: Condition, db: Connection): number {
  const startAt = finite(pool.window.startAt);
  const endAt = finite(pool.window.endAt);
  const inTime = 'occurred_at_ms >= ? AND occurred_at_ms < ?';
  const firstBucket = Math.ceil(startAt / BUCKET_MS) * BUCKET_MS;
  const lastBucket = Math.floor(endAt / BUCKET_MS) * BUCKET_MS;
  // The roll-up knows no turns and no subagents; one session has few enough lines to add up.
  if (pool.turnId !== null || pool.agentId !== null || lastBucket <= firstBucket) {
    return sumEntries(inTime, [startAt, endAt], filter, db);
  }
  const middle = db.get(
    `SELECT coalesce(sum(cost_nano_usd), 0) AS cost FROM rollup
     WHERE bucket_at_ms >= ? AND bucket_at_ms < ?${filter.sql}`,
    [firstBucket, lastBucket, ...filter.values],
  );
  const ends =
    sumEntries(inTime, [startAt, firstBucket], filter, db) +
    sumEntries(inTime, [lastBucket, endAt], filter, db);
  return Number(middle?.cost ?? 0) + ends;
}

/** What the pool has posted; brings the kept sum up to the newest entry. */
function readPosted(pool: Pool, filter: Condition, known: Row, db: Connection): number {
  const moving = pool.key.startsWith('rolling:');
  if (moving) return sumWindow(pool, filter, db);
  const newest = Number(known.newest_seq ?? 0);
  if (Number(known.through_seq) === newest) return Number(known.posted_nano_usd);
  const posted =
    typeof known.through_seq === 'number'
      ? Number(known.posted_nano_usd) +
        sumEntries(
          'seq > ? AND occurred_at_ms >= ? AND occurred_at_ms < ?',
          [
            Number(known.through_seq),
            pool.isAhead ? Number.MIN_SAFE_INTEGER : finite(pool.window.startAt),
            finite(pool.window.endAt),
          ],
          filter,
          db,
        )
      : sumWindow(pool, filter, db);
  db.run(
    `INSERT INTO pool (pool_key, through_seq, posted_nano_usd) VALUES (?, ?, ?)
     ON CONFLICT DO UPDATE SET through_seq = excluded.through_seq,
       posted_nano_usd = excluded.posted_nano_usd`,
    [pool.key, newest, posted],
  );
  return posted;
}
