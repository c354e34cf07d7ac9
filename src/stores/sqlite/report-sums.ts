// Sums that reports keep: by day and labels, by quarter of an hour, by turn. Rule: they are only ever brought
// up to the newest entry by a report itself, never by a hook, and can be thrown away at any time.
import type { SumQuery, ZoneDays } from '../../domain/sums.ts';
import type { Connection } from './connection.ts';
import { daySql, LINE_SUMS, SUM_COLUMNS } from './report-query.ts';
import { BUCKET_MS } from './rows.ts';

export type KeptName = 'day' | 'quarter' | 'turn';

/** Lines behind which rebuilding from the sums by quarter is cheaper than adding line by line. */
const REBUILD_LINES = 20_000;
/** Lines of one gulp: hooks that wait for the lock wait a tenth of a second at most. */
const GULP_LINES = 50_000;

const DAYS = new Set<string>(['hour', 'utcHour']);
const SUMS = SUM_COLUMNS.join(', ');
const ADD = SUM_COLUMNS.map((column) => `sum(${column})`).join(', ');
const MERGE = `ON CONFLICT DO UPDATE SET
  ${SUM_COLUMNS.map((column) => `${column} = ${column} + excluded.${column}`).join(', ')},
  first_at_ms = min(first_at_ms, excluded.first_at_ms),
  last_at_ms = max(last_at_ms, excluded.last_at_ms)`;

/** Which kept sums can answer a query; `null`: none, it must be added up from finer ones. */
export function keptFor(query: SumQuery): KeptName | null {
  const keys = [...query.by, ...query.where.map(({ key }) => key)];
  if (keys.includes('turn')) {
    const isOpen =
      query.window.startAt === Number.NEGATIVE_INFINITY &&
      query.window.endAt === Number.POSITIVE_INFINITY;
    return isOpen && keys.every((key) => key === 'turn' || key === 'session') ? 'turn' : null;
  }
  const isOfTime = keys.every((key) => DAYS.has(key) || key === 'day');
  if (isOfTime || keys.some((key) => DAYS.has(key))) {
    const isWhole = [query.window.startAt, query.window.endAt].every(
      (at) => !Number.isFinite(at) || at % BUCKET_MS === 0,
    );
    return isWhole && isOfTime ? 'quarter' : null;
  }
  return dayBounds(query) === null ? null : 'day';
}

/** A window as days of its zone; `null` when it cuts a day in two. */
export function dayBounds({ window, zone }: SumQuery): readonly [number, number] | null {
  const first = dayStarting(window.startAt, zone);
  const last = dayStarting(window.endAt, zone);
  return first === null || last === null ? null : [first, last];
}

function dayStarting(at: number, zone: ZoneDays): number | null {
  if (!Number.isFinite(at)) return at < 0 ? Number.MIN_SAFE_INTEGER : Number.MAX_SAFE_INTEGER;
  const day = dayOf(at, zone);
  return dayOf(at - 1, zone) < day ? day : null;
}

function dayOf(at: number, { shifts }: ZoneDays): number {
  const shift = shifts.findLast(({ fromAt }) => fromAt <= at) ?? shifts[0];
  return Math.floor((at + (shift?.shiftMs ?? 0)) / (96 * BUCKET_MS));
}

export function keptSums(db: Connection) {
  const newestSeq = () => Number(db.get('SELECT max(seq) AS seq FROM entry', [])?.seq ?? 0);
  const stateOf = (name: KeptName) => {
    const row = db.get('SELECT * FROM report_state WHERE name = ?', [name]);
    return row ? { timeZone: String(row.time_zone), throughSeq: Number(row.through_seq) } : null;
  };
  const remember = (name: KeptName, timeZone: string, throughSeq: number) => {
    db.run(
      `INSERT INTO report_state (name, time_zone, through_seq) VALUES (?, ?, ?)
       ON CONFLICT DO UPDATE SET time_zone = excluded.time_zone, through_seq = excluded.through_seq`,
      [name, timeZone, throughSeq],
    );
  };

  /** Adds the lines after one and up to another. */
  const addLines = (name: KeptName, zone: ZoneDays, after: number, through: number) => {
    const { columns, keys } = groupOf(name, zone);
    db.run(
      `INSERT INTO report_${name} (${columns}, ${SUMS}, first_at_ms, last_at_ms)
       SELECT ${keys}, ${ADD}, min(occurred_at_ms), max(occurred_at_ms)
       FROM (SELECT session_key, coalesce(turn_id, '') AS turn_id, attribution_id, provenance,
         occurred_at_ms, occurred_at_ms / ${BUCKET_MS} * ${BUCKET_MS} AS bucket_at_ms, ${LINE_SUMS}
         FROM entry WHERE seq > ? AND seq <= ?) WHERE true GROUP BY ${keys} ${MERGE}`,
      [after, through],
    );
  };
  const rebuild = (name: 'day' | 'quarter', zone: ZoneDays) => {
    const { columns, keys } = groupOf(name, zone);
    db.run(`DELETE FROM report_${name}`, []);
    db.run(
      `INSERT INTO report_${name} (${columns}, ${SUMS}, first_at_ms, last_at_ms)
       SELECT ${keys}, ${ADD}, min(first_at_ms), max(last_at_ms) FROM rollup GROUP BY ${keys}`,
      [],
    );
  };

  return {
    /** True when the kept sums hold every entry, in this zone. */
    isFresh: (name: KeptName, { timeZone }: ZoneDays): boolean => {
      const state = stateOf(name);
      const isZone = name !== 'day' || state?.timeZone === timeZone;
      return state !== null && isZone && state.throughSeq === newestSeq();
    },
    /** Brings them nearer to the newest entry; answers how many entries are left. */
    refresh: (name: KeptName, zone: ZoneDays): number => {
      const known = stateOf(name);
      const newest = newestSeq();
      const isZone = name !== 'day' || known?.timeZone === zone.timeZone;
      const through = isZone ? (known?.throughSeq ?? 0) : 0;
      if (known && isZone && through === newest) return 0;
      if (name !== 'turn' && (!isZone || known === null || newest - through > REBUILD_LINES)) {
        rebuild(name, zone);
        remember(name, zone.timeZone, newest);
        return 0;
      }
      const next = Math.min(newest, through + GULP_LINES);
      addLines(name, zone, through, next);
      remember(name, zone.timeZone, next);
      return newest - next;
    },
  };
}

function groupOf(name: KeptName, zone: ZoneDays): { columns: string; keys: string } {
  if (name === 'turn') return { columns: 'session_key, turn_id', keys: 'session_key, turn_id' };
  if (name === 'quarter') return { columns: 'bucket_at_ms', keys: 'bucket_at_ms' };
  return {
    columns: 'session_key, day, attribution_id, provenance',
    keys: `session_key, ${daySql(zone, 'bucket_at_ms')}, attribution_id, provenance`,
  };
}
