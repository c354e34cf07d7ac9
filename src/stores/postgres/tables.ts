// The tables of a team. Rule: amounts are nano-dollars, instants epoch milliseconds UTC, as in the ledger of a machine; entries never change.

const SUMS = `request_count bigint NOT NULL, unknown_count bigint NOT NULL,
  input_tokens bigint NOT NULL, output_tokens bigint NOT NULL, cache_read_tokens bigint NOT NULL,
  cache_write_5m_tokens bigint NOT NULL, cache_write_1h_tokens bigint NOT NULL,
  web_search_count bigint NOT NULL, cost_nano_usd bigint NOT NULL,
  first_at_ms bigint NOT NULL, last_at_ms bigint NOT NULL`;

/** Who belongs to the team, and what it has settled. */
const PEOPLE = `
CREATE TABLE team (
  team_id integer PRIMARY KEY CHECK (team_id = 1),
  name text NOT NULL,
  time_zone text NOT NULL,
  -- What a machine does that cannot reach the database.
  offline text NOT NULL DEFAULT 'lease' CHECK (offline IN ('lease', 'halt', 'warn')),
  lease_ms bigint NOT NULL DEFAULT 14400000 CHECK (lease_ms BETWEEN 60000 AND 86400000),
  web_search_pico_usd bigint NOT NULL DEFAULT 0,
  multiplier_ppm bigint NOT NULL DEFAULT 1000000 CHECK (multiplier_ppm > 0),
  -- Entries of earlier days were removed, and are not taken in again; their sums are there.
  kept_from date NOT NULL DEFAULT DATE '1970-01-01',
  made_at timestamptz NOT NULL DEFAULT now()
);
-- One for each machine: a role is what it logs in as.
CREATE TABLE member (
  member_id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  role_name text NOT NULL UNIQUE,
  kind text NOT NULL CHECK (kind IN ('manager', 'developer')),
  developer text NOT NULL,
  machine text,
  state text NOT NULL CHECK (state IN ('invited', 'joined', 'left', 'revoked')),
  invited_by text NOT NULL,
  invited_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz,
  joined_at timestamptz,
  ended_at timestamptz,
  seen_at timestamptz
);
CREATE TABLE audit (
  audit_seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at timestamptz NOT NULL DEFAULT now(),
  role_name text NOT NULL,
  action text NOT NULL,
  detail jsonb NOT NULL
);
`;

/** What was spent, and its sums: by quarters of an hour (every time zone starts its days on one) and by days of the team's zone. */
const MONEY = `
CREATE TABLE attribution (
  attribution_id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  fingerprint text NOT NULL UNIQUE,
  repository text, sub_path text, worktree text, branch text, developer text, client text,
  cost_centre text, ticket text, pull_request text, model text, agent_type text, skill text,
  plugin text, mcp_server text, tool text, labels text
);
-- Money that no request shows is a session's, and is taken from the machine that told of the session first.
CREATE TABLE session (
  session_key bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  session_id text NOT NULL UNIQUE,
  member_id integer NOT NULL
);
CREATE TABLE entry (
  day date NOT NULL,
  entry_id text NOT NULL,
  member_id integer NOT NULL,
  session_key bigint NOT NULL,
  attribution_id integer NOT NULL,
  reason text,
  agent_id text,
  turn_id text,
  occurred_at_ms bigint NOT NULL,
  recorded_at_ms bigint NOT NULL,
  received_at timestamptz NOT NULL DEFAULT now(),
  input_tokens bigint NOT NULL,
  output_tokens bigint NOT NULL,
  cache_read_tokens bigint NOT NULL,
  cache_write_5m_tokens bigint NOT NULL,
  cache_write_1h_tokens bigint NOT NULL,
  web_search_count bigint NOT NULL,
  -- What counts, and what the machine has told where that differs.
  cost_nano_usd bigint NOT NULL,
  told_nano_usd bigint,
  -- Why: less or more than by the team's own rate card, or taking back what nothing shows.
  flag text CHECK (flag IN ('lower', 'higher', 'withheld')),
  request_count smallint NOT NULL CHECK (request_count BETWEEN -1 AND 1),
  provenance text NOT NULL CHECK (provenance IN ('metered', 'client-settled', 'estimated')),
  unknown_model smallint NOT NULL CHECK (unknown_model BETWEEN -1 AND 1),
  interrupted smallint NOT NULL CHECK (interrupted IN (0, 1)),
  response_key bigint,
  PRIMARY KEY (day, entry_id),
  CHECK (reason IS NOT NULL OR (cost_nano_usd >= 0 AND request_count = 1 AND unknown_model >= 0
    AND input_tokens >= 0 AND output_tokens >= 0 AND cache_read_tokens >= 0
    AND cache_write_5m_tokens >= 0 AND cache_write_1h_tokens >= 0 AND web_search_count >= 0))
) PARTITION BY RANGE (day);
CREATE INDEX entry_by_flag ON entry (day) WHERE flag IS NOT NULL;
-- The ragged ends of a report's window, within the partitions of their days.
CREATE INDEX entry_by_time ON entry USING brin (occurred_at_ms) WITH (pages_per_range = 32);
CREATE TABLE spend_quarter (
  bucket_at_ms bigint NOT NULL CHECK (bucket_at_ms % 900000 = 0),
  session_key bigint NOT NULL,
  attribution_id integer NOT NULL,
  provenance text NOT NULL,
  member_id integer NOT NULL,
  ${SUMS},
  PRIMARY KEY (session_key, bucket_at_ms, attribution_id, provenance)
);
CREATE INDEX spend_quarter_by_time ON spend_quarter (bucket_at_ms);
CREATE TABLE spend_day (
  day date NOT NULL,
  member_id integer NOT NULL,
  attribution_id integer NOT NULL,
  provenance text NOT NULL,
  ${SUMS},
  PRIMARY KEY (day, member_id, attribution_id, provenance)
);
-- Pico-dollars for a token; the longest model that a spelling holds is the one that it means.
CREATE TABLE rate (
  model text NOT NULL,
  from_at_ms bigint NOT NULL,
  to_at_ms bigint NOT NULL,
  input bigint NOT NULL, output bigint NOT NULL, cache_read bigint NOT NULL,
  cache_write_5m bigint NOT NULL, cache_write_1h bigint NOT NULL,
  fast_input bigint, fast_output bigint, fast_cache_read bigint,
  fast_cache_write_5m bigint, fast_cache_write_1h bigint,
  long_above bigint, long_input bigint, long_output bigint, long_cache_read bigint,
  long_cache_write_5m bigint, long_cache_write_1h bigint,
  PRIMARY KEY (model, from_at_ms)
);
`;

