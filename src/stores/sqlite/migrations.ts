// The ledger's tables, as a list of steps that only grows. Rule: forward only; `user_version` counts the
// steps taken; entries are append-only, and the database itself refuses to change them.
import { V1 } from './first-tables.ts';
import { V15 } from './team-tables.ts';

const SUMS = `request_count INTEGER NOT NULL, unknown_count INTEGER NOT NULL,
  input_tokens INTEGER NOT NULL, output_tokens INTEGER NOT NULL, cache_read_tokens INTEGER NOT NULL,
  cache_write_5m_tokens INTEGER NOT NULL, cache_write_1h_tokens INTEGER NOT NULL,
  web_search_count INTEGER NOT NULL, cost_nano_usd INTEGER NOT NULL,
  first_at_ms INTEGER NOT NULL, last_at_ms INTEGER NOT NULL`;

/** Sums that reports keep for themselves, up to an entry; they can be thrown away at any time. */
const V2 = `
CREATE TABLE report_state (
  name TEXT PRIMARY KEY,
  time_zone TEXT NOT NULL,
  through_seq INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE report_day (
  session_key INTEGER NOT NULL, day INTEGER NOT NULL, attribution_id INTEGER NOT NULL,
  provenance TEXT NOT NULL, ${SUMS},
  PRIMARY KEY (session_key, day, attribution_id, provenance)
) STRICT, WITHOUT ROWID;
CREATE TABLE report_quarter (
  bucket_at_ms INTEGER PRIMARY KEY, ${SUMS}
) STRICT;
CREATE TABLE report_turn (
  session_key INTEGER NOT NULL, turn_id TEXT NOT NULL, ${SUMS},
  PRIMARY KEY (session_key, turn_id)
) STRICT, WITHOUT ROWID;
`;

/** Sessions that go on from one another, runs, and quick ways to what subagents have cost. */
const V3 = `
CREATE TABLE session_link (
  session_id TEXT PRIMARY KEY,
  previous_id TEXT NOT NULL,
  reason TEXT NOT NULL CHECK (reason IN ('clear', 'run'))
) STRICT, WITHOUT ROWID;
CREATE TABLE run_session (
  run_id TEXT NOT NULL,
  session_id TEXT NOT NULL,
  joined_at_ms INTEGER NOT NULL,
  PRIMARY KEY (run_id, session_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX thread_by_kind ON thread (agent_type, last_request_at_ms) WHERE agent_id <> '';
CREATE INDEX entry_by_agent ON entry (session_key, agent_id, seq) WHERE agent_id IS NOT NULL;
`;

/** The client's own totals, one per place in a transcript; entries from `until_ms` on come after it. */
const V4 = `
CREATE TABLE client_total (
  session_key INTEGER NOT NULL,
  ordinal INTEGER NOT NULL CHECK (ordinal > 0),
  total_nano_usd INTEGER NOT NULL,
  until_ms INTEGER,
  is_live INTEGER NOT NULL CHECK (is_live IN (0, 1)),
  PRIMARY KEY (session_key, ordinal)
) STRICT, WITHOUT ROWID;
CREATE INDEX session_by_parent ON session (parent_session_id) WHERE parent_session_id IS NOT NULL;
`;

/** What reports keep, anew: lines as columns, in chunks that follow one another; they can be thrown away. */
const V5 = `
DROP TABLE report_state;
DROP TABLE report_day;
DROP TABLE report_quarter;
DROP TABLE report_turn;
CREATE TABLE report_chunk (
  first_seq INTEGER PRIMARY KEY,
  through_seq INTEGER NOT NULL,
  line_count INTEGER NOT NULL,
  first_at_ms INTEGER NOT NULL,
  last_at_ms INTEGER NOT NULL
) STRICT;
CREATE TABLE report_column (
  first_seq INTEGER NOT NULL,
  name TEXT NOT NULL,
  bytes BLOB NOT NULL,
  PRIMARY KEY (first_seq, name)
) STRICT, WITHOUT ROWID;
CREATE TABLE report_label (
  name TEXT NOT NULL,
  first_id INTEGER NOT NULL,
  through_id INTEGER NOT NULL,
  places BLOB NOT NULL,
  texts BLOB NOT NULL,
  PRIMARY KEY (name, first_id)
) STRICT, WITHOUT ROWID;
`;

