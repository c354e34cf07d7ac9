// How entries of a machine come in. Rule: an entry counts once by its id; what it costs is checked against the team's rate card and never
// counts as less; roll-ups are kept in the same statement, in the order of their keys, so that writers do not deadlock.

/** Rows that would lower what a session has spent without anything of it that they correct; they are kept, and count nothing. */
const WITHHELD = `
CREATE FUNCTION withheld_ids(p_ids text[], p_reasons text[], p_sessions text[], p_costs bigint[], p_provenances text[])
RETURNS text[] LANGUAGE sql STABLE AS $$
  WITH line AS (
    SELECT * FROM unnest(p_ids, p_reasons, p_sessions, p_costs, p_provenances)
      AS line (id, reason, session, cost, provenance)
  ), guessed AS (
    -- What was a guess, or is by the host's own total, may be taken back as far as there is some of it.
    SELECT line.session,
      sum(line.cost) + coalesce((SELECT sum(cost_nano_usd) FROM spend_quarter JOIN session USING (session_key)
        WHERE session.session_id = line.session AND provenance <> 'metered'), 0) AS left_over
    FROM line WHERE provenance <> 'metered' AND reason NOT IN ('relabelled', 'repriced') GROUP BY line.session
  )
  SELECT array_agg(DISTINCT line.id) FROM line
  LEFT JOIN line AS twin ON twin.id = left(line.id, -1) || '+' AND twin.session = line.session
    AND twin.reason = line.reason
  LEFT JOIN guessed ON guessed.session = line.session
  WHERE line.cost < 0 AND NOT coalesce(CASE
    WHEN line.reason = 'relabelled' THEN twin.cost = -line.cost
    WHEN line.reason = 'repriced' THEN twin.id IS NOT NULL AND EXISTS (
      SELECT FROM entry WHERE entry_id = substring(line.id FROM '^reprice:(.*)-$')
        AND unknown_model = 1 AND cost_nano_usd = -line.cost)
    WHEN line.provenance = 'metered' THEN false
    ELSE guessed.left_over >= 0
  END, false)
$$;
`;

/** A day's partition, made when the first entry of the day comes. */
const PARTITIONS = `
CREATE FUNCTION keep_partitions(p_occurred bigint[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  v_day date;
  v_name text;
BEGIN
  FOR v_day IN SELECT DISTINCT (to_timestamp(at / 1000) AT TIME ZONE 'UTC')::date FROM unnest(p_occurred) AS at ORDER BY 1 LOOP
    v_name := 'entry_' || to_char(v_day, 'YYYYMMDD');
    CONTINUE WHEN to_regclass('tollgate.' || v_name) IS NOT NULL;
    IF v_day NOT BETWEEN greatest(current_date - 400, (SELECT kept_from FROM team)) AND current_date + 2 THEN
      RAISE EXCEPTION 'an entry of % is not of these days', v_day
        USING ERRCODE = '22008', HINT = 'is the clock of the machine right?';
    END IF;
    PERFORM pg_advisory_xact_lock(hashtext('tollgate partition'));
    EXECUTE format('CREATE TABLE IF NOT EXISTS %I PARTITION OF entry FOR VALUES FROM (%L) TO (%L)', v_name, v_day, v_day + 1);
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', v_name);
  END LOOP;
END $$;
`;

const SUM_NAMES = [
  ...['request_count', 'unknown_count', 'input_tokens', 'output_tokens', 'cache_read_tokens'],
  ...['cache_write_5m_tokens', 'cache_write_1h_tokens', 'web_search_count', 'cost_nano_usd'],
];

const grow = (table: string): string =>
  [
    ...SUM_NAMES.map((name) => `${name} = ${table}.${name} + EXCLUDED.${name}`),
    `first_at_ms = least(${table}.first_at_ms, EXCLUDED.first_at_ms)`,
    `last_at_ms = greatest(${table}.last_at_ms, EXCLUDED.last_at_ms)`,
  ].join(', ');

