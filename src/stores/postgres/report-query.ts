// Which tables a report's query reads, for which parts of its window, and its conditions. Rule: what a pattern fits is told by the one matcher of
// `match.ts`; PostgreSQL is only given the values that do.
import {
  type SumCondition,
  type SumQuery,
  shiftAt,
  type ZoneDays,
} from '../../domain/aggregates.ts';
import { isPattern } from '../../domain/pattern.ts';
import { DAY_MS, type EpochMs, type Window } from '../../domain/time.ts';
import { BUCKET_MS, columnOf, SUM_COLUMNS } from '../columns.ts';
import { fitsAll } from '../match.ts';
import type { Connection } from './connect.ts';

/** Hands a value over, and answers its place in the statement. */
export type Values = (value: unknown) => string;
/** Places for the values of one statement. */
export function binding(): { readonly bind: Values; readonly values: readonly unknown[] } {
  const values: unknown[] = [];
  return { values, bind: (value) => `$${values.push(value)}` };
}

/** Conditions that must all hold. */
export type Condition = (bind: Values) => readonly string[];

/** A table and the part of the window that it is read for. */
export interface Piece {
  readonly grain: 'day' | 'quarter' | 'entry';
  readonly table: string;
  /** In the order of `SUM_COLUMNS`. */
  readonly columns: readonly string[];
  /** When what a row tells happened, as epoch milliseconds. */
  readonly instant: string;
  readonly firstAt: string;
  readonly lastAt: string;
  readonly conditions: Condition;
  readonly window: Window;
}

interface Grain {
  /** The nearest end of what a row covers, from an instant on. */
  readonly roundUp: (at: EpochMs) => EpochMs;
  readonly roundDown: (at: EpochMs) => EpochMs;
  readonly piece: (window: Window) => Piece;
}

/** The window in as few pieces as tell what is asked for, the coarsest where it is whole. */
export function piecesOf(
  { by, where, zone, window }: SumQuery,
  teamZone: string,
): readonly Piece[] {
  const keys = new Set<string>([...by, ...where.map(({ key }) => key)]);
  const needs = (...some: readonly string[]) => some.some((key) => keys.has(key));
  const hasDays = !needs('turn', 'session', 'hour', 'utcHour') && zone.timeZone === teamZone;
  return divided(window, [
    ...(hasDays ? [days(zone)] : []),
    ...(needs('turn') ? [] : [QUARTERS]),
    ENTRIES,
  ]);
}

function divided(
  { startAt, endAt }: Window,
  [grain, ...finer]: readonly Grain[],
): readonly Piece[] {
  if (grain === undefined || startAt >= endAt) return [];
  const from = grain.roundUp(startAt);
  const to = grain.roundDown(endAt);
  if (from >= to) return divided({ startAt, endAt }, finer);
  return [
    ...divided({ startAt, endAt: from }, finer),
    grain.piece({ startAt: from, endAt: to }),
    ...divided({ startAt: to, endAt }, finer),
  ];
}

const ENTRIES: Grain = {
  roundUp: (at) => at,
  roundDown: (at) => at,
  piece: (window) => ({
    ...{ grain: 'entry', table: 'entry', instant: 'occurred_at_ms', window },
    ...{ firstAt: 'occurred_at_ms', lastAt: 'occurred_at_ms' },
    columns: SUM_COLUMNS.map((column) => (column === 'unknown_count' ? 'unknown_model' : column)),
    conditions: entriesIn(window),
  }),
};

/** Entries of a window; they lie in partitions by day of UTC. */
export const entriesIn =
  (window: Window): Condition =>
  (bind) => [
    ...between('day', window, (at) => `DATE '1970-01-01' + ${bind(utcDay(at))}::integer`, '<='),
    ...between('occurred_at_ms', window, bind),
  ];

const QUARTERS: Grain = {
  roundUp: (at) => Math.ceil(at / BUCKET_MS) * BUCKET_MS,
  roundDown: (at) => Math.floor(at / BUCKET_MS) * BUCKET_MS,
  piece: (window) => ({
    ...{ grain: 'quarter', table: 'spend_quarter', instant: 'bucket_at_ms', window },
    ...{ firstAt: 'first_at_ms', lastAt: 'last_at_ms', columns: SUM_COLUMNS },
    conditions: (bind) => between('bucket_at_ms', window, bind),
  }),
};

