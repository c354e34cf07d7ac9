// How long a team keeps its entries. Rule: what is removed is never taken in again, so that nothing counts twice; sums by quarter and day stay.

/** Entries of the last days stay: machines may be about to send some, and windows of a month are open. */
const LEAST_DAYS = 62;

export const RETENTION = `
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
