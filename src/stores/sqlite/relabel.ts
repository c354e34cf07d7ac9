// Lines as they count now, and their moves to other labels. Rule: a move is a pair of corrections that takes
// everything from the old labels and gives it to the new ones; nothing is changed, and no total differs.

import type { LedgerLine, SumQuery } from '../../domain/aggregates.ts';
import type { Attribution } from '../../domain/attribution.ts';
import type { EpochMs } from '../../domain/time.ts';
import { invariant } from '../../errors.ts';
import {
  ATTRIBUTION_COLUMNS,
  BUCKET_MS,
  toAttribution,
  USAGE_COLUMN_NAMES,
  USAGE_COLUMNS,
} from '../columns.ts';
import { type Move, movesOf, toLine } from '../ledger-lines.ts';
import { fitsAll } from '../match.ts';
import type { ReportOperations } from '../reporting.ts';
import type { Connection } from './connection.ts';
import { conditionsSql } from './report-query.ts';
import { finite } from './rows.ts';

/** `relabel:<entry>:<step><sign>`; `;` follows `:` in ASCII. */
const PREFIX = 'relabel:';
const READ_MOVES = `SELECT entry_id, attribution_id FROM entry
  WHERE entry_id >= '${PREFIX}' AND entry_id < 'relabel;'`;
const READ_LINES = `SELECT source.*, session.session_id, ${ATTRIBUTION_COLUMNS.map(
  (column) => `attribution.${column}`,
).join(', ')}
  FROM entry AS source JOIN session USING (session_key)
  JOIN attribution ON attribution.attribution_id = source.attribution_id`;

const NEGATED = USAGE_COLUMN_NAMES.map((column) => `? * ${column}`).join(', ');
const INSERT_HALF = `INSERT INTO entry (entry_id, kind, reason, session_key, agent_id, turn_id,
  attribution_id, occurred_at_ms, recorded_at_ms, ${USAGE_COLUMNS}, cost_nano_usd, request_count,
  provenance, unknown_model, interrupted)
  SELECT ?, 'correction', 'relabelled', session_key, agent_id, turn_id, ?, occurred_at_ms, ?, ${NEGATED},
    ? * cost_nano_usd, ? * request_count, provenance, ? * unknown_model, 0
  FROM entry WHERE entry_id = ?`;
const ADD_HALF = `INSERT INTO rollup (session_key, bucket_at_ms, attribution_id, provenance,
  request_count, unknown_count, ${USAGE_COLUMNS}, cost_nano_usd, first_at_ms, last_at_ms)
  SELECT session_key, occurred_at_ms / ${BUCKET_MS} * ${BUCKET_MS}, attribution_id, provenance,
    request_count, CASE WHEN request_count = 0 THEN 0 ELSE unknown_model END, ${USAGE_COLUMNS},
    cost_nano_usd, occurred_at_ms, occurred_at_ms
  FROM entry WHERE entry_id = ?
  ON CONFLICT DO UPDATE SET
    request_count = request_count + excluded.request_count,
    unknown_count = unknown_count + excluded.unknown_count,
    ${USAGE_COLUMN_NAMES.map((column) => `${column} = ${column} + excluded.${column}`).join(', ')},
    cost_nano_usd = cost_nano_usd + excluded.cost_nano_usd,
    first_at_ms = min(first_at_ms, excluded.first_at_ms),
    last_at_ms = max(last_at_ms, excluded.last_at_ms)`;

export const lineOperations = (
  db: Connection,
): Pick<ReportOperations, 'readLines' | 'reattribute'> => ({
  readLines: (query) => readLines(query, db),
  reattribute: (line, to, at) => reattribute(line, to, at, db),
});

