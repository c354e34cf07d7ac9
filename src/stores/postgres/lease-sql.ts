// Budgets, pools and leases. Rule: what leases carry and what was spent is never more than the ceiling when a lease is given; a lease that
// nobody tells of any more stays spent, so that no clock and no lost message hands out the same dollar twice.

const POOLS = `
CREATE FUNCTION like_of(p_pattern text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT translate(replace(replace(replace(p_pattern, '\\', '\\\\'), '%', '\\%'), '_', '\\_'), '*?', '%_')
$$;
CREATE FUNCTION label_matches(p_key text, p_pattern text, p_value text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN p_key = 'repository' THEN lower(p_value) LIKE like_of(lower(p_pattern)) ELSE p_value LIKE like_of(p_pattern) END
$$;
CREATE FUNCTION window_of(p_period text, p_at bigint, p_zone text) RETURNS TABLE (start_at_ms bigint, end_at_ms bigint)
LANGUAGE sql STABLE AS $$
  SELECT CASE WHEN p_period IN ('session', 'forever') THEN 0 ELSE (extract(epoch FROM local_start AT TIME ZONE p_zone) * 1000)::bigint END,
    CASE WHEN p_period IN ('session', 'forever') THEN 9007199254740991
      ELSE (extract(epoch FROM (local_start + ('1 ' || p_period)::interval) AT TIME ZONE p_zone) * 1000)::bigint END
  FROM (SELECT date_trunc(CASE WHEN p_period IN ('week', 'month') THEN p_period ELSE 'day' END,
    to_timestamp(p_at / 1000) AT TIME ZONE p_zone) AS local_start) AS window_start
$$;
-- The pools that count a request with these labels at an instant.
CREATE FUNCTION pools_of(p_labels jsonb, p_session text, p_at bigint)
RETURNS TABLE (pool_key text, budget_id text, start_at_ms bigint, end_at_ms bigint) LANGUAGE sql STABLE AS $$
  SELECT budget.budget_id || coalesce(split.text, '') || '|' || CASE budget.period
      WHEN 'session' THEN 'session ' || p_session WHEN 'forever' THEN 'forever' ELSE budget.period || ' ' || win.start_at_ms END,
    budget.budget_id, win.start_at_ms, win.end_at_ms
  FROM budget CROSS JOIN team
  CROSS JOIN LATERAL window_of(budget.period, p_at, team.time_zone) AS win
  CROSS JOIN LATERAL (
    SELECT string_agg('|' || key || '=' || CASE key WHEN 'repository' THEN lower(value) ELSE value END, '' ORDER BY key) AS text,
      bool_and(value IS NOT NULL) AS is_known
    FROM (SELECT key, CASE key WHEN 'session' THEN p_session ELSE p_labels->>key END AS value FROM unnest(budget.per) AS key) AS part
  ) AS split
  WHERE coalesce(split.is_known, true) AND NOT EXISTS (
    SELECT FROM jsonb_each_text(budget.scope) AS each (key, pattern)
    WHERE NOT coalesce(label_matches(key, pattern, CASE key WHEN 'session' THEN p_session ELSE p_labels->>key END), false))
$$;
CREATE FUNCTION now_ms() RETURNS bigint LANGUAGE sql STABLE AS $$ SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint $$;
`;

/** Counts what was spent: out of the machine's lease, and what goes over it out of the pool. */
const SPEND = `
CREATE FUNCTION spend(p_member integer, p_key text, p_budget text, p_start bigint, p_end bigint, p_cost bigint)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  v_held bigint;
BEGIN
  UPDATE lease SET spent_nano_usd = spent_nano_usd + p_cost, outstanding_nano_usd = outstanding_nano_usd - p_cost
    WHERE pool_key = p_key AND member_id = p_member AND outstanding_nano_usd >= p_cost;
  IF FOUND THEN RETURN; END IF;
  INSERT INTO pool (pool_key, budget_id, start_at_ms, end_at_ms) VALUES (p_key, p_budget, p_start, p_end) ON CONFLICT DO NOTHING;
  PERFORM FROM pool WHERE pool_key = p_key FOR UPDATE;
  INSERT INTO lease (pool_key, member_id) VALUES (p_key, p_member) ON CONFLICT DO NOTHING;
  SELECT outstanding_nano_usd INTO v_held FROM lease WHERE pool_key = p_key AND member_id = p_member FOR UPDATE;
  UPDATE lease SET spent_nano_usd = spent_nano_usd + p_cost, outstanding_nano_usd = greatest(0, v_held - p_cost)
    WHERE pool_key = p_key AND member_id = p_member;
  UPDATE pool SET committed_nano_usd = committed_nano_usd + greatest(0, p_cost - v_held) WHERE pool_key = p_key;
END $$;
`;

