// The SQL of a report's query over the sums by quarter of an hour, and of its conditions. Rule: ragged ends of a
// window come from the lines, so a query means the same as over the lines alone.

import type { SumCondition, SumKey, SumQuery, ZoneDays } from '../../domain/aggregates.ts';
import { isPattern } from '../../domain/pattern.ts';
import { BUCKET_MS, columnOf, isLabel, SUM_COLUMNS } from '../columns.ts';
import { timeSql } from '../zone-sql.ts';
import type { Value } from './connection.ts';
import { finite } from './rows.ts';

/** SQL with its values. */
export interface Part {
  readonly sql: string;
  readonly values: readonly Value[];
}

/** The same columns from lines as from sums. */
const LINE_SUMS = SUM_COLUMNS.map((column) =>
  column === 'unknown_count' ? 'unknown_model AS unknown_count' : column,
).join(', ');

/** Sums by quarter of an hour inside a window: whole quarters from the sums, ragged ends from the lines. */
export function quartersIn({ window }: Pick<SumQuery, 'window'>): Part {
  const startAt = finite(window.startAt);
  const endAt = finite(window.endAt);
  const whole = `SELECT session_key, bucket_at_ms, attribution_id, provenance,
    ${SUM_COLUMNS.join(', ')}, first_at_ms, last_at_ms FROM rollup`;
  const first = Math.ceil(startAt / BUCKET_MS) * BUCKET_MS;
  const last = Math.floor(endAt / BUCKET_MS) * BUCKET_MS;
  const isOpen =
    window.startAt === Number.NEGATIVE_INFINITY && window.endAt === Number.POSITIVE_INFINITY;
  if (isOpen) return { sql: `(${whole})`, values: [] };
  const lines = `SELECT session_key, occurred_at_ms / ${BUCKET_MS} * ${BUCKET_MS}, attribution_id,
    provenance, ${LINE_SUMS}, occurred_at_ms, occurred_at_ms FROM entry
    WHERE occurred_at_ms >= ? AND occurred_at_ms < ?`;
  if (last <= first) return { sql: `(${named(lines)})`, values: [startAt, endAt] };
  return {
    sql: `(${whole} WHERE bucket_at_ms >= ? AND bucket_at_ms < ?
      UNION ALL ${lines} UNION ALL ${lines})`,
    values: [first, last, startAt, first, last, endAt],
  };
}

const named = (lines: string): string =>
  lines
    .replace(`/ ${BUCKET_MS} * ${BUCKET_MS},`, `/ ${BUCKET_MS} * ${BUCKET_MS} AS bucket_at_ms,`)
    .replace(
      'occurred_at_ms, occurred_at_ms FROM',
      'occurred_at_ms AS first_at_ms, occurred_at_ms AS last_at_ms FROM',
    );

/** What stands for a key in a source, and what is shown for it. */
function expressionOf(key: SumKey, zone: ZoneDays): { group: string; show: string } {
  const same = (sql: string) => ({ group: sql, show: sql });
  switch (key) {
    case 'day':
    case 'hour':
    case 'utcHour':
      return same(timeSql(key, zone, 'bucket_at_ms'));
    case 'session':
      return {
        group: 'session_key',
        show: '(SELECT session_id FROM session AS s WHERE s.session_key = source.session_key)',
      };
    case 'provenance':
      return same('provenance');
    default:
      return same(`attribution.${columnOf(key)}`);
  }
}

/** The whole statement over one source. */
export function sumsSql(query: SumQuery, source: Part): Part {
  const keys = query.by.map((key) => expressionOf(key, query.zone));
  const needsLabels = [...query.by, ...query.where.map(({ key }) => key)].some(isLabel);
  const where = conditionsSql(query.where);
  const shown = keys.map(({ show }) => `${show}, `).join('');
  const sums = SUM_COLUMNS.map((column) => `sum(${column})`).join(', ');
  return {
    sql: `SELECT ${shown}${sums}, min(first_at_ms), max(last_at_ms) FROM ${source.sql} AS source
      ${needsLabels ? 'JOIN attribution ON attribution.attribution_id = source.attribution_id' : ''}
      ${where.sql === '' ? '' : `WHERE ${where.sql}`}
      ${keys.length > 0 ? `GROUP BY ${keys.map(({ group }) => group).join(', ')}` : ''}`,
    values: [...source.values, ...where.values],
  };
}

/** All conditions as one expression over `source` and `attribution`; empty when there are none. */
export function conditionsSql(where: readonly SumCondition[]): Part {
  const parts = where.map(({ key, patterns }) => {
    const each = patterns.map((pattern) => conditionSql(key, pattern));
    return {
      sql: each.length > 0 ? `(${each.map(({ sql }) => sql).join(' OR ')})` : 'false',
      values: each.flatMap(({ values }) => values),
    };
  });
  return {
    sql: parts.map(({ sql }) => sql).join(' AND '),
    values: parts.flatMap(({ values }) => values),
  };
}

function conditionSql(key: SumCondition['key'], pattern: string | null): Part {
  const isGlob = pattern !== null && isPattern(pattern);
  // `[` opens a set of letters in GLOB and is an ordinary letter in ours.
  const glob = (text: string) => text.replaceAll('[', '[[]');
  if (key.startsWith('label:')) {
    const label = glob(key.slice('label:'.length)).replaceAll('*', '[*]').replaceAll('?', '[?]');
    const pairs = "',' || coalesce(attribution.labels, '') || ','";
    if (pattern === null) return { sql: `${pairs} NOT GLOB ?`, values: [`*,${label}=*`] };
    return { sql: `${pairs} GLOB ?`, values: [`*,${label}=${glob(pattern)},*`] };
  }
  if (key === 'session') {
    return {
      sql: `session_key IN (SELECT session_key FROM session WHERE session_id ${isGlob ? 'GLOB' : '='} ?)`,
      values: [isGlob ? glob(pattern ?? '') : pattern],
    };
  }
  const column = isLabel(key) ? `attribution.${columnOf(key)}` : key === 'turn' ? 'turn_id' : key;
  if (pattern === null) return { sql: `nullif(${column}, '') IS NULL`, values: [] };
  return isGlob
    ? { sql: `${column} GLOB ?`, values: [glob(pattern)] }
    : { sql: `${column} = ?`, values: [pattern] };
}
