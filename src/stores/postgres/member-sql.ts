// Who belongs to a team, and what managers do. Rule: a role is made with a verifier, so that no password is ever in a statement or in a
// server's log; an invitation's password is for one use, and ends by itself.
import { literal, rolePrefix, type TeamRoles } from './names.ts';

const REQUIRE = `
CREATE FUNCTION require_member() RETURNS member LANGUAGE plpgsql STABLE AS $$
DECLARE
  v_me member%ROWTYPE;
BEGIN
  SELECT * INTO v_me FROM member WHERE role_name = session_user AND state = 'joined';
  IF NOT FOUND THEN RAISE EXCEPTION 'role % is no member of this team', session_user USING ERRCODE = '42501'; END IF;
  RETURN v_me;
END $$;
CREATE FUNCTION require_manager() RETURNS member LANGUAGE plpgsql STABLE AS $$
DECLARE
  v_me member%ROWTYPE := require_member();
BEGIN
  IF v_me.kind <> 'manager' THEN RAISE EXCEPTION 'only a manager may do this' USING ERRCODE = '42501'; END IF;
  RETURN v_me;
END $$;
-- For rules of rows.
CREATE FUNCTION my_member_id() RETURNS integer LANGUAGE sql STABLE SECURITY DEFINER SET search_path = tollgate, pg_temp AS $$
  SELECT member_id FROM member WHERE role_name = session_user AND state = 'joined'
$$;
CREATE FUNCTION am_manager() RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = tollgate, pg_temp AS $$
  SELECT EXISTS (SELECT FROM member WHERE role_name = session_user AND state = 'joined' AND kind = 'manager')
$$;
CREATE FUNCTION check_verifier(p_verifier text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  IF p_verifier !~ '^SCRAM-SHA-256\\$[0-9]{4,6}:[A-Za-z0-9+/=]{16,64}\\$[A-Za-z0-9+/=]{44}:[A-Za-z0-9+/=]{44}$' THEN
    RAISE EXCEPTION 'this is no SCRAM-SHA-256 verifier' USING ERRCODE = '22023';
  END IF;
  RETURN p_verifier;
END $$;
`;

