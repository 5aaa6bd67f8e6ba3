-- oldest-writer: 1
-- Projects and their members are a matter of those who run them, and not of the database's owner alone: an admin of a
-- project lets people in and shuts them out, and whoever is an admin of one project may begin another.

-- Whether whoever is connected owns the catalogue. The login is the session's: SET ROLE does not change it.
CREATE FUNCTION astrid.is_owner() RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
  SELECT pg_has_role(session_user, nspowner, 'USAGE') FROM pg_namespace WHERE nspname = 'astrid'
$$;

-- Whether a login was made for AstrID: others of the server are its owner's to let in. Who made the role that members
-- have is in it, too.
CREATE FUNCTION astrid.is_own_login(p_login text) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
  SELECT EXISTS (
    SELECT FROM pg_auth_members
    WHERE roleid = (SELECT oid FROM pg_roles WHERE rolname = 'astrid_member')
      AND member = (SELECT oid FROM pg_roles WHERE rolname = p_login)
      AND member <> (SELECT nspowner FROM pg_namespace WHERE nspname = 'astrid'))
$$;

-- Begin a project. Whoever is no owner is its first admin; done again, it changes nothing.
CREATE FUNCTION astrid.create_project(p_id uuid, p_name text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
  IF NOT astrid.is_owner() AND NOT EXISTS (
    SELECT FROM astrid.members WHERE login = session_user AND role = 'admin' AND revoked_at IS NULL)
  THEN
    RAISE EXCEPTION USING ERRCODE = 'AS004', MESSAGE = 'only an admin of a project may begin another';
  END IF;
  IF EXISTS (SELECT FROM astrid.projects WHERE id = p_id) THEN
    -- Another's project is not to be had by knowing its number.
    IF NOT astrid.is_owner() AND astrid.my_role(p_id) IS NULL THEN
      RAISE EXCEPTION USING ERRCODE = 'AS001', MESSAGE = 'not a member of this project';
    END IF;
    RETURN;
  END IF;
  INSERT INTO astrid.projects (id, name) VALUES (p_id, p_name);
  IF NOT astrid.is_owner() THEN
    INSERT INTO astrid.members (project_id, login, role) VALUES (p_id, session_user, 'admin');
  END IF;
END $$;

-- Nobody is left without whom nobody could be let in; the owner may do as the owner pleases.
CREATE FUNCTION astrid.keep_an_admin(p_project uuid, p_but text) RETURNS void
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
  IF NOT astrid.is_owner() AND NOT EXISTS (
    SELECT FROM astrid.members
    WHERE project_id = p_project AND login <> p_but AND role = 'admin' AND revoked_at IS NULL)
  THEN
    RAISE EXCEPTION USING ERRCODE = 'AS007', MESSAGE = 'a project keeps one admin at least';
  END IF;
END $$;

-- Let a person into a project, or give one another role. A login that is not there is made, with a password that is
-- sent as SCRAM keeps it: neither the server nor its log is told the password itself.
--
-- Answers whether a login was made.
CREATE FUNCTION astrid.let_in(p_project uuid, p_login text, p_role text, p_verifier text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
  v_is_new boolean := NOT EXISTS (SELECT FROM pg_roles WHERE rolname = p_login);
BEGIN
  IF NOT astrid.is_owner() AND astrid.my_role(p_project) IS DISTINCT FROM 'admin' THEN
    RAISE EXCEPTION USING ERRCODE = 'AS004', MESSAGE = 'only an admin of the project may do this';
  END IF;
  -- One at a time: two admins do not make viewers of each other.
  PERFORM FROM astrid.projects WHERE id = p_project FOR UPDATE;
  IF NOT FOUND THEN
    RAISE EXCEPTION USING ERRCODE = 'AS001', MESSAGE = 'there is no such project';
  END IF;
  IF v_is_new THEN
    IF coalesce(p_login, '') !~ '^[a-z][a-z0-9_]{0,62}$' OR p_login LIKE 'pg\_%' THEN
      RAISE EXCEPTION USING ERRCODE = 'AS005', MESSAGE = 'this cannot be a login';
    END IF;
    IF coalesce(p_verifier, '') !~ '^SCRAM-SHA-256\$[0-9]{4,7}:[A-Za-z0-9+/=]{16,88}\$[A-Za-z0-9+/=]{44}:[A-Za-z0-9+/=]{44}$' THEN
      RAISE EXCEPTION USING ERRCODE = 'AS003', MESSAGE = 'a password comes as SCRAM-SHA-256 keeps it';
    END IF;
    EXECUTE format('CREATE ROLE %I LOGIN PASSWORD %L', p_login, p_verifier);
    EXECUTE format('GRANT astrid_member TO %I', p_login);
  ELSIF NOT astrid.is_own_login(p_login) THEN
    IF NOT astrid.is_owner() THEN
      RAISE EXCEPTION USING ERRCODE = 'AS006', MESSAGE = 'this login was not made for AstrID';
    END IF;
    EXECUTE format('GRANT astrid_member TO %I', p_login);
  END IF;
  IF p_role IS DISTINCT FROM 'admin' THEN
    IF EXISTS (
      SELECT FROM astrid.members
      WHERE project_id = p_project AND login = p_login AND role = 'admin' AND revoked_at IS NULL)
    THEN
      PERFORM astrid.keep_an_admin(p_project, p_login);
    END IF;
  END IF;
  INSERT INTO astrid.members (project_id, login, role) VALUES (p_project, p_login, p_role)
  ON CONFLICT (project_id, login) DO UPDATE SET
    role = excluded.role,
    since = CASE WHEN members.revoked_at IS NULL THEN members.since ELSE now() END,
    revoked_at = NULL;
  RETURN v_is_new;
END $$;

-- Shut a person out; what the person did stays. Answers whether the person was in.
CREATE FUNCTION astrid.shut_out(p_project uuid, p_login text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
  IF NOT astrid.is_owner() AND astrid.my_role(p_project) IS DISTINCT FROM 'admin' THEN
    RAISE EXCEPTION USING ERRCODE = 'AS004', MESSAGE = 'only an admin of the project may do this';
  END IF;
  PERFORM FROM astrid.projects WHERE id = p_project FOR UPDATE;
  PERFORM astrid.keep_an_admin(p_project, p_login);
  UPDATE astrid.members SET revoked_at = now()
  WHERE project_id = p_project AND login = p_login AND revoked_at IS NULL;
  RETURN FOUND;
END $$;

-- Only what is asked from outside: the rest is asked by these, as their owner.
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA astrid FROM PUBLIC;
GRANT EXECUTE ON FUNCTION astrid.is_owner(), astrid.create_project(uuid, text),
  astrid.let_in(uuid, text, text, text), astrid.shut_out(uuid, text) TO astrid_member;
