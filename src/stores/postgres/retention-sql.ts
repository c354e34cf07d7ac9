// How long a team keeps its entries. Rule: what is removed is never taken in again, so that nothing counts twice; sums by quarter and day stay.

/** Entries of the last days stay: machines may be about to send some, and windows of a month are open. */
const LEAST_DAYS = 62;

export const RETENTION = `
ALTER TABLE team ADD COLUMN kept_from date NOT NULL DEFAULT DATE '1970-01-01';
CREATE OR REPLACE FUNCTION keep_partitions(p_occurred bigint[]) RETURNS void LANGUAGE plpgsql AS $$
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
-- Removes the entries of all days before one; answers how many there were.
CREATE FUNCTION prune_entries(p_before date) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = tollgate, pg_temp AS $$
DECLARE
  v_me member%ROWTYPE := require_manager();
  v_count bigint := 0;
  v_part record;
  v_rows bigint;
BEGIN
  IF p_before > current_date - ${LEAST_DAYS} THEN
    RAISE EXCEPTION 'entries of the last ${LEAST_DAYS} days stay' USING ERRCODE = '22008', HINT = 'name an earlier day';
  END IF;
  UPDATE team SET kept_from = greatest(kept_from, p_before);
  FOR v_part IN
    SELECT relid::regclass AS name FROM pg_partition_tree('entry') WHERE isleaf
      AND to_date(right(relid::regclass::text, 8), 'YYYYMMDD') < p_before
  LOOP
    EXECUTE format('SELECT count(*) FROM %s', v_part.name) INTO v_rows;
    v_count := v_count + v_rows;
    EXECUTE format('DROP TABLE %s', v_part.name);
  END LOOP;
  INSERT INTO audit (role_name, action, detail)
    VALUES (session_user, 'prune', jsonb_build_object('before', p_before, 'entries', v_count));
  RETURN v_count;
END $$;
`;

/** The ragged ends of a report's window, within the partitions of their days. */
export const TIME_INDEX =
  'CREATE INDEX entry_by_time ON entry USING brin (occurred_at_ms) WITH (pages_per_range = 32);';