/** `<…>` stands for what a database's roles are called. */
const JOINING = `
CREATE FUNCTION invite_member(p_kind text, p_developer text, p_verifier text, p_expires timestamptz)
RETURNS text LANGUAGE plpgsql SECURITY DEFINER SET search_path = tollgate, pg_temp AS $$
DECLARE
  v_me member%ROWTYPE := require_manager();
  v_role text;
BEGIN
  IF p_developer !~ '^[^[:cntrl:]]{1,200}$' OR p_kind NOT IN ('manager', 'developer') THEN
    RAISE EXCEPTION 'this is no name, or no kind of member' USING ERRCODE = '22023';
  END IF;
  IF p_expires NOT BETWEEN now() AND now() + interval '31 days' THEN
    RAISE EXCEPTION 'an invitation ends within 31 days' USING ERRCODE = '22023';
  END IF;
  INSERT INTO member (role_name, kind, developer, state, invited_by, expires_at)
    VALUES ('', p_kind, p_developer, 'invited', v_me.role_name, p_expires)
    RETURNING <prefix> || '_' || member_id INTO v_role;
  UPDATE member SET role_name = v_role WHERE role_name = '';
  EXECUTE format('CREATE ROLE %I LOGIN CONNECTION LIMIT 8 PASSWORD %L VALID UNTIL %L IN ROLE %I', v_role, check_verifier(p_verifier),
    p_expires, CASE p_kind WHEN 'manager' THEN <manager> ELSE <developer> END);
  INSERT INTO audit (role_name, action, detail) VALUES (session_user, 'invite',
    jsonb_build_object('role', v_role, 'kind', p_kind, 'developer', p_developer));
  RETURN v_role;
END $$;
CREATE FUNCTION join_team(p_verifier text, p_machine text)
RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER SET search_path = tollgate, pg_temp AS $$
DECLARE
  v_me member%ROWTYPE;
BEGIN
  UPDATE member SET state = 'joined', joined_at = now(), machine = left(p_machine, 200)
    WHERE role_name = session_user AND state = 'invited' AND expires_at > now() RETURNING * INTO v_me;
  IF NOT FOUND THEN RAISE EXCEPTION 'this invitation was used, or has ended' USING ERRCODE = '42501'; END IF;
  EXECUTE format('ALTER ROLE %I PASSWORD %L VALID UNTIL %L', v_me.role_name, check_verifier(p_verifier), 'infinity');
  INSERT INTO audit (role_name, action, detail) VALUES (session_user, 'join', jsonb_build_object('machine', v_me.machine));
  RETURN jsonb_build_object('developer', v_me.developer, 'kind', v_me.kind, 'team', (SELECT name FROM team));
END $$;
-- What leases of a member carry goes back to their pools. They are the same leases: whoever held them may ask again by what it knows.
CREATE FUNCTION return_leases(p_member integer) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  v_key text;
  v_back bigint;
  v_sum bigint := 0;
BEGIN
  FOR v_key IN SELECT pool_key FROM lease WHERE member_id = p_member AND outstanding_nano_usd + lost_nano_usd > 0
    ORDER BY pool_key LOOP
    PERFORM FROM pool WHERE pool_key = v_key FOR UPDATE;
    SELECT outstanding_nano_usd + lost_nano_usd INTO v_back FROM lease
      WHERE pool_key = v_key AND member_id = p_member FOR UPDATE;
    UPDATE lease SET outstanding_nano_usd = 0, lost_nano_usd = 0 WHERE pool_key = v_key AND member_id = p_member;
    UPDATE pool SET committed_nano_usd = committed_nano_usd - v_back WHERE pool_key = v_key;
    v_sum := v_sum + v_back;
  END LOOP;
  RETURN v_sum;
END $$;
CREATE FUNCTION leave_team() RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = tollgate, pg_temp AS $$
DECLARE
  v_me member%ROWTYPE := require_member();
  v_back bigint := return_leases(v_me.member_id);
BEGIN
  UPDATE member SET state = 'left', ended_at = now() WHERE member_id = v_me.member_id;
  IF v_me.role_name LIKE <like prefix> THEN
    EXECUTE format('ALTER ROLE %I NOLOGIN', v_me.role_name);
  END IF;
  INSERT INTO audit (role_name, action, detail) VALUES (session_user, 'leave', jsonb_build_object('returnedNanoUsd', v_back));
  RETURN v_back;
END $$;
-- A machine that may spend nothing more. What its leases carry stays spent until a manager takes it back.
CREATE FUNCTION revoke_member(p_role text) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = tollgate, pg_temp AS $$
DECLARE
  v_me member%ROWTYPE := require_manager();
BEGIN
  UPDATE member SET state = 'revoked', ended_at = now()
    WHERE role_name = p_role AND role_name <> v_me.role_name AND state IN ('invited', 'joined')
    AND role_name LIKE <like prefix>;
  IF NOT FOUND THEN RAISE EXCEPTION 'there is no other member with the role %', p_role USING ERRCODE = '22023'; END IF;
  EXECUTE format('ALTER ROLE %I NOLOGIN', p_role);
  INSERT INTO audit (role_name, action, detail) VALUES (session_user, 'revoke', jsonb_build_object('role', p_role));
END $$;
-- Leases of a machine that was not heard of since they ended, ten minutes and more ago. What a copy of it holds has ended by then, too.
CREATE FUNCTION reclaim_leases(p_role text) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = tollgate, pg_temp AS $$
DECLARE
  v_me member%ROWTYPE := require_manager();
  v_member integer;
  v_back bigint;
BEGIN
  SELECT member_id INTO v_member FROM member WHERE role_name = p_role;
  IF NOT FOUND THEN RAISE EXCEPTION 'there is no member with the role %', p_role USING ERRCODE = '22023'; END IF;
  IF EXISTS (SELECT FROM lease WHERE member_id = v_member AND outstanding_nano_usd + lost_nano_usd > 0
    AND expires_at_ms > now_ms() - 600000) THEN
    RAISE EXCEPTION 'a lease of % may still be spent', p_role USING ERRCODE = '55000', HINT = 'ask ten minutes after it has ended';
  END IF;
  v_back := return_leases(v_member);
  INSERT INTO audit (role_name, action, detail)
    VALUES (session_user, 'reclaim', jsonb_build_object('role', p_role, 'returnedNanoUsd', v_back));
  RETURN v_back;
END $$;
`;