const days = (zone: ZoneDays): Grain => {
  const dayAt = (at: EpochMs) => Math.floor((at + shiftAt(zone, at)) / DAY_MS);
  /** Days begin on quarters of an hour. */
  const walk = (at: EpochMs, step: number) => {
    if (!Number.isFinite(at)) return at;
    let start = step > 0 ? QUARTERS.roundUp(at) : QUARTERS.roundDown(at);
    while (dayAt(start) === dayAt(start - 1)) start += step;
    return start;
  };
  return {
    roundUp: (at) => walk(at, BUCKET_MS),
    roundDown: (at) => walk(at, -BUCKET_MS),
    piece: (window) => ({
      ...{ grain: 'day', table: 'spend_day', instant: '', window },
      ...{ firstAt: 'first_at_ms', lastAt: 'last_at_ms', columns: SUM_COLUMNS },
      conditions: (bind) =>
        between('day', window, (at) => `DATE '1970-01-01' + ${bind(dayAt(at))}::integer`),
    }),
  };
};

/** Open ends need no condition. */
const between = (
  column: string,
  { startAt, endAt }: Window,
  value: (at: EpochMs) => string,
  before: '<' | '<=' = '<',
): readonly string[] => [
  ...(Number.isFinite(startAt) ? [`${column} >= ${value(startAt)}`] : []),
  ...(Number.isFinite(endAt) ? [`${column} ${before} ${value(endAt)}`] : []),
];

/** Further than any entry, either way; a date ends where PostgreSQL's do. */
const utcDay = (at: EpochMs): number =>
  Math.max(-100_000, Math.min(1_000_000, Math.floor(at / DAY_MS)));

/** All conditions, as conditions on `source`. */
export async function conditionsOf(
  where: readonly SumCondition[],
  query: Connection['query'],
): Promise<Condition> {
  const each: Condition[] = [];
  for (const condition of where) each.push(await conditionOf(condition, query));
  return (bind) => each.flatMap((condition) => condition(bind));
}

async function conditionOf(
  condition: SumCondition,
  query: Connection['query'],
): Promise<Condition> {
  const { key, patterns } = condition;
  if (key === 'provenance' || key === 'turn') {
    return (bind) => [`(${anyOf(key === 'turn' ? 'turn_id' : key, patterns, bind)})`];
  }
  if (key === 'session') {
    return (bind) => [
      `source.session_key IN (SELECT session_key FROM tollgate.session WHERE ${anyOf('session_id', patterns, bind)})`,
    ];
  }
  const column = key.startsWith('label:') ? 'labels' : columnOf(key);
  const rows = await query(`SELECT DISTINCT ${column} AS value FROM tollgate.attribution`);
  const values = rows.map(({ value }) => (value === null ? null : String(value)));
  const fitting = values.filter(fitsAll([condition]));
  const isUnknown = fitting.includes(null) ? `OR ${column} IS NULL` : '';
  return (bind) => [
    `source.attribution_id IN (SELECT attribution_id FROM tollgate.attribution
      WHERE ${column} = ANY (${bind(fitting.filter((value) => value !== null))}) ${isUnknown})`,
  ];
}

/** Ids that fit one of the patterns; there may be too many of them to ask for all. */
function anyOf(column: string, patterns: readonly (string | null)[], bind: Values): string {
  const known = patterns.filter((pattern) => pattern !== null);
  const [wide, exact] = [known.filter(isPattern), known.filter((each) => !isPattern(each))];
  const ways = [
    `${column} = ANY (${bind(exact)})`,
    ...wide.map((pattern) => `${column} LIKE ${bind(likeOf(pattern))}`),
    ...(patterns.includes(null) ? [`nullif(${column}, '') IS NULL`] : []),
  ];
  return ways.join(' OR ');
}

const likeOf = (pattern: string): string =>
  pattern
    .replace(/[\\%_]/g, '\\$&')
    .replaceAll('*', '%')
    .replaceAll('?', '_');
