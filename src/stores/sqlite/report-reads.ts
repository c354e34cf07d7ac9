// What reports read, and the moves that re-labelling writes. Rule: a read says the same as adding up the lines
// would; a few sessions are read from their sums, everything else from columns of all lines.

import { type GroupSums, holdsSomething, type SumQuery } from '../../domain/aggregates.ts';
import { isPattern } from '../../domain/pattern.ts';
import { SUM_COLUMNS } from '../columns.ts';
import { ranked } from '../rank.ts';
import type { ReportOperations } from '../reporting.ts';
import type { ColumnCache } from './columns/column-cache.ts';
import { dimensionsOf } from './columns/dimensions.ts';
import { addUp } from './columns/sum-columns.ts';
import type { Connection, Value } from './connection.ts';
import { lineOperations } from './relabel.ts';
import { quartersIn, sumsSql } from './report-query.ts';
import { ofOneState } from './transaction.ts';

const NONE_YET = Number.MAX_SAFE_INTEGER;

export function reportRepository(db: Connection, kept: ColumnCache): ReportOperations {
  const readQuarters = (query: SumQuery): GroupSums[] => {
    const { sql, values } = sumsSql(query, quartersIn(query));
    const rows = db.driver
      .prepare<Value[]>(sql)
      .raw()
      .all(...values) as Value[][];
    return rows.map((row) => toGroup(row, query.by.length)).filter(holdsSomething);
  };
  const readColumns = (query: SumQuery) =>
    ofOneState(db.driver, () => {
      const chunks = kept.read(query.window);
      return addUp(query, chunks, dimensionsOf(db, query, chunks));
    });

  return {
    ...lineOperations(db),
    readSpan: () => {
      // Each end by itself is one look into the index; both at once would be a scan.
      const end = (which: 'min' | 'max') =>
        db.get(`SELECT ${which}(occurred_at_ms) AS at FROM entry`, [])?.at ?? null;
      const startAt = end('min');
      return startAt === null ? null : { startAt: Number(startAt), endAt: Number(end('max')) };
    },
    readSums: (query) => {
      if (isOfFewSessions(query)) return readQuarters(query);
      const added = readColumns(query);
      return Array.from(added.groups, added.sumsOf);
    },
    readRanked: (query, order) => ranked(readColumns(query), order),
    refreshSums: () => kept.catchUp(),
  };
}

/** Sessions that are named; their sums lie together, and hold no turns. A repository's spellings are folded in columns only. */
function isOfFewSessions({ by, where }: SumQuery): boolean {
  const isNamed = ({ key, patterns }: SumQuery['where'][number]) =>
    key === 'session' && patterns.every((pattern) => pattern !== null && !isPattern(pattern));
  const keys = [...by, ...where.map(({ key }) => key)];
  return where.some(isNamed) && !keys.includes('turn') && !keys.includes('repository');
}

/** Columns in the order of `SUM_COLUMNS`; counts are numbers already, and `null` where nothing was added up. */
function toGroup(row: readonly Value[], keyCount: number): GroupSums {
  const sum = (index: number) => (row[keyCount + index] ?? 0) as number;
  return {
    key: row.slice(0, keyCount),
    requestCount: sum(0),
    unknownCount: sum(1),
    usage: {
      inputTokens: sum(2),
      outputTokens: sum(3),
      cacheReadTokens: sum(4),
      cacheWrite5mTokens: sum(5),
      cacheWrite1hTokens: sum(6),
      webSearchCount: sum(7),
    },
    costNanoUsd: sum(8),
    firstAt: (row[keyCount + SUM_COLUMNS.length] ?? NONE_YET) as number,
    lastAt: sum(SUM_COLUMNS.length + 1),
  };
}