/**
 * Many machines draw on one pool, and its row is locked until the transaction has ended: waiting for the disk meanwhile would let some three
 * hundred leases a second through. So the end of it does not wait, and whoever has asked waits afterwards, with all others at once. A lease
 * that a crash of the server takes back was not used by anybody.
 */
const TO_DISK = `
CREATE FUNCTION wait_for_disk() RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = tollgate, pg_temp AS $$
DECLARE
  v_me member%ROWTYPE := require_member();
BEGIN
  UPDATE member SET seen_at = now() WHERE member_id = v_me.member_id;
END $$;
`;

/**
 * A machine asks for money. The same question again has the same answer, so that a lost answer may be asked for; a machine that does not
 * know of the last renewal was copied by one that does, and gets nothing. The answer to a lease that was given back may be lost, too: what is
 * settled carries nothing, and may be asked for as it was before.
 */
const TAKE = `
CREATE FUNCTION take_lease(p_budget text, p_labels jsonb, p_session text, p_want bigint, p_need bigint, p_pool text, p_renewal integer, p_ask text, p_sent_at bigint)
RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER SET search_path = tollgate, pg_temp AS $$
DECLARE
  v_me member%ROWTYPE := require_member();
  v_now bigint := now_ms();
  v_labels jsonb := p_labels || jsonb_build_object('developer', v_me.developer);
  v_at record;
  v_pool pool%ROWTYPE;
  v_lease lease%ROWTYPE;
  v_limit bigint;
  v_left bigint;
  v_active bigint;
  v_give bigint := 0;
  v_state text := 'granted';
  v_lease_ms bigint;
  v_is_known boolean;
BEGIN
  PERFORM set_config('synchronous_commit', 'off', true);
  IF p_want < 0 OR p_need < 0 OR p_want > 1000000000000000 OR p_need > 1000000000000000 THEN
    RAISE EXCEPTION 'an amount is out of range' USING ERRCODE = '22003';
  END IF;
  SELECT each.* INTO v_at FROM pools_of(v_labels, p_session, v_now) AS each WHERE each.budget_id = p_budget;
  IF NOT FOUND THEN RETURN jsonb_build_object('state', 'no-budget'); END IF;
  -- On its way, or sent twice, while the window ended: whoever has sent it may know of a lease in the new one.
  IF p_sent_at < v_at.start_at_ms OR p_sent_at >= v_at.end_at_ms THEN RETURN jsonb_build_object('state', 'late'); END IF;
  SELECT hard_nano_usd INTO v_limit FROM budget WHERE budget_id = p_budget;
  IF v_limit IS NULL THEN RETURN jsonb_build_object('state', 'no-budget'); END IF;
  SELECT lease_ms INTO v_lease_ms FROM team;
  SELECT * INTO v_pool FROM pool WHERE pool_key = v_at.pool_key FOR UPDATE;
  IF NOT FOUND THEN
    INSERT INTO pool (pool_key, budget_id, start_at_ms, end_at_ms)
      VALUES (v_at.pool_key, p_budget, v_at.start_at_ms, v_at.end_at_ms) ON CONFLICT DO NOTHING;
    SELECT * INTO v_pool FROM pool WHERE pool_key = v_at.pool_key FOR UPDATE;
  END IF;
  SELECT * INTO v_lease FROM lease WHERE pool_key = v_at.pool_key AND member_id = v_me.member_id FOR UPDATE;
  IF NOT FOUND THEN
    INSERT INTO lease (pool_key, member_id) VALUES (v_at.pool_key, v_me.member_id) RETURNING * INTO v_lease;
  END IF;
  v_limit := v_limit + v_pool.granted_nano_usd;
  v_is_known := p_pool = v_at.pool_key AND (v_lease.renewal = p_renewal OR v_lease.ask_id = 'settled ' || p_renewal);
  IF v_lease.renewal > 0 AND v_is_known IS NOT TRUE AND v_lease.ask_id IS DISTINCT FROM p_ask THEN
    -- Whoever knows of no lease at all has lost its ledger, and holds nothing: what it held stays spent, and it begins anew.
    IF p_renewal > 0 OR p_ask = ANY (v_lease.begun) THEN RETURN jsonb_build_object('state', 'held-elsewhere', 'poolKey', v_at.pool_key); END IF;
    UPDATE lease SET lost_nano_usd = lost_nano_usd + outstanding_nano_usd, outstanding_nano_usd = 0
      WHERE pool_key = v_at.pool_key AND member_id = v_me.member_id RETURNING * INTO v_lease;
  END IF;
  IF v_lease.ask_id IS DISTINCT FROM p_ask THEN
    v_left := greatest(0, v_limit - v_pool.committed_nano_usd);
    SELECT greatest(1, count(*)) INTO v_active FROM lease
      WHERE pool_key = v_at.pool_key AND (asked_at_ms > v_now - 900000 OR member_id = v_me.member_id);
    -- Half as much again: the next forecast may be a little higher.
    v_give := greatest(p_need, least(p_want, greatest(p_need * 3 / 2, v_left / (4 * v_active)))) - v_lease.outstanding_nano_usd;
    v_give := least(v_left, greatest(0, v_give));
    IF v_lease.outstanding_nano_usd + v_give < p_need OR is_killed(v_labels) THEN v_give := 0; v_state := 'refused'; END IF;
    UPDATE pool SET committed_nano_usd = committed_nano_usd + v_give WHERE pool_key = v_at.pool_key
      RETURNING * INTO v_pool;
    UPDATE lease SET outstanding_nano_usd = outstanding_nano_usd + v_give, renewal = renewal + 1, ask_id = p_ask,
      begun = CASE p_renewal WHEN 0 THEN begun || p_ask ELSE begun END,
      asked_at_ms = v_now, expires_at_ms = least(v_now + v_lease_ms, v_at.end_at_ms)
      WHERE pool_key = v_at.pool_key AND member_id = v_me.member_id RETURNING * INTO v_lease;
  END IF;
  RETURN jsonb_build_object('state', v_state, 'poolKey', v_at.pool_key, 'startAt', v_at.start_at_ms, 'endAt', v_at.end_at_ms,
    'outstandingNanoUsd', v_lease.outstanding_nano_usd, 'spentNanoUsd', v_lease.spent_nano_usd, 'renewal', v_lease.renewal,
    'expiresAt', v_lease.expires_at_ms, 'ceilingNanoUsd', v_limit, 'committedNanoUsd', v_pool.committed_nano_usd, 'now', v_now);
END $$;
-- What a machine does not need goes back. Its entries come first.
CREATE FUNCTION settle_lease(p_pool text, p_renewal integer)
RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = tollgate, pg_temp AS $$
DECLARE
  v_me member%ROWTYPE := require_member();
  v_back bigint;
BEGIN
  PERFORM FROM pool WHERE pool_key = p_pool FOR UPDATE;
  SELECT outstanding_nano_usd INTO v_back FROM lease
    WHERE pool_key = p_pool AND member_id = v_me.member_id AND renewal = p_renewal FOR UPDATE;
  IF NOT FOUND THEN RETURN NULL; END IF;
  UPDATE lease SET outstanding_nano_usd = 0, renewal = renewal + 1, ask_id = 'settled ' || p_renewal
    WHERE pool_key = p_pool AND member_id = v_me.member_id;
  UPDATE pool SET committed_nano_usd = committed_nano_usd - v_back WHERE pool_key = p_pool;
  RETURN v_back;
END $$;
`;

