// What reports read, and the moves that re-labelling writes. Rule: a read is answered from the coarsest sums
// that hold it and are up to date, and says the same as adding up the lines would.
import type { GroupSums, SumQuery } from '../../domain/sums.ts';
import type { ReportVerbs } from '../store.ts';
import type { Connection, Value } from './connection.ts';
import { lineVerbs } from './relabel.ts';
import { linesIn, type Part, quartersIn, SUM_COLUMNS, sumsSql } from './report-query.ts';
import { dayBounds, keptFor, keptSums } from './report-sums.ts';

const NONE_YET = Number.MAX_SAFE_INTEGER;

export function reportRoom(db: Connection): ReportVerbs {
  const kept = keptSums(db);

  const sourceOf = (query: SumQuery): { source: Part; hasDays: boolean } => {
    const name = keptFor(query);
    if (name === null || !kept.isFresh(name, query.zone)) {
      const needsTurns = [...query.by, ...query.where.map(({ key }) => key)].includes('turn');
      return { source: needsTurns ? linesIn(query) : quartersIn(query), hasDays: false };
    }
    if (name === 'turn') return { source: { sql: 'report_turn', values: [] }, hasDays: false };
    const [column, first, last] =
      name === 'day'
        ? (['day', ...(dayBounds(query) ?? [0, 0])] as const)
        : (['bucket_at_ms', query.window.startAt, query.window.endAt] as const);
    const range = (at: number) => Math.min(Math.max(at, -NONE_YET), NONE_YET);
    return {
      source: {
        sql: `(SELECT * FROM report_${name} WHERE ${column} >= ? AND ${column} < ?)`,
        values: [range(first), range(last)],
      },
      hasDays: name === 'day',
    };
  };

  return {
    ...lineVerbs(db),
    readSpan: () => {
      // Each end by itself is one look into the index; both at once would be a scan.
      const end = (which: 'min' | 'max') =>
        db.get(`SELECT ${which}(occurred_at_ms) AS at FROM entry`, [])?.at ?? null;
      const startAt = end('min');
      return startAt === null ? null : { startAt: Number(startAt), endAt: Number(end('max')) };
    },
    readSums: (query) => {
      const { source, hasDays } = sourceOf(query);
      const { sql, values } = sumsSql(query, source, hasDays);
      // Arrays instead of objects: a report reads tens of thousands of them.
      const rows = db.driver
        .prepare<Value[]>(sql)
        .raw()
        .all(...values) as Value[][];
      const groups: GroupSums[] = [];
      for (const row of rows) {
        const group = toGroup(row, query.by.length);
        if (holdsSomething(group)) groups.push(group);
      }
      return groups;
    },
    refreshSums: (query) => {
      const name = keptFor(query);
      return name === null ? 0 : kept.refresh(name, query.zone);
    },
  };
}

/** A query without groups answers one row of nulls for nothing at all; a group moved elsewhere holds nothing. */
function holdsSomething({ firstAt, requestCount, costNanoUsd, usage }: GroupSums): boolean {
  if (firstAt === NONE_YET) return false;
  if (requestCount !== 0 || costNanoUsd !== 0) return true;
  return Object.values(usage).some((count) => count !== 0);
}

/** Columns in the order of `SUM_COLUMNS`; counts are numbers already, and `null` where nothing was added up. */
function toGroup(row: readonly Value[], keyCount: number): GroupSums {
  const sum = (index: number) => (row[keyCount + index] ?? 0) as number;
  return {
    key: keyCount === 1 ? [row[0] ?? null] : row.slice(0, keyCount),
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