/** What tells responses apart that share an id, and a quick way to requests whose model had no price. */
const V6 = `
ALTER TABLE entry ADD COLUMN response_key INTEGER;
CREATE INDEX entry_by_unknown_model ON entry (session_key, seq)
  WHERE kind = 'usage' AND unknown_model = 1;
`;

/**
 * The outbox of alerts. An alert is written once; its deliveries, one for each channel, are claimed by one sender at a time. Keys of
 * alerts that may come again are taken away.
 */
const V7 = `
CREATE TABLE alert (
  alert_seq INTEGER PRIMARY KEY,
  alert_id TEXT NOT NULL UNIQUE,
  once_key TEXT UNIQUE,
  session_id TEXT,
  alert TEXT NOT NULL,
  raised_at_ms INTEGER NOT NULL,
  dispatched_at_ms INTEGER,
  acknowledged_at_ms INTEGER
) STRICT;
CREATE INDEX alert_to_dispatch ON alert (alert_seq) WHERE dispatched_at_ms IS NULL;
CREATE TABLE delivery (
  delivery_id TEXT PRIMARY KEY,
  channel TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('pending', 'sent', 'expired')),
  made_at_ms INTEGER NOT NULL,
  next_at_ms INTEGER NOT NULL,
  attempt_count INTEGER NOT NULL DEFAULT 0,
  claimed_by TEXT,
  claimed_until_ms INTEGER,
  error TEXT,
  finished_at_ms INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX delivery_pending ON delivery (next_at_ms) WHERE state = 'pending';
CREATE INDEX delivery_by_channel ON delivery (channel, made_at_ms);
CREATE TABLE delivery_alert (
  delivery_id TEXT NOT NULL REFERENCES delivery (delivery_id),
  alert_seq INTEGER NOT NULL REFERENCES alert (alert_seq),
  PRIMARY KEY (delivery_id, alert_seq)
) STRICT, WITHOUT ROWID;
CREATE TABLE alert_sender (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  owner TEXT NOT NULL,
  until_ms INTEGER NOT NULL
) STRICT;
`;

/** What configuration files say as far as it counts, what is in force by them, and what sessions began under. */
const V8 = `
CREATE TABLE held_file (
  file TEXT PRIMARY KEY,
  kind TEXT NOT NULL,
  settings TEXT NOT NULL,
  confirmed_at_ms INTEGER NOT NULL,
  accepted_by TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE config_in_force (
  place TEXT PRIMARY KEY,
  fingerprint TEXT NOT NULL,
  answer TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE session_file (
  session_id TEXT NOT NULL,
  file TEXT NOT NULL,
  PRIMARY KEY (session_id, file)
) STRICT, WITHOUT ROWID;
CREATE TABLE session_start (
  session_id TEXT PRIMARY KEY,
  labels TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE pool_session (
  scope_key TEXT NOT NULL,
  session_key INTEGER NOT NULL,
  PRIMARY KEY (scope_key, session_key)
) STRICT, WITHOUT ROWID;
`;

/** What circuit breakers remember of threads, and subagents that were given another model. */
const V9 = `
CREATE TABLE activity (
  session_id TEXT NOT NULL,
  agent_id TEXT NOT NULL,
  activity TEXT NOT NULL,
  PRIMARY KEY (session_id, agent_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE rerouting (
  tool_use_id TEXT PRIMARY KEY,
  session_id TEXT NOT NULL,
  rerouted_at_ms INTEGER NOT NULL,
  agent_type TEXT NOT NULL,
  rule TEXT NOT NULL,
  asked_model TEXT NOT NULL,
  given_model TEXT NOT NULL,
  agent_id TEXT,
  request_count INTEGER,
  spent_nano_usd INTEGER,
  asked_nano_usd INTEGER,
  settled_at_ms INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX rerouting_by_session ON rerouting (session_id);
CREATE INDEX rerouting_by_time ON rerouting (rerouted_at_ms);
`;