/** Everything that a machine has to know between two questions. */
const STATE = `
CREATE FUNCTION is_killed(p_labels jsonb) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT EXISTS (SELECT FROM kill_switch WHERE lifted_at IS NULL
    AND (kind = 'all' OR label_matches(kind, value, p_labels->>kind)))
$$;
CREATE FUNCTION pull_state() RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER SET search_path = tollgate, pg_temp AS $$
DECLARE
  v_me member%ROWTYPE := require_member();
BEGIN
  UPDATE member SET seen_at = now() WHERE member_id = v_me.member_id AND (seen_at IS NULL OR seen_at < now() - interval '1 minute');
  RETURN jsonb_build_object('now', now_ms(), 'developer', v_me.developer, 'role', v_me.role_name, 'kind', v_me.kind,
    'team', (SELECT jsonb_build_object('name', name, 'timeZone', time_zone, 'offline', offline,
      'keptFromAt', (kept_from - DATE '1970-01-01') * 86400000::bigint) FROM team),
    'budgets', (SELECT coalesce(jsonb_agg(jsonb_build_object('id', budget_id, 'where', scope, 'per', per, 'period', period,
      'softNanoUsd', soft_nano_usd, 'hardNanoUsd', hard_nano_usd, 'mode', mode) ORDER BY budget_id), '[]') FROM budget),
    'kills', (SELECT coalesce(jsonb_agg(jsonb_build_object('kind', kind, 'value', value, 'reason', reason, 'author', author,
      'at', (extract(epoch FROM at) * 1000)::bigint)), '[]') FROM kill_switch WHERE lifted_at IS NULL
      AND (kind <> 'developer' OR label_matches('developer', value, v_me.developer))),
    'leases', (SELECT coalesce(jsonb_agg(jsonb_build_object('poolKey', pool_key, 'outstandingNanoUsd', outstanding_nano_usd,
      'ceilingNanoUsd', hard_nano_usd + granted_nano_usd, 'committedNanoUsd', committed_nano_usd)), '[]')
      FROM lease JOIN pool USING (pool_key) JOIN budget USING (budget_id)
      WHERE member_id = v_me.member_id AND end_at_ms > now_ms()));
END $$;
`;

export const LEASE_FUNCTIONS = [POOLS, SPEND, STATE, TO_DISK, TAKE].join('');
