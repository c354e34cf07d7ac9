// A ledger of a million entries, as three years of five people leave one behind. Written in bulk, but through
// the product's own tables: the sums are made from the lines, as the product keeps them.
import Database from 'better-sqlite3';
import { NO_ATTRIBUTION } from '../../src/domain/attribution.ts';
import { openSqliteStore } from '../../src/stores/sqlite/sqlite.ts';

/** What the ledger must add up to. */
export interface LargeLedger {
  readonly entryCount: number;
  readonly costNanoUsd: number;
}

/** How the entries are spread; absent: 400 to a session, 20 to a turn, three years. */
export interface Shape {
  readonly perSession?: number;
  readonly perTurn?: number;
  readonly spanDays?: number;
}

const QUARTER_MS = 900_000;
const DAY_MS = 86_400_000;
const END = Date.UTC(2026, 10, 21, 12);

/** Fills a new ledger at `path`; the same every time. */
export function writeLargeLedger(
  path: string,
  entryCount = 1_000_000,
  { perSession = 400, perTurn = 20, spanDays }: Shape = {},
): LargeLedger {
  openSqliteStore(path).close();
  const db = new Database(path);
  db.pragma('synchronous = OFF');
  const sessionCount = Math.ceil(entryCount / perSession);
  const apartMs = spanDays === undefined ? 37_800_000 : (spanDays * DAY_MS) / sessionCount;
  const addSession = db.prepare(
    'INSERT INTO session (session_key, session_id, started_at_ms, last_seen_at_ms) VALUES (?, ?, ?, ?)',
  );
  const addEntry = db.prepare(`INSERT INTO entry (entry_id, kind, session_key, agent_id, turn_id,
    attribution_id, occurred_at_ms, recorded_at_ms, input_tokens, output_tokens, cache_read_tokens,
    cache_write_5m_tokens, cache_write_1h_tokens, web_search_count, cost_nano_usd, request_count,
    provenance, unknown_model, interrupted)
    VALUES (?, 'usage', ?, NULL, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0, ?, 1, ?, 0, 0)`);
  const attribute = attributionWriter(db);
  let costNanoUsd = 0;
  db.transaction(() => {
    for (let session = 0; session < sessionCount; session++) {
      const startedAt =
        Math.floor(END - (sessionCount - session) * apartMs) + ((session * 7_919) % 3_600_000);
      addSession.run(
        session + 1,
        `session-${String(session).padStart(6, '0')}`,
        startedAt,
        startedAt,
      );
      for (let step = 0; step < perSession && session * perSession + step < entryCount; step++) {
        const at = startedAt + step * 18_000;
        const cost = 1_000_000 + ((session * 31 + step * 17) % 90_000) * 1_001;
        costNanoUsd += cost;
        addEntry.run(
          `msg_${session}_${step}`,
          session + 1,
          `turn-${session}-${Math.floor(step / perTurn)}`,
          attribute(session, step),
          at,
          at,
          ...[3 + (step % 50), 200 + (step % 700), 20_000 + step * 100, 900 + (step % 300)],
          cost,
          step % 97 === 0 ? 'estimated' : 'metered',
        );
      }
    }
  })();
  db.exec(`INSERT INTO rollup SELECT session_key, occurred_at_ms / ${QUARTER_MS} * ${QUARTER_MS},
    attribution_id, provenance, sum(request_count), sum(unknown_model), sum(input_tokens),
    sum(output_tokens), sum(cache_read_tokens), sum(cache_write_5m_tokens),
    sum(cache_write_1h_tokens), sum(web_search_count), sum(cost_nano_usd), min(occurred_at_ms),
    max(occurred_at_ms) FROM entry GROUP BY 1, 2, 3, 4`);
  db.pragma('wal_checkpoint(TRUNCATE)');
  db.close();
  // As `tollgate sync` leaves a ledger.
  const store = openSqliteStore(path);
  while (store.immediately(store.refreshSums) > 0);
  store.close();
  return { entryCount, costNanoUsd };
}

const TOOLS = ['Bash', 'Read', 'Edit', 'Grep', 'Write', 'Task', 'WebFetch', null];
const MODELS = ['claude-opus-5-5', 'claude-sonnet-5-5', 'claude-haiku-4-5', 'claude-opus-4-6'];

function attributionWriter(db: Database.Database): (session: number, step: number) => number {
  const keys = Object.keys(NO_ATTRIBUTION);
  const columns = keys.map((key) => key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`));
  const add = db.prepare(
    `INSERT INTO attribution (fingerprint, ${columns.join(', ')}) VALUES (?, ${keys.map(() => '?').join(', ')})`,
  );
  const known = new Map<string, number>();
  return (session, step) => {
    const repository = session % 20;
    const labels = {
      ...NO_ATTRIBUTION,
      repository: `github.com/acme/repo-${repository}`,
      branch: session % 11 === 0 ? null : `feat/ABC-${Math.floor(session / 2)}`,
      developer: `dev${session % 5}@acme.example`,
      client: repository < 12 ? `client-${repository % 8}` : null,
      ticket: session % 11 === 0 ? null : `ABC-${Math.floor(session / 2)}`,
      model: MODELS[session % 5 === 0 ? step % 4 : session % 4] ?? null,
      agentType: step % 40 < 6 ? 'general-purpose' : null,
      tool: TOOLS[(step * 5) % TOOLS.length] ?? null,
      labels: `team=${session % 3}`,
    };
    const values = keys.map((key) => labels[key as keyof typeof labels]);
    const fingerprint = JSON.stringify(values);
    const found = known.get(fingerprint);
    if (found !== undefined) return found;
    const id = Number(add.run(fingerprint, ...values).lastInsertRowid);
    known.set(fingerprint, id);
    return id;
  };
}
