// What a machine knows of its team. Rule: a lease that is written puts the sum of its pool where the lease was given, so that what is spent from there on
// is counted like any pool.
import { statSync } from 'node:fs';
import type { Provenance } from '../../domain/entry.ts';
import { LONGEST_CLAIM_MS, sharePoolKey } from '../../domain/team-share.ts';
import { bootId } from '../../runtime/processes.ts';
import { type Row, toAttribution, toUsage } from '../columns.ts';
import type { TeamEntry, TeamState } from '../team-store.ts';
import type { HeldLease, LeaseAsk, TeamKnowledge, TeamOperations } from '../teaming.ts';
import type { Connection } from './connection.ts';

const READ_ENTRIES = `SELECT entry.*, session.session_id, session.started_at_ms, attribution.*
  FROM entry JOIN session USING (session_key) JOIN attribution USING (attribution_id)
  WHERE seq > ? ORDER BY seq LIMIT ?`;

const PUT_LEASE = `INSERT OR REPLACE INTO team_lease (share_key, pool_key, start_at_ms, end_at_ms, expires_at_ms, spent_nano_usd,
  outstanding_nano_usd, through_seq, renewal, state, ceiling_nano_usd, committed_nano_usd, holder, answered_at_ms)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;

const NEW_ID = 'lower(hex(randomblob(16)))';

/** A question keeps its name until it was answered, also where more is needed by now: the answer to the first may be on its way. */
const PUT_ASK = `INSERT INTO team_ask (share_key, ask_id, budget_id, labels, session_id, want_nano_usd, need_nano_usd, asked_at_ms)
  VALUES (?, ${NEW_ID}, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (share_key) DO UPDATE SET want_nano_usd = excluded.want_nano_usd, need_nano_usd = excluded.need_nano_usd,
    asked_at_ms = excluded.asked_at_ms
  WHERE excluded.need_nano_usd > team_ask.need_nano_usd`;

export const teamRepository = (db: Connection, path: string): TeamOperations => ({
  ...knowledgeOf(db),
  ...leasesOf(db, path),
  becomeTeamWorker: (owner, until, now) =>
    db.run(
      `UPDATE team SET worker = ?, worker_until_ms = ?
       WHERE worker IS NULL OR worker = ? OR worker_until_ms <= ? OR worker_until_ms > ?`,
      [owner, until, owner, now, now + LONGEST_CLAIM_MS],
    ) === 1,
  endTeamWorker: (owner) => {
    db.run('UPDATE team SET worker = NULL, worker_until_ms = 0 WHERE worker = ?', [owner]);
  },
});

const knowledgeOf = (db: Connection) =>
  ({
    readTeam: () => {
      const row = db.get('SELECT * FROM team', []);
      return row === undefined ? null : toKnowledge(row);
    },
    enterTeam: () => {
      forget(db);
      db.run('INSERT INTO team (id, through_seq) SELECT 1, coalesce(max(seq), 0) FROM entry', []);
    },
    forgetTeam: () => forget(db),
    writeTeamState: (state, at) => {
      db.run(
        'UPDATE team SET state = ?, pulled_at_ms = ?, offset_ms = ?, unreachable_since_ms = NULL, refusal = NULL',
        [JSON.stringify(state), at, state.now - at],
      );
    },
    writeTeamTrouble: ({ unreachableSince, refusal }) => {
      if (unreachableSince !== undefined) {
        db.run('UPDATE team SET unreachable_since_ms = coalesce(unreachable_since_ms, ?)', [
          unreachableSince,
        ]);
      }
      if (refusal !== undefined) db.run('UPDATE team SET refusal = ?', [refusal]);
    },
    readTeamEntries: (after, limit) => {
      const rows = db.all(READ_ENTRIES, [after, limit]);
      return {
        // What was imported is of machines that speak for themselves.
        entries: rows.filter((row) => row.started_at_ms !== 0).map(toEntry),
        through: Number(rows.at(-1)?.seq ?? after),
      };
    },
    writeTeamPosition: (throughSeq) => {
      db.run('UPDATE team SET through_seq = ?, sending_offset_ms = NULL', [throughSeq]);
    },
    writeSendingOffset: (offsetMs) => {
      db.run('UPDATE team SET sending_offset_ms = ?', [offsetMs]);
    },
    resendTeamEntries: (from) => {
      db.run(
        `UPDATE team SET through_seq = min(through_seq,
           coalesce((SELECT min(seq) - 1 FROM entry WHERE occurred_at_ms >= ?), through_seq))`,
        [from],
      );
    },
  }) satisfies Partial<TeamOperations>;

/** Also what an earlier membership held: it is nobody's of the next one. */
function forget(db: Connection): void {
  for (const table of ['team', 'team_lease', 'team_ask']) db.run(`DELETE FROM ${table}`, []);
}

const leasesOf = (db: Connection, path: string) =>
  ({
    readHeldLease: (shareKey) => {
      const row = db.get('SELECT * FROM team_lease WHERE share_key = ?', [shareKey]);
      return row === undefined ? null : toLease(row);
    },
    readHeldLeases: () => db.all('SELECT * FROM team_lease ORDER BY share_key', []).map(toLease),
    writeHeldLease: (lease) => {
      db.run(PUT_LEASE, [
        ...[lease.shareKey, lease.poolKey, lease.startAt, lease.endAt, lease.expiresAt],
        ...[lease.spentNanoUsd, lease.outstandingNanoUsd, lease.throughSeq, lease.renewal],
        ...[lease.state, lease.ceilingNanoUsd, lease.committedNanoUsd, lease.holder],
        lease.answeredAt,
      ]);
      db.run(
        'INSERT OR REPLACE INTO pool (pool_key, through_seq, posted_nano_usd) VALUES (?, ?, ?)',
        [sharePoolKey(lease), lease.throughSeq, lease.spentNanoUsd],
      );
    },
    readHolder: () => `${bootId() ?? ''}:${inodeOf(path)}`,
    askLease: ({ shareKey, budgetId, labels, sessionId, wantNanoUsd, needNanoUsd, askedAt }) =>
      db.run(PUT_ASK, [
        ...[
          shareKey,
          budgetId,
          JSON.stringify(labels),
          sessionId,
          wantNanoUsd,
          needNanoUsd,
          askedAt,
        ],
      ]) === 1,
    readLeaseAsks: () => db.all('SELECT * FROM team_ask ORDER BY asked_at_ms', []).map(toAsk),
    removeLeaseAsk: (askId, metNanoUsd) => {
      db.run('DELETE FROM team_ask WHERE ask_id = ? AND need_nano_usd <= ?', [askId, metNanoUsd]);
      db.run(`UPDATE team_ask SET ask_id = ${NEW_ID} WHERE ask_id = ?`, [askId]);
    },
  }) satisfies Partial<TeamOperations>;

const inodeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.ino ?? 0;

const toKnowledge = (row: Row): TeamKnowledge => ({
  state: row.state === null ? null : (JSON.parse(String(row.state)) as TeamState),
  pulledAt: Number(row.pulled_at_ms),
  offsetMs: Number(row.offset_ms),
  throughSeq: Number(row.through_seq),
  sendingOffsetMs: row.sending_offset_ms === null ? null : Number(row.sending_offset_ms),
  unreachableSince: row.unreachable_since_ms === null ? null : Number(row.unreachable_since_ms),
  refusal: row.refusal === null ? null : String(row.refusal),
  workerUntil: Number(row.worker_until_ms),
});

const toLease = (row: Row): HeldLease => ({
  shareKey: String(row.share_key),
  poolKey: String(row.pool_key),
  startAt: Number(row.start_at_ms),
  endAt: Number(row.end_at_ms),
  expiresAt: Number(row.expires_at_ms),
  spentNanoUsd: Number(row.spent_nano_usd),
  outstandingNanoUsd: Number(row.outstanding_nano_usd),
  throughSeq: Number(row.through_seq),
  renewal: Number(row.renewal),
  state: row.state as HeldLease['state'],
  ceilingNanoUsd: Number(row.ceiling_nano_usd),
  committedNanoUsd: Number(row.committed_nano_usd),
  holder: String(row.holder),
  answeredAt: Number(row.answered_at_ms),
});

const toAsk = (row: Row): LeaseAsk => ({
  shareKey: String(row.share_key),
  budgetId: String(row.budget_id),
  labels: JSON.parse(String(row.labels)) as Record<string, string>,
  sessionId: String(row.session_id),
  wantNanoUsd: Number(row.want_nano_usd),
  needNanoUsd: Number(row.need_nano_usd),
  askedAt: Number(row.asked_at_ms),
  askId: String(row.ask_id),
});

const toEntry = (row: Row): TeamEntry => ({
  entryId: String(row.entry_id),
  reason: row.kind === 'usage' ? null : String(row.reason),
  sessionId: String(row.session_id),
  agentId: row.agent_id === null ? null : String(row.agent_id),
  turnId: row.turn_id === null ? null : String(row.turn_id),
  occurredAt: Number(row.occurred_at_ms),
  recordedAt: Number(row.recorded_at_ms),
  usage: toUsage(row),
  costNanoUsd: Number(row.cost_nano_usd),
  requestCount: Number(row.request_count),
  provenance: row.provenance as Provenance,
  unknownModelCount: Number(row.unknown_model),
  isInterrupted: Number(row.interrupted) === 1,
  responseKey: row.response_key === null ? null : Number(row.response_key),
  attribution: toAttribution(row),
});
