// Times of a zone in SQL, which both kinds of databases read alike. Rule: instants are whole numbers after 1970.
import type { ZoneDays } from '../domain/aggregates.ts';
import { DAY_MS, HOUR_MS } from '../domain/time.ts';

/** The day (counted from 1970) or the hour (the instant it begins) of the instant that an expression tells. */
export function timeSql(key: 'day' | 'hour' | 'utcHour', zone: ZoneDays, instant: string): string {
  if (key === 'utcHour') return `(${instant} - ${instant} % ${HOUR_MS})`;
  const local = `(${instant} + ${shiftSql(zone, instant)})`;
  return key === 'day' ? `(${local} / ${DAY_MS})` : `(${instant} - ${local} % ${HOUR_MS})`;
}

/** How far a zone is ahead of UTC at the instant that an expression tells. */
function shiftSql({ shifts }: ZoneDays, instant: string): string {
  const last = shifts.at(-1)?.shiftMs ?? 0;
  if (shifts.length < 2) return String(last);
  const cases = shifts
    .slice(1)
    .map(({ fromAt }, index) => `WHEN ${instant} < ${fromAt} THEN ${shifts[index]?.shiftMs ?? 0}`);
  return `(CASE ${cases.join(' ')} ELSE ${last} END)`;
}
