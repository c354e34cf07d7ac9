// Subagents that were given another model, and what that saved.
import { agentId, sessionId } from '../../domain/ids.ts';
import { type Row, toUsage, USAGE_COLUMN_NAMES } from '../columns.ts';
import type { Rerouting, ReroutingOperations, ThreadUsage } from '../rerouting.ts';
import type { Connection } from './connection.ts';

const SUMS = `coalesce(sum(request_count), 0) AS request_count,
  coalesce(sum(cost_nano_usd), 0) AS cost_nano_usd,
  ${USAGE_COLUMN_NAMES.map((name) => `coalesce(sum(${name}), 0) AS ${name}`).join(', ')}`;

const READ_USAGE = `SELECT ${SUMS} FROM entry WHERE session_key = ? AND agent_id = ?`;
const READ_MAIN = `SELECT count(DISTINCT turn_id) AS turn_count, ${SUMS}
  FROM entry JOIN attribution USING (attribution_id)
  WHERE session_key = ? AND agent_id IS NULL AND model = ?`;

export function reroutingRepository(db: Connection) {
  return {
    addRerouting: (rerouting) => {
      db.run(
        `INSERT INTO rerouting (tool_use_id, session_id, rerouted_at_ms, agent_type, rule, asked_model, given_model)
         VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
        [
          ...[rerouting.toolUseId, rerouting.sessionId, rerouting.reroutedAt, rerouting.agentType],
          ...[rerouting.rule, rerouting.askedModel, rerouting.givenModel],
        ],
      );
    },
    settleRerouting: (toolUseId, outcome) => {
      db.run(
        `UPDATE rerouting SET agent_id = ?, request_count = ?, spent_nano_usd = ?, asked_nano_usd = ?,
           settled_at_ms = ? WHERE tool_use_id = ?`,
        [
          ...[outcome.agentId, outcome.requestCount, outcome.spentNanoUsd, outcome.askedNanoUsd],
          ...[outcome.settledAt, toolUseId],
        ],
      );
    },
    readThreadUsage: (id, agent) =>
      toThreadUsage(db.get(READ_USAGE, [db.findSessionKey(id) ?? -1, agent])),
    readMainUsage: (id, model) => {
      const row = db.get(READ_MAIN, [db.findSessionKey(id) ?? -1, model]);
      return { ...toThreadUsage(row), turnCount: Number(row?.turn_count ?? 0) };
    },
    readReroutings: ({ sinceAt = 0, sessionId: id }) =>
      db
        .all(
          `SELECT * FROM rerouting WHERE rerouted_at_ms >= ?${id === undefined ? '' : ' AND session_id = ?'}
           ORDER BY rerouted_at_ms, tool_use_id`,
          id === undefined ? [sinceAt] : [sinceAt, id],
        )
        .map(toRerouting),
  } satisfies ReroutingOperations;
}

const toThreadUsage = (row: Row | undefined): ThreadUsage => ({
  requestCount: Number(row?.request_count ?? 0),
  costNanoUsd: Number(row?.cost_nano_usd ?? 0),
  usage: toUsage(row ?? {}),
});

function toRerouting(row: Row): Rerouting {
  const outcome =
    row.settled_at_ms === null
      ? null
      : {
          agentId: agentId(String(row.agent_id)),
          requestCount: Number(row.request_count),
          spentNanoUsd: Number(row.spent_nano_usd),
          askedNanoUsd: Number(row.asked_nano_usd),
          settledAt: Number(row.settled_at_ms),
        };
  return {
    toolUseId: String(row.tool_use_id),
    sessionId: sessionId(String(row.session_id)),
    reroutedAt: Number(row.rerouted_at_ms),
    agentType: String(row.agent_type),
    rule: String(row.rule),
    askedModel: String(row.asked_model),
    givenModel: String(row.given_model),
    outcome,
  };
}
