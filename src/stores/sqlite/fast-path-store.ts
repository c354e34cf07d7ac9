// The ledger for whoever records plain responses only: one look at how a session stands, and the writing of what came.
// Rule: the same lines, by the same statements, as the rooms of the whole ledger write; what they would have to think
// about is refused.
import type { PlainEvent, PlainStanding, PlainStore } from '../fast-path-store.ts';
import { toCarry } from './checkpoints.ts';
import { statementsOf, type Value } from './connection.ts';
import { closeDriver, type Driver, openKnown } from './driver.ts';
import { ADD_TO_ROLLUP } from './entries.ts';
import { readSince } from './entries-since.ts';
import { SETTLE_RESERVATIONS } from './reservations.ts';
import { bucketOf, type Row, threadValues, toThread } from './rows.ts';
import { WRITE_THREAD } from './sessions.ts';
import { tokenHistogramRepository } from './token-histograms.ts';
import { begin, commit, rollback } from './transaction.ts';
import { INSERT_METERED } from './write-batch.ts';

/** Who waits here may have to wait again for the whole ledger, and all of it must stay below the hook's deadline. */
const LOCK_PATIENCE_MS = 1_000;
const OPEN_PATIENCE_MS = 500;

const READ_STANDING = `SELECT thread.*, started_at_ms, last_seen_at_ms, repository, branch, client_pid,
  inherited_nano_usd, parent_session_id, client_total_nano_usd, inode, byte_offset, carry,
  EXISTS (SELECT 1 FROM latch JOIN json_each(?) ON session_id = value) AS is_halted
  FROM session JOIN thread ON thread.session_key = session.session_key AND agent_id = ''
  JOIN checkpoint ON path = ? WHERE session.session_id = ? AND started_at_ms > 0`;

const FIND_ATTRIBUTION = 'SELECT attribution_id FROM attribution WHERE fingerprint = ?';

const NOTE_SEEN = `UPDATE session SET transcript_path = ?, cwd = coalesce(cwd, ?), started_at_ms = ?,
  last_seen_at_ms = ?, repository = ?, branch = ?, developer = coalesce(?, developer),
  ended_at_ms = NULL, client_pid = ? WHERE session_key = ?`;

export interface PlainLedger {
  readonly store: PlainStore;
  /** Runs `work` alone. When it answers false, or throws, nothing of it remains. Throws what SQLite throws. */
  readonly attempt: (work: () => boolean) => boolean;
  readonly close: () => void;
}

/** Opens the ledger at `path`, which was there when the pass was given. Throws what SQLite throws. */
export function openPlainLedger(path: string): PlainLedger {
  const driver = openKnown(path, OPEN_PATIENCE_MS);
  const { get, all, run } = statementsOf(driver);
  const store: PlainStore = {
    ...tokenHistogramRepository({ all, run }),
    readSince: (end, now) => readSince({ get }, end, now),
    readStanding: (id, transcriptPath, chain) => {
      const row = get(READ_STANDING, [JSON.stringify(chain), transcriptPath, id]);
      return row ? toStanding(id, row) : null;
    },
    recordPlain: (event) => {
      if (!recordEntries(driver, event)) return false;
      const { sessionKey, transcriptPath, thread, session, entries } = event;
      if (entries.length > 0) run(WRITE_THREAD, threadValues(sessionKey, thread));
      run(NOTE_SEEN, [
        ...[transcriptPath, event.cwd, session.startedAt, session.lastSeenAt, session.repository],
        ...[session.branch, session.developer, session.hostPid, sessionKey],
      ]);
      run('UPDATE checkpoint SET byte_offset = ? WHERE path = ?', [event.offset, transcriptPath]);
      run(SETTLE_RESERVATIONS, [sessionKey]);
      return true;
    },
  };
  return {
    store,
    attempt: (work) => {
      let isWritten = false;
      try {
        begin(driver, LOCK_PATIENCE_MS);
        if (work()) {
          commit(driver);
          isWritten = true;
        }
      } finally {
        if (!isWritten) rollback(driver);
      }
      return isWritten;
    },
    close: () => closeDriver(driver, path),
  };
}

/** False where one is known already, or its labels are not. */
function recordEntries(driver: Driver, event: PlainEvent): boolean {
  if (event.entries.length === 0) return true;
  const insert = driver.prepare<Value[]>(INSERT_METERED);
  const add = driver.prepare<Value[]>(ADD_TO_ROLLUP);
  const find = driver.prepare<[string]>(FIND_ATTRIBUTION);
  const known = new Map<string, number>();
  for (const entry of event.entries) {
    const fingerprint = JSON.stringify(entry.labels);
    let labels = known.get(fingerprint);
    if (labels === undefined) {
      labels = (find.get(fingerprint) as { attribution_id: number } | undefined)?.attribution_id;
      if (labels === undefined) return false;
      known.set(fingerprint, labels);
    }
    const { occurredAt, inputTokens, outputTokens, cacheReadTokens, costNanoUsd } = entry;
    const { cacheWrite5mTokens, cacheWrite1hTokens } = entry;
    const { changes } = insert.run(
      ...[entry.id, event.sessionKey, null, event.turnId, labels, occurredAt, event.now],
      ...[inputTokens, outputTokens, cacheReadTokens, cacheWrite5mTokens, cacheWrite1hTokens],
      ...[0, costNanoUsd],
    );
    if (changes !== 1) return false;
    add.run(
      ...[
        event.sessionKey,
        bucketOf(occurredAt),
        labels,
        'metered',
        1,
        0,
        inputTokens,
        outputTokens,
      ],
      ...[cacheReadTokens, cacheWrite5mTokens, cacheWrite1hTokens, 0, costNanoUsd],
      ...[occurredAt, occurredAt],
    );
  }
  return true;
}

function toStanding(id: string, row: Row): PlainStanding {
  const pid = row.client_pid;
  return {
    sessionKey: Number(row.session_key),
    session: {
      startedAt: Number(row.started_at_ms),
      lastSeenAt: Number(row.last_seen_at_ms),
      repository: row.repository as string | null,
      branch: row.branch as string | null,
      hostPid: pid as number | null,
      inheritedNanoUsd: Number(row.inherited_nano_usd),
    },
    thread: toThread(id as PlainStanding['thread']['sessionId'], row),
    checkpoint: {
      inode: Number(row.inode),
      offset: Number(row.byte_offset),
      carry: toCarry(row),
    },
    isPlain: row.parent_session_id === null && row.client_total_nano_usd === null,
    isHalted: row.is_halted !== 0,
  };
}