/** See `ReportOperations.readLines`. */
function readLines(
  { window, where }: Pick<SumQuery, 'window' | 'where'>,
  db: Connection,
): readonly LedgerLine[] {
  const moves = movesOf(db.all(READ_MOVES, []));
  const wanted = labelsIn(where, db);
  const others = conditionsSql(
    where.filter(({ key }) => ['session', 'turn', 'provenance'].includes(key)),
  );
  const inTime = `source.occurred_at_ms >= ? AND source.occurred_at_ms < ?
    AND coalesce(source.reason, '') <> 'relabelled'${others.sql ? ` AND ${others.sql}` : ''}`;
  const values = [finite(window.startAt), finite(window.endAt), ...others.values];
  // What was moved counts under other labels than it was recorded with: it is looked at one by one.
  const fitting =
    wanted === null
      ? ''
      : ` AND (source.attribution_id IN (${[...wanted].join(', ')})${moves.size > 0 ? ' OR source.entry_id IN (SELECT value FROM json_each(?))' : ''})`;
  const rows = db.all(
    `${READ_LINES} WHERE ${inTime}${fitting} ORDER BY source.occurred_at_ms, source.seq`,
    wanted !== null && moves.size > 0 ? [...values, JSON.stringify([...moves.keys()])] : values,
  );
  const known = new Map<number, Attribution>();
  return rows.flatMap((row) => {
    const move = moves.get(String(row.entry_id));
    const id = move?.attributionId ?? Number(row.attribution_id);
    if (wanted !== null && !wanted.has(id)) return [];
    const recorded = toAttribution(row);
    const attribution = move ? (known.get(id) ?? attributionOf(id, db)) : recorded;
    if (move) known.set(id, attribution);
    return [toLine(row, attribution, recorded)];
  });
}

/** See `ReportOperations.reattribute`. */
function reattribute(
  line: Pick<LedgerLine, 'entryId' | 'recordedAttribution'>,
  to: Attribution,
  at: EpochMs,
  db: Connection,
): void {
  const move = latestMove(db, line.entryId);
  const step = (move?.step ?? 0) + 1;
  const from = move?.attributionId ?? db.attributionKey(line.recordedAttribution);
  const half = (sign: 1 | -1, attributionId: number) => {
    const id = `${PREFIX}${line.entryId}:${step}${sign === 1 ? '+' : '-'}`;
    const signs = Array(6).fill(sign) as number[];
    db.run(INSERT_HALF, [id, attributionId, at, ...signs, sign, sign, sign, line.entryId]);
    db.run(ADD_HALF, [id]);
  };
  half(-1, from);
  half(1, db.attributionKey(to));
}

/** Moves one entry under other labels; false where it is not there, or has them. Call inside `immediately`. */
export function relabelEntry(id: string, to: Attribution, at: EpochMs, db: Connection): boolean {
  const row = db.get(
    'SELECT attribution.* FROM entry JOIN attribution USING (attribution_id) WHERE entry_id = ?',
    [id],
  );
  if (row === undefined) return false;
  const current = latestMove(db, id)?.attributionId ?? Number(row.attribution_id);
  if (current === db.attributionKey(to)) return false;
  reattribute({ entryId: id, recordedAttribution: toAttribution(row) }, to, at, db);
  return true;
}

function attributionOf(id: number, db: Connection): Attribution {
  const row = db.get('SELECT * FROM attribution WHERE attribution_id = ?', [id]);
  invariant(row, 'an entry names labels that are there');
  return toAttribution(row);
}

/** Ids of the labels under which all conditions hold; `null` when any labels do. */
function labelsIn(where: SumQuery['where'], db: Connection): Set<number> | null {
  const labels = where.filter(({ key }) => !['session', 'turn', 'provenance'].includes(key));
  if (labels.length === 0) return null;
  const { sql, values } = conditionsSql(labels.filter(({ key }) => key !== 'repository'));
  // A repository has more spellings than SQL can compare.
  const fits = fitsAll(labels.filter(({ key }) => key === 'repository'));
  const rows = db.all(
    `SELECT attribution_id, repository FROM attribution ${sql === '' ? '' : `WHERE ${sql}`}`,
    values,
  );
  return new Set(
    rows
      .filter(({ repository }) => fits(repository === null ? null : String(repository)))
      .map((row) => Number(row.attribution_id)),
  );
}

export function latestMove(db: Connection, entryId: string): Move | null {
  const start = `${PREFIX}${entryId}:`;
  const rows = db.all(
    'SELECT entry_id, attribution_id FROM entry WHERE entry_id >= ? AND entry_id < ?',
    [start, `${start};`],
  );
  return movesOf(rows).get(entryId) ?? null;
}
