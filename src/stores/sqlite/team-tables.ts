// The tables of what a machine knows of its team; a step of `migrations.ts`. Rule: never edited once released.

/** What the team of this machine has said, and the leases it has given. */
export const V15 = `
CREATE TABLE team (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  state TEXT,
  pulled_at_ms INTEGER NOT NULL DEFAULT 0,
  offset_ms INTEGER NOT NULL DEFAULT 0,
  through_seq INTEGER NOT NULL,
  unreachable_since_ms INTEGER,
  refusal TEXT,
  worker TEXT,
  worker_until_ms INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE team_lease (
  share_key TEXT PRIMARY KEY,
  pool_key TEXT NOT NULL,
  start_at_ms INTEGER NOT NULL,
  end_at_ms INTEGER NOT NULL,
  expires_at_ms INTEGER NOT NULL,
  spent_nano_usd INTEGER NOT NULL,
  outstanding_nano_usd INTEGER NOT NULL CHECK (outstanding_nano_usd >= 0),
  through_seq INTEGER NOT NULL,
  renewal INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('granted', 'refused', 'held-elsewhere')),
  ceiling_nano_usd INTEGER NOT NULL,
  committed_nano_usd INTEGER NOT NULL,
  holder TEXT NOT NULL,
  answered_at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE team_ask (
  share_key TEXT PRIMARY KEY,
  ask_id TEXT NOT NULL,
  budget_id TEXT NOT NULL,
  labels TEXT NOT NULL,
  session_id TEXT NOT NULL,
  want_nano_usd INTEGER NOT NULL,
  need_nano_usd INTEGER NOT NULL,
  asked_at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
`;