const RULES = `
CREATE FUNCTION set_budget(p_id text, p_where jsonb, p_per text[], p_period text, p_soft bigint, p_hard bigint, p_mode text)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = tollgate, pg_temp AS $$
DECLARE
  v_me member%ROWTYPE := require_manager();
BEGIN
  INSERT INTO budget (budget_id, scope, per, period, soft_nano_usd, hard_nano_usd, mode, set_by)
    VALUES (p_id, p_where, p_per, p_period, p_soft, p_hard, p_mode, v_me.role_name)
    ON CONFLICT (budget_id) DO UPDATE SET scope = EXCLUDED.scope, per = EXCLUDED.per, period = EXCLUDED.period,
      soft_nano_usd = EXCLUDED.soft_nano_usd, hard_nano_usd = EXCLUDED.hard_nano_usd, mode = EXCLUDED.mode,
      set_by = EXCLUDED.set_by, set_at = now();
  INSERT INTO audit (role_name, action, detail) VALUES (session_user, 'budget', jsonb_build_object('id', p_id, 'where', p_where,
    'per', p_per, 'period', p_period, 'softNanoUsd', p_soft, 'hardNanoUsd', p_hard, 'mode', p_mode));
END $$;
CREATE FUNCTION remove_budget(p_id text) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = tollgate, pg_temp AS $$
DECLARE
  v_me member%ROWTYPE := require_manager();
BEGIN
  DELETE FROM budget WHERE budget_id = p_id;
  IF NOT FOUND THEN RETURN false; END IF;
  INSERT INTO audit (role_name, action, detail) VALUES (session_user, 'remove-budget', jsonb_build_object('id', p_id));
  RETURN true;
END $$;
CREATE FUNCTION grant_more(p_budget text, p_labels jsonb, p_session text, p_amount bigint, p_reason text)
RETURNS text LANGUAGE plpgsql SECURITY DEFINER SET search_path = tollgate, pg_temp AS $$
DECLARE
  v_me member%ROWTYPE := require_manager();
  v_at record;
BEGIN
  SELECT each.* INTO v_at FROM pools_of(p_labels, p_session, now_ms()) AS each WHERE each.budget_id = p_budget;
  IF NOT FOUND THEN RAISE EXCEPTION 'no pool of the budget % has these labels', p_budget USING ERRCODE = '22023'; END IF;
  INSERT INTO grant_line (pool_key, amount_nano_usd, reason, author) VALUES (v_at.pool_key, p_amount, p_reason, session_user);
  INSERT INTO pool (pool_key, budget_id, start_at_ms, end_at_ms, granted_nano_usd)
    VALUES (v_at.pool_key, p_budget, v_at.start_at_ms, v_at.end_at_ms, p_amount)
    ON CONFLICT (pool_key) DO UPDATE SET granted_nano_usd = pool.granted_nano_usd + EXCLUDED.granted_nano_usd;
  INSERT INTO audit (role_name, action, detail)
    VALUES (session_user, 'grant', jsonb_build_object('pool', v_at.pool_key, 'amountNanoUsd', p_amount, 'reason', p_reason));
  RETURN v_at.pool_key;
END $$;
CREATE FUNCTION kill_spending(p_kind text, p_value text, p_reason text)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = tollgate, pg_temp AS $$
DECLARE
  v_me member%ROWTYPE := require_manager();
BEGIN
  INSERT INTO kill_switch (kind, value, reason, author) VALUES (p_kind, p_value, p_reason, v_me.developer) ON CONFLICT DO NOTHING;
  INSERT INTO audit (role_name, action, detail)
    VALUES (session_user, 'kill', jsonb_build_object('kind', p_kind, 'value', p_value, 'reason', p_reason));
END $$;
CREATE FUNCTION lift_kill(p_kind text, p_value text)
RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = tollgate, pg_temp AS $$
DECLARE
  v_me member%ROWTYPE := require_manager();
BEGIN
  UPDATE kill_switch SET lifted_at = now() WHERE kind = p_kind AND value = p_value AND lifted_at IS NULL;
  IF NOT FOUND THEN RETURN false; END IF;
  INSERT INTO audit (role_name, action, detail) VALUES (session_user, 'lift-kill', jsonb_build_object('kind', p_kind, 'value', p_value));
  RETURN true;
END $$;
CREATE FUNCTION set_offline(p_offline text) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = tollgate, pg_temp AS $$
DECLARE
  v_me member%ROWTYPE := require_manager();
BEGIN
  UPDATE team SET offline = p_offline;
  INSERT INTO audit (role_name, action, detail) VALUES (session_user, 'offline', jsonb_build_object('offline', p_offline));
END $$;
CREATE FUNCTION set_rates(p_rates jsonb, p_web_search bigint, p_multiplier bigint)
RETURNS integer LANGUAGE plpgsql SECURITY DEFINER SET search_path = tollgate, pg_temp AS $$
DECLARE
  v_me member%ROWTYPE := require_manager();
  v_count integer;
BEGIN
  DELETE FROM rate;
  INSERT INTO rate SELECT * FROM jsonb_populate_recordset(NULL::rate, p_rates);
  GET DIAGNOSTICS v_count = ROW_COUNT;
  UPDATE team SET web_search_pico_usd = p_web_search, multiplier_ppm = p_multiplier;
  INSERT INTO audit (role_name, action, detail) VALUES (session_user, 'rates', jsonb_build_object('count', v_count));
  RETURN v_count;
END $$;
`;

/** Functions of members and managers, for the roles of one database. */
export function memberFunctions({ manager, developer }: TeamRoles, database: string): string {
  const prefix = rolePrefix(database);
  const joining = JOINING.replaceAll('<prefix>', literal(prefix))
    .replaceAll('<like prefix>', literal(`${prefix.replaceAll('_', '\\_')}\\_%`))
    .replaceAll('<manager>', literal(manager))
    .replaceAll('<developer>', literal(developer));
  return [REQUIRE, joining, RULES].join('');
}
