// What the ledger says to other machines, and the machines that it knows. Rule: of a request's lines each says what the request came to then, so
// that whoever knows the request already takes over the difference alone.
import type { CorrectionEntry, Provenance, UsageEntry } from '../../domain/entry.ts';
import { agentId, entryId, requestId, sessionId, turnId } from '../../domain/ids.ts';
import { type Row, toAttribution, toUsage } from '../columns.ts';
import type { ExchangeLine, ExchangeOperations, Machine } from '../exchange.ts';
import type { Connection } from './connection.ts';
import { relabelEntry } from './relabel.ts';

const READ_ENTRIES = `SELECT entry.*, session.session_id, attribution.*
  FROM entry JOIN session USING (session_key) JOIN attribution USING (attribution_id)
  WHERE seq > ? ORDER BY seq LIMIT ?`;

/** A request and what was corrected of it up to an entry; see \`entries.ts\`. */
const READ_REQUEST_THEN = `SELECT sum(input_tokens) AS input_tokens, sum(output_tokens) AS output_tokens,
  sum(cache_read_tokens) AS cache_read_tokens, sum(cache_write_5m_tokens) AS cache_write_5m_tokens,
  sum(cache_write_1h_tokens) AS cache_write_1h_tokens, sum(web_search_count) AS web_search_count,
  sum(cost_nano_usd) AS cost_nano_usd, max(provenance = 'metered') AS is_metered,
  sum(unknown_model) AS unknown_model FROM entry
  WHERE seq <= ? AND (entry_id = ? OR (entry_id > ? || '+' AND entry_id < ? || ',')
    OR entry_id IN ('reprice:' || ? || '-', 'reprice:' || ? || '+'))`;

export const exchangeRepository = (db: Connection): ExchangeOperations => ({
  readExchangeLines: (after, limit) => {
    const rows = db.all(READ_ENTRIES, [after, limit]);
    return {
      lines: rows.flatMap((row) => lineOf(row, db) ?? []),
      through: rows.length < limit ? null : Number(rows.at(-1)?.seq),
    };
  },
  relabelEntry: (id, to, at) => relabelEntry(id, to, at, db),
  readMachines: () => db.all('SELECT * FROM machine ORDER BY machine_id', []).map(toMachine),
  writeMachine: (machine) => {
    const { machineId, publicKey, name, developer, lineCount, head, madeAt } = machine;
    db.run('INSERT OR REPLACE INTO machine VALUES (?, ?, ?, ?, ?, ?, ?)', [
      ...[machineId, publicKey, name, developer, lineCount, head, madeAt],
    ]);
  },
  readSessionMachine: (id) => {
    const row = db.get('SELECT machine_id FROM imported_session WHERE session_id = ?', [id]);
    return row === undefined ? null : String(row.machine_id);
  },
  writeSessionMachine: (id, machineId) => {
    db.run('INSERT INTO imported_session VALUES (?, ?) ON CONFLICT DO NOTHING', [id, machineId]);
  },
});

/** `null`: it says nothing that another line does not say. */
function lineOf(row: Row, db: Connection): ExchangeLine | null {
  const id = String(row.entry_id);
  if (row.kind === 'usage') {
    return { kind: 'usage', entry: usageEntry(id, row, row, db), isRepriced: false };
  }
  switch (row.reason) {
    case 'relabelled': {
      const entry = /^relabel:(.*):\d+\+$/s.exec(id)?.[1];
      return entry === undefined
        ? null
        : { kind: 'relabel', entryId: entry, attribution: toAttribution(row) };
    }
    case 'repriced':
    case 'grown': {
      const grown = row.reason === 'grown';
      const request = (grown ? /^(.*)\+\d+$/s : /^reprice:(.*)\+$/s).exec(id)?.[1];
      if (request === undefined) return null;
      const then = db.get(READ_REQUEST_THEN, [
        Number(row.seq),
        ...Array.from({ length: 5 }, () => request),
      ]);
      // What was a guess is taken back by a line of its own, and between the two the request has no cost.
      if (then === undefined || Number(then.cost_nano_usd) < 0) return null;
      return { kind: 'usage', entry: usageEntry(request, row, then, db), isRepriced: !grown };
    }
    default:
      return { kind: 'correction', entry: correctionEntry(id, row) };
  }
}

const baseOf = (id: string, row: Row) => ({
  entryId: entryId(id),
  sessionId: sessionId(String(row.session_id)),
  agentId: row.agent_id === null ? null : agentId(String(row.agent_id)),
  turnId: row.turn_id === null ? null : turnId(String(row.turn_id)),
  occurredAt: Number(row.occurred_at_ms),
  recordedAt: Number(row.recorded_at_ms),
  attribution: toAttribution(row),
});

/** `sums`: what it came to. */
function usageEntry(id: string, row: Row, sums: Row, db: Connection): UsageEntry {
  const own = sums === row ? row : db.get('SELECT * FROM entry WHERE entry_id = ?', [id]);
  const isMetered = sums === row ? row.provenance === 'metered' : Number(sums.is_metered) === 1;
  return {
    ...baseOf(id, row),
    kind: 'usage',
    requestId: requestId(id),
    responseKey: typeof own?.response_key === 'number' ? own.response_key : null,
    usage: toUsage(sums),
    costNanoUsd: Number(sums.cost_nano_usd),
    provenance: isMetered ? 'metered' : 'estimated',
    flags: {
      unknownModel: Number(sums.unknown_model) > 0,
      interrupted: Number(own?.interrupted) === 1,
    },
  };
}

const correctionEntry = (id: string, row: Row): CorrectionEntry => ({
  ...baseOf(id, row),
  kind: 'correction',
  reason: String(row.reason),
  usage: toUsage(row),
  costNanoUsd: Number(row.cost_nano_usd),
  provenance: row.provenance as Provenance,
});

const toMachine = (row: Row): Machine => ({
  machineId: String(row.machine_id),
  publicKey: String(row.public_key),
  name: String(row.name),
  developer: row.developer === null ? null : String(row.developer),
  lineCount: Number(row.line_count),
  head: String(row.head),
  madeAt: Number(row.made_at_ms),
});
