// Entries of a team's ledger as they count now. Rule: labels are looked at after moves; the pairs that moved an entry lie where it lies.
import type { LedgerLine, SumCondition, SumQuery } from '../../domain/aggregates.ts';
import type { Attribution } from '../../domain/attribution.ts';
import { ALL_TIME, type Window } from '../../domain/time.ts';
import { ATTRIBUTION_COLUMNS, isLabel, toAttribution, USAGE_COLUMNS } from '../columns.ts';
import { movesOf, toLine } from '../ledger-lines.ts';
import { fitsAll } from '../match.ts';
import type { Connection } from './connect.ts';
import { binding, conditionsOf, entriesIn } from './report-query.ts';
import { readTeam, requireEntries } from './report-team.ts';

const LINE = `entry_id, reason, CASE WHEN reason IS NULL THEN 'usage' ELSE 'correction' END AS kind, session_id, agent_id, turn_id,
  occurred_at_ms, ${USAGE_COLUMNS}, cost_nano_usd, provenance, source.attribution_id,
  ${ATTRIBUTION_COLUMNS.map((column) => `attribution.${column}`).join(', ')}`;

/** See `ReportOperations.readLines`. */
export async function readLines(
  { window, where }: Pick<SumQuery, 'window' | 'where'>,
  query: Connection['query'],
): Promise<readonly LedgerLine[]> {
  const isOfLabel = ({ key }: SumCondition) => isLabel(key);
  const others = where.filter((each) => !isOfLabel(each));
  const span = await spanOf(others, query);
  const inside = {
    startAt: Math.max(window.startAt, span.startAt),
    endAt: Math.min(window.endAt, span.endAt),
  };
  if (inside.startAt >= inside.endAt) return [];
  const { keptFrom } = await readTeam(query);
  requireEntries([{ grain: 'entry', window: inside }], keptFrom);
  const condition = await conditionsOf(others, query);
  const { bind, values } = binding();
  const all = [...entriesIn(inside)(bind), ...condition(bind)];
  const rows = await query(
    `SELECT ${LINE} FROM tollgate.entry AS source JOIN tollgate.session USING (session_key)
     JOIN tollgate.attribution USING (attribution_id)
     ${all.length > 0 ? `WHERE ${all.join(' AND ')}` : ''} ORDER BY occurred_at_ms, recorded_at_ms, entry_id`,
    values,
  );
  const moves = movesOf(rows);
  const labels = new Map(rows.map((row) => [Number(row.attribution_id), toAttribution(row)]));
  const tests = where.filter(isOfLabel).map((each) => {
    const key = each.key.startsWith('label:') ? 'labels' : (each.key as keyof Attribution);
    const fits = fitsAll([each]);
    return (attribution: Attribution) => fits(attribution[key]);
  });
  return rows
    .filter(({ reason }) => reason !== 'relabelled')
    .flatMap((row) => {
      const recorded = toAttribution(row);
      const move = moves.get(String(row.entry_id));
      const attribution = (move && labels.get(move.attributionId)) ?? recorded;
      return tests.every((fits) => fits(attribution)) ? [toLine(row, attribution, recorded)] : [];
    });
}

/** When the sessions that are asked for have spent: entries are found by their day. */
async function spanOf(where: readonly SumCondition[], query: Connection['query']): Promise<Window> {
  const sessions = where.filter(({ key }) => key === 'session');
  if (sessions.length === 0) return ALL_TIME;
  const condition = await conditionsOf(sessions, query);
  const { bind, values } = binding();
  const all = condition(bind);
  const [row] = await query(
    `SELECT min(first_at_ms) AS first, max(last_at_ms) AS last FROM tollgate.spend_quarter AS source
     WHERE ${all.join(' AND ')}`,
    values,
  );
  return row?.first == null
    ? { startAt: 0, endAt: 0 }
    : { startAt: Number(row.first), endAt: Number(row.last) + 1 };
}