/**
 * Ceilings and who holds what of them. A pool is one budget, one split and one window; \`committed\` is what leases carry and what was
 * spent, so that spending within a lease changes a row of its machine alone.
 */
const CEILINGS = `
CREATE TABLE budget (
  budget_id text PRIMARY KEY CHECK (budget_id ~ '^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$'),
  scope jsonb NOT NULL DEFAULT '{}',
  per text[] NOT NULL DEFAULT '{}',
  period text NOT NULL CHECK (period IN ('day', 'week', 'month', 'session', 'forever')),
  soft_nano_usd bigint CHECK (soft_nano_usd > 0),
  hard_nano_usd bigint CHECK (hard_nano_usd >= 0),
  mode text NOT NULL DEFAULT 'enforce' CHECK (mode IN ('observe', 'warn', 'enforce')),
  set_by text NOT NULL,
  set_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE pool (
  pool_key text PRIMARY KEY,
  budget_id text NOT NULL,
  start_at_ms bigint NOT NULL,
  end_at_ms bigint NOT NULL,
  granted_nano_usd bigint NOT NULL DEFAULT 0,
  committed_nano_usd bigint NOT NULL DEFAULT 0 CHECK (committed_nano_usd >= 0)
);
CREATE INDEX pool_by_budget ON pool (budget_id, start_at_ms);
-- What a machine holds of a pool and has spent of it. A lease whose machine is not heard of stays what it is: spent.
CREATE TABLE lease (
  pool_key text NOT NULL,
  member_id integer NOT NULL,
  spent_nano_usd bigint NOT NULL DEFAULT 0,
  outstanding_nano_usd bigint NOT NULL DEFAULT 0 CHECK (outstanding_nano_usd >= 0),
  -- Held by a ledger that was lost, or by a copy of the machine.
  lost_nano_usd bigint NOT NULL DEFAULT 0 CHECK (lost_nano_usd >= 0),
  expires_at_ms bigint NOT NULL DEFAULT 0,
  renewal integer NOT NULL DEFAULT 0,
  ask_id text,
  -- Questions of ledgers that knew of no lease: each begins anew once, however often it comes.
  begun text[] NOT NULL DEFAULT '{}',
  asked_at_ms bigint NOT NULL DEFAULT 0,
  PRIMARY KEY (pool_key, member_id)
);
CREATE INDEX lease_by_member ON lease (member_id);
CREATE TABLE grant_line (
  grant_seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  pool_key text NOT NULL,
  amount_nano_usd bigint NOT NULL CHECK (amount_nano_usd > 0),
  reason text,
  author text NOT NULL,
  at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE kill_switch (
  kill_seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  kind text NOT NULL CHECK (kind IN ('all', 'developer', 'repository')),
  value text NOT NULL,
  reason text,
  author text NOT NULL,
  at timestamptz NOT NULL DEFAULT now(),
  lifted_at timestamptz
);
CREATE UNIQUE INDEX kill_switch_once ON kill_switch (kind, value) WHERE lifted_at IS NULL;
`;

/** The first step. */
export const TABLES = [PEOPLE, MONEY, CEILINGS].join('');

/** All tables, for rights. */
export const TABLE_NAMES = [...TABLES.matchAll(/CREATE TABLE (\w+)/g)].map(
  ([, name]) => name ?? '',
);