/** Statements that were issued to clients. */
const V10 = `
CREATE TABLE statement (
  statement_seq INTEGER PRIMARY KEY,
  number TEXT NOT NULL UNIQUE,
  client TEXT NOT NULL,
  start_at_ms INTEGER NOT NULL,
  end_at_ms INTEGER NOT NULL CHECK (end_at_ms > start_at_ms),
  issued_at_ms INTEGER NOT NULL,
  series TEXT NOT NULL,
  document TEXT NOT NULL,
  digests TEXT NOT NULL
) STRICT;
CREATE TRIGGER statement_never_changes BEFORE UPDATE ON statement
BEGIN SELECT RAISE(ABORT, 'statements are never changed'); END;
CREATE TRIGGER statement_never_goes BEFORE DELETE ON statement
BEGIN SELECT RAISE(ABORT, 'statements are never deleted'); END;
`;

/** How far the ledger is in its seal; see `SealMark`. */
const V11 = `
CREATE TABLE seal_mark (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  ledger_id TEXT NOT NULL,
  seq INTEGER NOT NULL,
  head TEXT NOT NULL,
  through_seq INTEGER NOT NULL,
  entry_count INTEGER NOT NULL,
  cost_nano_usd INTEGER NOT NULL,
  is_stale INTEGER NOT NULL CHECK (is_stale IN (0, 1))
) STRICT;
INSERT INTO seal_mark VALUES (1, lower(hex(randomblob(16))), 0, '', 0, 0, 0, 0);
`;

/** Machines whose exports were imported, with their keys, and a quick way to sessions that only others have seen. */
const V12 = `
CREATE TABLE machine (
  machine_id TEXT PRIMARY KEY,
  public_key TEXT NOT NULL,
  name TEXT NOT NULL,
  developer TEXT,
  line_count INTEGER NOT NULL,
  head TEXT NOT NULL,
  made_at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE imported_session (
  session_id TEXT PRIMARY KEY,
  machine_id TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX session_of_others ON session (session_key) WHERE started_at_ms = 0;
`;

/** What Claude Code has said of the windows of a plan, and what of it could not be read. */
const V13 = `
CREATE TABLE plan_reading (
  reading_seq INTEGER PRIMARY KEY,
  plan_window TEXT NOT NULL,
  used_ppm INTEGER NOT NULL CHECK (used_ppm >= 0),
  resets_at_ms INTEGER NOT NULL,
  end_at_ms INTEGER NOT NULL,
  read_at_ms INTEGER NOT NULL,
  session_id TEXT NOT NULL,
  host_total_nano_usd INTEGER,
  spent_nano_usd INTEGER NOT NULL,
  full_nano_usd INTEGER CHECK (full_nano_usd > 0),
  error_ppm INTEGER,
  sample_count INTEGER
) STRICT;
CREATE INDEX plan_reading_by_window ON plan_reading (plan_window, reading_seq);
CREATE INDEX plan_reading_by_session ON plan_reading (session_id, plan_window, reading_seq);
CREATE TRIGGER plan_reading_never_changes BEFORE UPDATE ON plan_reading
BEGIN SELECT RAISE(ABORT, 'plan readings are append-only'); END;
CREATE TRIGGER plan_reading_never_goes BEFORE DELETE ON plan_reading
BEGIN SELECT RAISE(ABORT, 'plan readings are append-only'); END;
CREATE TABLE plan_problem (
  code TEXT NOT NULL,
  detail TEXT NOT NULL,
  seen_at_ms INTEGER NOT NULL,
  PRIMARY KEY (code, detail)
) STRICT, WITHOUT ROWID;
`;

/** More is proved than before: the next line of the seal holds all of it. */
const V14 = 'UPDATE seal_mark SET is_stale = 1 WHERE seq > 0;';

/** How many tokens the model of a session's main loop can be given, as Claude Code has said. */
const V16 = `
CREATE TABLE context_window (
  session_key INTEGER PRIMARY KEY,
  tokens INTEGER NOT NULL CHECK (tokens > 0)
) STRICT;
`;

/** By how far the clock was off when entries were sent that the team has not answered: sent again, they are the same. */
const V17 = 'ALTER TABLE team ADD COLUMN sending_offset_ms INTEGER';

/** All steps, oldest first; a released step is never edited. Their number is `LEDGER_VERSION`. */
export const MIGRATIONS: readonly string[] = [
  V1,
  V2,
  V3,
  V4,
  V5,
  V6,
  V7,
  V8,
  V9,
  V10,
  V11,
  V12,
  V13,
  V14,
  V15,
  V16,
  V17,
];