const rateSum = (prefix: string): string =>
  [
    `line.input * rate.${prefix}input`,
    `line.output * rate.${prefix}output`,
    `line.cache_read * rate.${prefix}cache_read`,
    `line.write_5m * rate.${prefix}cache_write_5m`,
    `line.write_1h * rate.${prefix}cache_write_1h`,
  ].join(' + ');

/** Prices as tenths of the list price: tokens pinned to a geography cost eleven. Half up, once. */
const nano = (pico: string, tenths = 10): string =>
  `CASE WHEN v_team.multiplier_ppm = 1000000 THEN ((${pico}) * ${tenths} + line.searches * v_team.web_search_pico_usd * 10 + 5000) / 10000
     ELSE floor((((${pico}) * ${tenths} + line.searches * v_team.web_search_pico_usd * 10)::numeric * v_team.multiplier_ppm + 5000000000) / 10000000000)::bigint END`;

/** More than the dearest way to make the request: in a geography, in fast mode, with a long prompt. Asked for few requests. */
const higher = (): string => {
  const ways = ['', 'long_', 'fast_'].map((prefix) =>
    nano(rateSum(prefix).replaceAll('rate.', '(rate).'), 11),
  );
  return `CASE WHEN cost > greatest(${ways.join(', ')}) THEN 'higher' END`;
};

const LABEL_COLUMNS = [
  ...[
    'repository',
    'sub_path',
    'worktree',
    'branch',
    'developer',
    'client',
    'cost_centre',
    'ticket',
  ],
  ...['pull_request', 'model', 'agent_type', 'skill', 'plugin', 'mcp_server', 'tool', 'labels'],
];
const camel = (column: string): string =>
  column.replace(/_(.)/g, (_all, letter: string) => letter.toUpperCase());

