-- oldest-writer: 1
-- Who collects pixels that nobody refers to any more keeps the log from growing meanwhile: a reference is told before
-- its pixels are sent, so that none can come between the last look and the removal.

-- Let no change in until the transaction ends. Answers the number of the newest change.
CREATE FUNCTION astrid.hold_still(p_project uuid) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
  v_head bigint;
BEGIN
  IF astrid.my_role(p_project) IS DISTINCT FROM 'admin' THEN
    RAISE EXCEPTION USING ERRCODE = 'AS004', MESSAGE = 'only an admin of the project may do this';
  END IF;
  SELECT head INTO v_head FROM astrid.projects WHERE id = p_project FOR UPDATE;
  RETURN v_head;
END $$;

REVOKE ALL ON FUNCTION astrid.hold_still(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION astrid.hold_still(uuid) TO astrid_member;
