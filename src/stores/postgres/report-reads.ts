// What reports read of a team's ledger. Rule: a read says the same as of a machine's ledger with these entries; whole days of the team's zone and
// whole quarters of an hour come from their sums, ragged ends from the entries.
import {
  addSums,
  type GroupSums,
  holdsSomething,
  NO_SUMS,
  type SumKey,
  type SumQuery,
  type Sums,
} from '../../domain/aggregates.ts';
import { canonicalRepository, repositoryKey } from '../../domain/repository.ts';
import { columnOf, isLabel, SUM_COLUMNS, toUsage } from '../columns.ts';
import { rankedOf } from '../rank.ts';
import type { ReportReads } from '../reporting.ts';
import { timeSql } from '../zone-sql.ts';
import type { Connection, Row } from './connect.ts';
import { readLines } from './report-lines.ts';
import {
  binding,
  type Condition,
  conditionsOf,
  type Piece,
  piecesOf,
  type Values,
} from './report-query.ts';
import { readTeam, requireEntries } from './report-team.ts';

/** Groups of a large report are added up in memory; with the little that PostgreSQL takes by itself it sorts all rows on the disk. */
const WORK_MEMORY = '128MB';

export function reportReads({
  query,
  inTransaction,
}: Pick<Connection, 'query' | 'inTransaction'>): ReportReads {
  const inTurn = oneByOne();
  const addUp = async (asked: SumQuery): Promise<readonly GroupSums[]> => {
    if (asked.window.startAt >= asked.window.endAt) return [];
    const team = await readTeam(query);
    const condition = await conditionsOf(asked.where, query);
    const pieces = piecesOf(asked, team.timeZone);
    requireEntries(pieces, team.keptFrom);
    const { sql, values } = sumsSql(asked, condition, pieces);
    const nameOf = asked.by.includes('repository') ? await repositoryNames(query) : null;
    const rows = await inTransaction(async () => {
      await query("SELECT set_config('work_mem', $1, true)", [WORK_MEMORY]);
      return query(sql, values);
    });
    return joined(rows, asked.by, nameOf);
  };
  const readSums = (asked: SumQuery) => inTurn(() => addUp(asked));
  return {
    readSpan: () =>
      inTurn(async () => {
        const [row] = await query(
          'SELECT min(first_at_ms) AS first, max(last_at_ms) AS last FROM tollgate.spend_day',
        );
        return row?.first == null ? null : { startAt: Number(row.first), endAt: Number(row.last) };
      }),
    readSums,
    readRanked: async (asked, order) => rankedOf(await readSums(asked), order),
    readLines: (asked) => inTurn(() => readLines(asked, query)),
  };
}

/** A connection answers one question at a time. */
function oneByOne() {
  let last: Promise<unknown> = Promise.resolve();
  return <T>(work: () => Promise<T>): Promise<T> => {
    const next = last.then(work);
    last = next.catch(() => {});
    return next;
  };
}

/** One statement: the sums of each piece of the window, by key and for itself. */
function sumsSql(asked: SumQuery, condition: Condition, pieces: readonly Piece[]) {
  const { bind, values } = binding();
  const each = pieces.map((piece) => pieceSql(asked, piece, condition, bind));
  return { sql: each.join('\nUNION ALL\n'), values };
}

function pieceSql(
  { by, zone }: SumQuery,
  piece: Piece,
  condition: Condition,
  bind: Values,
): string {
  const { table, columns, instant, conditions } = piece;
  const keys = by.map((key) => keySql(key, piece, (of) => timeSql(of, zone, instant)));
  const where = [...conditions(bind), ...condition(bind)];
  const shown = keys.map(({ show }, at) => `${show} AS key_${at}, `).join('');
  const sums = columns.map((column, at) => `sum(${column})::bigint AS ${SUM_COLUMNS[at]}`);
  const groups = keys.map(({ group }) => group);
  return `SELECT ${shown}${sums.join(', ')}, min(${piece.firstAt}) AS first_at_ms, max(${piece.lastAt}) AS last_at_ms
    FROM tollgate.${table} AS source ${by.some(isLabel) ? 'JOIN tollgate.attribution USING (attribution_id)' : ''}
    ${where.length > 0 ? `WHERE ${where.join(' AND ')}` : ''}
    ${groups.length > 0 ? `GROUP BY ${groups.join(', ')}` : ''} HAVING count(*) > 0`;
}

/** What groups stand for, and what is shown for them. */
function keySql(
  key: SumKey,
  { grain }: Piece,
  time: (of: 'day' | 'hour' | 'utcHour') => string,
): { readonly group: string; readonly show: string } {
  const same = (sql: string) => ({ group: sql, show: sql });
  switch (key) {
    case 'day':
      return same(grain === 'day' ? "(day - DATE '1970-01-01')" : time(key));
    case 'hour':
    case 'utcHour':
      return same(time(key));
    case 'session':
      return {
        group: 'source.session_key',
        show: '(SELECT session_id FROM tollgate.session WHERE session.session_key = source.session_key)',
      };
    case 'turn':
      return same("nullif(turn_id, '')");
    case 'provenance':
      return same('provenance');
    default:
      return same(`attribution.${columnOf(key)}`);
  }
}

/** The groups of all pieces together, without those whose entries were all moved elsewhere. */
function joined(
  rows: readonly Row[],
  by: readonly SumKey[],
  nameOf: ((repository: string) => string) | null,
): readonly GroupSums[] {
  const groups = new Map<string, { readonly key: GroupSums['key']; sums: Sums }>();
  for (const row of rows) {
    const key = by.map((each, at) => {
      const value = row[`key_${at}`] as string | number | null;
      return each === 'repository' && typeof value === 'string' && nameOf ? nameOf(value) : value;
    });
    const id = JSON.stringify(key);
    const known = groups.get(id) ?? { key, sums: NO_SUMS };
    known.sums = addSums(known.sums, sumsOf(row));
    groups.set(id, known);
  }
  return [...groups.values()].map(({ key, sums }) => ({ key, ...sums })).filter(holdsSomething);
}

const sumsOf = (row: Row): Sums => ({
  requestCount: Number(row.request_count),
  unknownCount: Number(row.unknown_count),
  usage: toUsage(row),
  costNanoUsd: Number(row.cost_nano_usd),
  firstAt: Number(row.first_at_ms),
  lastAt: Number(row.last_at_ms),
});

/** One name for all spellings of a repository: the one that came first. */
async function repositoryNames(query: Connection['query']): Promise<(name: string) => string> {
  const rows = await query(`SELECT repository FROM tollgate.attribution WHERE repository IS NOT NULL
    GROUP BY repository ORDER BY min(attribution_id)`);
  const first = new Map<string, string>();
  for (const { repository } of rows) {
    const key = repositoryKey(String(repository));
    if (!first.has(key)) first.set(key, canonicalRepository(String(repository)));
  }
  return (name) => first.get(repositoryKey(name)) ?? name;
}