const FLUSH = `
CREATE FUNCTION flush_entries(
  p_labels jsonb, p_offset_ms bigint,
  p_id text[], p_reason text[], p_session text[], p_agent text[], p_turn text[], p_label integer[],
  p_occurred bigint[], p_recorded bigint[], p_input bigint[], p_output bigint[], p_read bigint[],
  p_write_5m bigint[], p_write_1h bigint[], p_search bigint[], p_cost bigint[], p_count smallint[],
  p_provenance text[], p_unknown smallint[], p_interrupted smallint[], p_key bigint[]
) RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER SET search_path = tollgate, pg_temp AS $$
DECLARE
  v_me member%ROWTYPE := require_member();
  v_team team%ROWTYPE;
  v_labels jsonb[];
  v_prints text[];
  v_attributions integer[];
  v_models text[];
  v_sessions text[];
  v_withheld text[];
  v_result jsonb;
  v_pool record;
BEGIN
  IF cardinality(p_id) > 5000 OR jsonb_array_length(p_labels) > 5000 THEN
    RAISE EXCEPTION 'more than 5000 entries at once' USING ERRCODE = '54000';
  END IF;
  SELECT * INTO v_team FROM team;
  PERFORM keep_partitions(p_occurred);
  -- Whose work it is tells the invitation, and not what a machine says.
  SELECT array_agg(label ORDER BY place), array_agg(fingerprint_of(label) ORDER BY place) INTO v_labels, v_prints
    FROM (SELECT value || jsonb_build_object('developer', v_me.developer) AS label, place
      FROM jsonb_array_elements(p_labels) WITH ORDINALITY AS each (value, place)) AS told;
  IF EXISTS (SELECT FROM unnest(v_prints) AS print WHERE NOT EXISTS (SELECT FROM attribution WHERE fingerprint = print)) THEN
    INSERT INTO attribution (fingerprint, ${LABEL_COLUMNS.join(', ')})
      SELECT DISTINCT ON (1) print, ${LABEL_COLUMNS.map((column) => `label->>'${camel(column)}'`).join(', ')}
      FROM unnest(v_prints, v_labels) AS each (print, label) ORDER BY 1 ON CONFLICT DO NOTHING;
  END IF;
  SELECT array_agg(attribution_id ORDER BY place), array_agg((
      SELECT rate.model FROM rate WHERE strpos(lower(attribution.model), rate.model) > 0 ORDER BY length(rate.model) DESC LIMIT 1)
      ORDER BY place) INTO v_attributions, v_models
    FROM unnest(v_prints) WITH ORDINALITY AS each (print, place) JOIN attribution ON fingerprint = print;
  SELECT array_agg(DISTINCT told) INTO v_sessions FROM unnest(p_session) AS told;
  INSERT INTO session (session_id, member_id)
    SELECT told, v_me.member_id FROM unnest(v_sessions) AS told
    WHERE NOT EXISTS (SELECT FROM session WHERE session_id = told) ORDER BY 1 ON CONFLICT DO NOTHING;
  IF EXISTS (SELECT FROM unnest(p_cost) AS cost WHERE cost < 0) THEN
    v_withheld := withheld_ids(p_id, p_reason, p_session, p_cost, p_provenance);
  END IF;

  WITH label AS MATERIALIZED (
    SELECT ix, attribution, rate.*
    FROM unnest(v_attributions, v_models) WITH ORDINALITY AS each (attribution, priced_as, ix)
    LEFT JOIN rate ON rate.model = priced_as
  ), owner AS MATERIALIZED (
    SELECT session_id, session_key, member_id = v_me.member_id AS is_mine FROM session WHERE session_id = ANY (v_sessions)
  ), line AS (
    SELECT * FROM unnest(p_id, p_reason, p_session, p_agent, p_turn, p_label, p_occurred, p_recorded, p_input, p_output,
      p_read, p_write_5m, p_write_1h, p_search, p_cost, p_count, p_provenance, p_unknown, p_interrupted, p_key)
      AS line (id, reason, session, agent, turn, label_ix, occurred, recorded, input, output,
        cache_read, write_5m, write_1h, searches, cost, requests, provenance, unknown, interrupted, response_key)
  ), priced AS (
    SELECT line.*, owner.session_key, rate.attribution,
      CASE WHEN line.reason IS NULL AND rate.model IS NOT NULL THEN
        CASE WHEN rate.long_above IS NOT NULL AND line.input + line.cache_read + line.write_5m + line.write_1h > rate.long_above
          THEN ${nano(rateSum('long_'))} ELSE ${nano(rateSum(''))} END END AS own, rate
    FROM line JOIN owner ON owner.session_id = line.session
    JOIN label AS rate ON rate.ix = line.label_ix + 1
      AND (rate.model IS NULL OR (line.occurred >= rate.from_at_ms AND line.occurred < rate.to_at_ms))
    WHERE line.reason IS NULL OR owner.is_mine
  ), added AS (
    INSERT INTO entry (day, entry_id, member_id, session_key, attribution_id, reason, agent_id, turn_id, occurred_at_ms,
      recorded_at_ms, input_tokens, output_tokens, cache_read_tokens, cache_write_5m_tokens, cache_write_1h_tokens,
      web_search_count, cost_nano_usd, told_nano_usd, flag, request_count, provenance, unknown_model, interrupted, response_key)
    SELECT DATE '1970-01-01' + (occurred / 86400000)::integer, id, v_me.member_id, session_key, attribution, reason,
      agent, turn, occurred, recorded, input, output, cache_read, write_5m, write_1h, searches,
      CASE WHEN id = ANY (v_withheld) THEN 0 ELSE greatest(cost, own) END,
      CASE WHEN cost < own OR id = ANY (v_withheld) THEN cost END,
      CASE WHEN id = ANY (v_withheld) THEN 'withheld' WHEN cost < own THEN 'lower'
        WHEN cost > own AND unknown = 0 THEN ${higher()} END,
      requests, provenance, unknown, interrupted, response_key
    FROM priced AS line ORDER BY id ON CONFLICT DO NOTHING
    RETURNING session_key, attribution_id, occurred_at_ms, input_tokens, output_tokens, cache_read_tokens,
      cache_write_5m_tokens, cache_write_1h_tokens, web_search_count, cost_nano_usd, request_count, provenance, unknown_model, flag
  ), sums AS MATERIALIZED (
    SELECT occurred_at_ms - mod(occurred_at_ms, 900000) AS bucket_at_ms, session_key, attribution_id, provenance,
      sum(request_count) AS request_count, sum(unknown_model) AS unknown_count, sum(input_tokens) AS input_tokens,
      sum(output_tokens) AS output_tokens, sum(cache_read_tokens) AS cache_read_tokens,
      sum(cache_write_5m_tokens) AS cache_write_5m_tokens, sum(cache_write_1h_tokens) AS cache_write_1h_tokens,
      sum(web_search_count) AS web_search_count, sum(cost_nano_usd) AS cost_nano_usd,
      min(occurred_at_ms) AS first_at_ms, max(occurred_at_ms) AS last_at_ms, count(*) AS line_count, count(flag) AS flag_count
    FROM added GROUP BY 1, 2, 3, 4
  ), quarters AS (
    INSERT INTO spend_quarter
    SELECT bucket_at_ms, session_key, attribution_id, provenance, v_me.member_id, ${SUM_NAMES.join(', ')}, first_at_ms, last_at_ms
    FROM sums ORDER BY session_key, bucket_at_ms, attribution_id, provenance
    ON CONFLICT (session_key, bucket_at_ms, attribution_id, provenance) DO UPDATE SET ${grow('spend_quarter')}
  ), days AS (
    INSERT INTO spend_day
    SELECT (to_timestamp(bucket_at_ms / 1000) AT TIME ZONE v_team.time_zone)::date, v_me.member_id, attribution_id,
      provenance, ${SUM_NAMES.map((name) => `sum(${name})`).join(', ')}, min(first_at_ms), max(last_at_ms)
    FROM sums GROUP BY 1, 3, 4 ORDER BY 1, 3, 4
    ON CONFLICT (day, member_id, attribution_id, provenance) DO UPDATE SET ${grow('spend_day')}
  ), spent AS (
    -- By quarters of the team's clock: one of the machine's may lie in two windows.
    SELECT session_key, attribution_id, min(quarter) * 900000 AS at, sum(cost) AS cost FROM (
      SELECT session_key, attribution_id, (occurred_at_ms + p_offset_ms) / 900000 AS quarter, sum(cost_nano_usd) AS cost
      FROM added GROUP BY 1, 2, 3) AS told
    GROUP BY 1, 2, (to_timestamp(quarter * 900) AT TIME ZONE v_team.time_zone)::date
  )
  SELECT jsonb_build_object(
    'addedCount', coalesce(sum(line_count), 0), 'skippedCount', cardinality(p_id) - (SELECT count(*) FROM priced),
    'flaggedCount', coalesce(sum(flag_count), 0), 'addedNanoUsd', coalesce(sum(cost_nano_usd), 0),
    'spent', coalesce((SELECT jsonb_agg(to_jsonb(spent)) FROM spent), '[]'))
  INTO v_result FROM sums;

  FOR v_pool IN
    SELECT pool.pool_key, pool.budget_id, pool.start_at_ms, pool.end_at_ms, sum(spent.cost)::bigint AS cost
    FROM jsonb_to_recordset(v_result->'spent') AS spent (session_key bigint, attribution_id integer, at bigint, cost bigint)
    JOIN attribution USING (attribution_id) JOIN session USING (session_key)
    CROSS JOIN LATERAL pools_of(labels_json(attribution), session.session_id, spent.at) AS pool
    GROUP BY 1, 2, 3, 4 ORDER BY 1
  LOOP
    PERFORM spend(v_me.member_id, v_pool.pool_key, v_pool.budget_id, v_pool.start_at_ms, v_pool.end_at_ms, v_pool.cost);
  END LOOP;
  RETURN v_result - 'spent';
END $$;
`;

const LABELS = `
CREATE FUNCTION fingerprint_of(p_labels jsonb) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT md5(concat_ws(E'\\x1f', ${LABEL_COLUMNS.map((column) => `coalesce(p_labels->>'${camel(column)}', E'\\x1e')`).join(', ')}))
$$;
CREATE FUNCTION labels_json(p attribution) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
  SELECT jsonb_strip_nulls(jsonb_build_object(${LABEL_COLUMNS.map((column) => `'${camel(column)}', p.${column}`).join(', ')}))
$$;
`;

export const FLUSH_FUNCTIONS = [LABELS, WITHHELD, PARTITIONS, FLUSH].join('');
