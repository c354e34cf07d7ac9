// The tables that the first ledger had. Rule: never edited; what came later is in `migrations.ts`.

export const V1 = `
CREATE TABLE session (
  session_key INTEGER PRIMARY KEY,
  session_id TEXT NOT NULL UNIQUE,
  transcript_path TEXT,
  cwd TEXT,
  started_at_ms INTEGER NOT NULL,
  last_seen_at_ms INTEGER NOT NULL,
  repository TEXT,
  branch TEXT,
  developer TEXT,
  parent_session_id TEXT,
  forked_at_ms INTEGER,
  inherited_nano_usd INTEGER NOT NULL DEFAULT 0,
  client_total_nano_usd INTEGER,
  client_total_until_ms INTEGER,
  ended_at_ms INTEGER,
  client_pid INTEGER
) STRICT;
CREATE INDEX session_by_last_seen ON session (last_seen_at_ms DESC);

CREATE TABLE attribution (
  attribution_id INTEGER PRIMARY KEY,
  fingerprint TEXT NOT NULL UNIQUE,
  repository TEXT, sub_path TEXT, worktree TEXT, branch TEXT, developer TEXT, client TEXT,
  cost_centre TEXT, ticket TEXT, pull_request TEXT, model TEXT, agent_type TEXT, skill TEXT,
  plugin TEXT, mcp_server TEXT, tool TEXT, labels TEXT
) STRICT;

CREATE TABLE entry (
  seq INTEGER PRIMARY KEY,
  entry_id TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL CHECK (kind IN ('usage', 'correction')),
  reason TEXT,
  session_key INTEGER NOT NULL REFERENCES session (session_key),
  agent_id TEXT,
  turn_id TEXT,
  attribution_id INTEGER NOT NULL REFERENCES attribution (attribution_id),
  occurred_at_ms INTEGER NOT NULL,
  recorded_at_ms INTEGER NOT NULL,
  input_tokens INTEGER NOT NULL,
  output_tokens INTEGER NOT NULL,
  cache_read_tokens INTEGER NOT NULL,
  cache_write_5m_tokens INTEGER NOT NULL,
  cache_write_1h_tokens INTEGER NOT NULL,
  web_search_count INTEGER NOT NULL,
  cost_nano_usd INTEGER NOT NULL,
  -- Lists of three would be made anew, as a table each, for every line that is written.
  request_count INTEGER NOT NULL CHECK (request_count BETWEEN -1 AND 1),
  provenance TEXT NOT NULL
    CHECK (provenance = 'metered' OR provenance = 'client-settled' OR provenance = 'estimated'),
  unknown_model INTEGER NOT NULL CHECK (unknown_model BETWEEN -1 AND 1),
  interrupted INTEGER NOT NULL CHECK (interrupted IN (0, 1)),
  CHECK (kind <> 'usage' OR (cost_nano_usd >= 0 AND request_count = 1 AND unknown_model >= 0))
) STRICT;
CREATE INDEX entry_by_session ON entry (session_key, seq);
CREATE INDEX entry_by_time ON entry (occurred_at_ms);
CREATE TRIGGER entry_is_never_changed BEFORE UPDATE ON entry
  BEGIN SELECT RAISE(ABORT, 'entries are append-only'); END;
CREATE TRIGGER entry_is_never_deleted BEFORE DELETE ON entry
  BEGIN SELECT RAISE(ABORT, 'entries are append-only'); END;

-- Sums of entries by quarter of an hour (every time zone starts its days on one), kept with each entry.
CREATE TABLE rollup (
  session_key INTEGER NOT NULL,
  bucket_at_ms INTEGER NOT NULL CHECK (bucket_at_ms % 900000 = 0),
  attribution_id INTEGER NOT NULL,
  provenance TEXT NOT NULL,
  request_count INTEGER NOT NULL,
  unknown_count INTEGER NOT NULL,
  input_tokens INTEGER NOT NULL,
  output_tokens INTEGER NOT NULL,
  cache_read_tokens INTEGER NOT NULL,
  cache_write_5m_tokens INTEGER NOT NULL,
  cache_write_1h_tokens INTEGER NOT NULL,
  web_search_count INTEGER NOT NULL,
  cost_nano_usd INTEGER NOT NULL,
  first_at_ms INTEGER NOT NULL,
  last_at_ms INTEGER NOT NULL,
  PRIMARY KEY (session_key, bucket_at_ms, attribution_id, provenance)
) STRICT, WITHOUT ROWID;
CREATE INDEX rollup_by_time ON rollup (bucket_at_ms);

CREATE TABLE checkpoint (
  path TEXT PRIMARY KEY,
  inode INTEGER NOT NULL,
  byte_offset INTEGER NOT NULL,
  carry TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE thread (
  session_key INTEGER NOT NULL,
  agent_id TEXT NOT NULL,
  agent_type TEXT,
  model TEXT NOT NULL,
  context_tokens INTEGER NOT NULL,
  last_output_tokens INTEGER NOT NULL,
  cache_lifetime TEXT NOT NULL CHECK (cache_lifetime IN ('5m', '1h')),
  last_request_at_ms INTEGER NOT NULL,
  last_request_id TEXT NOT NULL,
  turn_id TEXT,
  tool_use_ids TEXT NOT NULL,
  PRIMARY KEY (session_key, agent_id)
) STRICT, WITHOUT ROWID;

-- What a pool has posted, up to an entry: only newer entries are ever added up again.
CREATE TABLE pool (
  pool_key TEXT PRIMARY KEY,
  through_seq INTEGER NOT NULL,
  posted_nano_usd INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE reservation (
  session_key INTEGER NOT NULL,
  agent_id TEXT NOT NULL,
  attribution_id INTEGER NOT NULL,
  turn_id TEXT,
  amount_nano_usd INTEGER NOT NULL CHECK (amount_nano_usd >= 0),
  made_at_ms INTEGER NOT NULL,
  expires_at_ms INTEGER NOT NULL,
  PRIMARY KEY (session_key, agent_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE grant_line (
  grant_id TEXT PRIMARY KEY,
  budget_id TEXT NOT NULL,
  pool_key TEXT NOT NULL,
  amount_nano_usd INTEGER NOT NULL,
  reason TEXT,
  author TEXT NOT NULL,
  granted_at_ms INTEGER NOT NULL,
  expires_at_ms INTEGER
) STRICT;
CREATE INDEX grant_by_pool ON grant_line (pool_key);
CREATE TRIGGER grant_is_never_changed BEFORE UPDATE ON grant_line
  BEGIN SELECT RAISE(ABORT, 'grants are append-only'); END;
CREATE TRIGGER grant_is_never_deleted BEFORE DELETE ON grant_line
  BEGIN SELECT RAISE(ABORT, 'grants are append-only'); END;

CREATE TABLE latch (
  session_id TEXT PRIMARY KEY,
  budget_id TEXT NOT NULL,
  window_key TEXT NOT NULL,
  code TEXT NOT NULL,
  halted_at_ms INTEGER NOT NULL,
  ceiling_nano_usd INTEGER,
  spend_nano_usd INTEGER NOT NULL,
  reason TEXT
) STRICT, WITHOUT ROWID;

CREATE TABLE announcement (
  pool_key TEXT NOT NULL,
  stage TEXT NOT NULL CHECK (stage IN ('soft', 'wrapUp', 'hard')),
  announced_at_ms INTEGER NOT NULL,
  PRIMARY KEY (pool_key, stage)
) STRICT, WITHOUT ROWID;

CREATE TABLE decision (
  decision_seq INTEGER PRIMARY KEY,
  decided_at_ms INTEGER NOT NULL,
  session_id TEXT NOT NULL,
  moment TEXT NOT NULL,
  verdict TEXT NOT NULL
) STRICT;
CREATE INDEX decision_by_session ON decision (session_id, decision_seq);

CREATE TABLE period_window (
  period_key TEXT NOT NULL,
  start_at_ms INTEGER NOT NULL,
  end_at_ms INTEGER NOT NULL,
  label TEXT NOT NULL,
  PRIMARY KEY (period_key, start_at_ms)
) STRICT, WITHOUT ROWID;

CREATE TABLE history (
  owner TEXT NOT NULL,
  bucket INTEGER NOT NULL,
  request_count INTEGER NOT NULL,
  PRIMARY KEY (owner, bucket)
) STRICT, WITHOUT ROWID;
`;
