// Lines of a ledger from its rows, as they count now. Rule: a move to other labels is a pair of entries whose ids tell what was moved, and its step.
import type { LedgerLine } from '../domain/aggregates.ts';
import type { Attribution } from '../domain/attribution.ts';
import { agentId, sessionId, turnId } from '../domain/ids.ts';
import { type Row, toUsage } from './columns.ts';

/** Where an entry was moved last. */
export interface Move {
  readonly step: number;
  readonly attributionId: number;
}

/** Where each entry that was moved counts now, by its id; other rows are left out. */
export function movesOf(rows: readonly Row[]): Map<string, Move> {
  const moves = new Map<string, Move>();
  for (const row of rows) {
    const match = /^relabel:(.*):(\d+)\+$/s.exec(String(row.entry_id));
    if (!match) continue;
    const step = Number(match[2]);
    const known = moves.get(match[1] ?? '');
    if (known && known.step > step) continue;
    moves.set(match[1] ?? '', { step, attributionId: Number(row.attribution_id) });
  }
  return moves;
}

export function toLine(
  row: Row,
  attribution: Attribution,
  recordedAttribution: Attribution,
): LedgerLine {
  return {
    entryId: String(row.entry_id),
    kind: row.kind === 'usage' ? 'usage' : 'correction',
    reason: row.reason === null ? null : String(row.reason),
    sessionId: sessionId(String(row.session_id)),
    agentId: row.agent_id === null ? null : agentId(String(row.agent_id)),
    turnId: row.turn_id === null ? null : turnId(String(row.turn_id)),
    occurredAt: Number(row.occurred_at_ms),
    usage: toUsage(row),
    costNanoUsd: Number(row.cost_nano_usd),
    provenance: row.provenance as LedgerLine['provenance'],
    attribution,
    recordedAttribution,
  };
}
