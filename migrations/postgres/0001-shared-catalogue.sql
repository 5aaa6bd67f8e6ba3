-- oldest-writer: 1
-- The shared catalogue: a log of changes for each project, numbered in the order of their commits.
--
-- Workstations read the log as rows (row-level security shows members their projects and nothing else) and write
-- through astrid.push alone, which decides author, number, and clock. Nothing is ever updated or deleted.

CREATE SCHEMA IF NOT EXISTS astrid;

-- What every member's login belongs to.
DO $$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'astrid_member') THEN
    CREATE ROLE astrid_member NOLOGIN;
  END IF;
END $$;

CREATE TABLE astrid.schema_versions (
  version integer PRIMARY KEY,
  name text NOT NULL,
  -- The oldest program, told by the schema it knows, that may still write here.
  oldest_writer integer NOT NULL,
  applied_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE astrid.projects (
  id uuid PRIMARY KEY,
  name text NOT NULL UNIQUE CHECK (length(name) BETWEEN 1 AND 200),
  created_at timestamptz NOT NULL DEFAULT now(),
  -- Number of the newest change: its row is the lock under which changes are numbered.
  head bigint NOT NULL DEFAULT 0
);

CREATE TABLE astrid.members (
  project_id uuid NOT NULL REFERENCES astrid.projects (id),
  login text NOT NULL CHECK (length(login) BETWEEN 1 AND 63),
  role text NOT NULL CHECK (role IN ('viewer', 'labeller', 'operator', 'admin')),
  since timestamptz NOT NULL DEFAULT now(),
  revoked_at timestamptz,
  PRIMARY KEY (project_id, login)
);

-- Whose hand a curator's profile is: the login that spoke for it first.
CREATE TABLE astrid.curators (
  project_id uuid NOT NULL,
  curator_id text NOT NULL,
  login text NOT NULL,
  PRIMARY KEY (project_id, curator_id),
  FOREIGN KEY (project_id, login) REFERENCES astrid.members (project_id, login)
);

CREATE TABLE astrid.changes (
  project_id uuid NOT NULL REFERENCES astrid.projects (id),
  seq bigint NOT NULL,
  id uuid NOT NULL,
  kind text NOT NULL CHECK (kind IN ('append', 'set')),
  entity text NOT NULL,
  key text NOT NULL,
  field text,
  value jsonb NOT NULL,
  based_on uuid[] NOT NULL DEFAULT '{}',
  clock text NOT NULL,
  author text NOT NULL,
  received_at timestamptz NOT NULL,
  PRIMARY KEY (project_id, seq),
  CHECK ((kind = 'set') = (field IS NOT NULL))
);
-- The project comes last: with it in front, a planner that knows nothing of the table yet reads the whole project.
CREATE UNIQUE INDEX changes_by_id ON astrid.changes (id, project_id);
CREATE UNIQUE INDEX changes_appended_once ON astrid.changes (key, entity, project_id) WHERE kind = 'append';

-- The role of whoever is connected, NULL for a stranger. The login is the session's: SET ROLE does not change it.
CREATE FUNCTION astrid.my_role(p_project uuid) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
  SELECT role FROM astrid.members
  WHERE project_id = p_project AND login = session_user AND revoked_at IS NULL
$$;

-- What a role may write. Everything a role may write, those above it may too.
CREATE FUNCTION astrid.may_write(p_role text, p_entity text) RETURNS boolean
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog AS $$
  SELECT CASE
    WHEN p_entity IN ('curation-event', 'curator', 'filter') THEN p_role IN ('labeller', 'operator', 'admin')
    WHEN p_entity IN ('run', 'detection', 'review', 'sky-object') THEN p_role IN ('operator', 'admin')
    WHEN p_entity IN ('taxonomy', 'setting') THEN p_role = 'admin'
    ELSE false
  END
$$;

-- Take changes in the order given, each once, and say of each what became of it.
--
-- p_changes: [{id, kind, entity, key, field, value, basedOn, clock}], at most 5000.
-- Answer, in the same order: {id, status: stored | known, seq, clock, author} or {id, status: refused, code, reason}.
CREATE FUNCTION astrid.push(p_project uuid, p_writer integer, p_changes jsonb) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
  v_role text := astrid.my_role(p_project);
  v_head bigint;
  v_first bigint;
  v_now_ms bigint := floor(extract(epoch FROM clock_timestamp()) * 1000);
  v_latest_ms bigint := v_now_ms + 60000;
  v_change jsonb;
  v_earlier astrid.changes;
  v_answers jsonb[] := '{}';
  v_code text;
  v_reason text;
  v_clock text;
  v_value jsonb;
  v_based_on uuid[];
  v_owner text;
BEGIN
  IF v_role IS NULL THEN
    RAISE EXCEPTION USING ERRCODE = 'AS001', MESSAGE = 'not a member of this project';
  END IF;
  IF p_writer < (SELECT oldest_writer FROM astrid.schema_versions ORDER BY version DESC LIMIT 1) THEN
    RAISE EXCEPTION USING ERRCODE = 'AS002', MESSAGE = 'this program is too old to write to the shared catalogue';
  END IF;
  IF jsonb_typeof(p_changes) IS DISTINCT FROM 'array' OR jsonb_array_length(p_changes) > 5000 THEN
    RAISE EXCEPTION USING ERRCODE = 'AS003', MESSAGE = 'changes come as an array of at most 5000';
  END IF;
  -- Held to the commit: whoever sees a number has seen all before it.
  SELECT head INTO v_head FROM astrid.projects WHERE id = p_project FOR UPDATE;
  v_first := v_head;

  FOR v_change IN SELECT value FROM jsonb_array_elements(p_changes) LOOP
    v_code := NULL;
    v_value := v_change -> 'value';
    v_clock := v_change ->> 'clock';
    IF coalesce(v_change ->> 'id', '') !~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'
      OR coalesce(v_change ->> 'kind', '') NOT IN ('append', 'set')
      OR jsonb_typeof(v_change -> 'entity') IS DISTINCT FROM 'string'
      OR jsonb_typeof(v_change -> 'key') IS DISTINCT FROM 'string'
      OR length(v_change ->> 'key') NOT BETWEEN 1 AND 400
      OR (v_change ->> 'kind' = 'set') <> coalesce(length(v_change ->> 'field') BETWEEN 1 AND 200, false)
      OR v_value IS NULL
      OR coalesce(v_clock, '') !~ '^[0-9a-f]{12}-[0-9a-f]{4}$'
      OR jsonb_typeof(coalesce(v_change -> 'basedOn', '[]')) <> 'array'
      OR EXISTS (
        SELECT FROM jsonb_array_elements_text(coalesce(v_change -> 'basedOn', '[]')) AS base
        WHERE base !~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$')
    THEN
      v_code := 'sync/malformed-change';
      v_reason := 'the change does not have the form of one';
    ELSIF octet_length(v_value::text) > 262144 THEN
      v_code := 'sync/change-too-large';
      v_reason := 'its value is larger than 256 KiB';
    ELSIF NOT astrid.may_write(v_role, v_change ->> 'entity') THEN
      v_code := 'sync/not-permitted';
      v_reason := format('a %s of this project may not write %s', v_role, v_change ->> 'entity');
    ELSE
      -- Compared as text, the project is no way into the primary key, which would read all of it.
      SELECT * INTO v_earlier FROM astrid.changes
      WHERE id = (v_change ->> 'id')::uuid AND project_id::text = p_project::text;
      IF NOT FOUND AND v_change ->> 'kind' = 'append' THEN
        SELECT * INTO v_earlier FROM astrid.changes
        WHERE key = v_change ->> 'key' AND entity = v_change ->> 'entity' AND kind = 'append'
          AND project_id::text = p_project::text;
      END IF;
      IF v_earlier.id IS NOT NULL THEN
        -- The clock is the catalogue's, and where a candidate lies is told by whoever knows; the rest has to be the same.
        IF v_earlier.kind = v_change ->> 'kind' AND v_earlier.entity = v_change ->> 'entity'
          AND v_earlier.key = v_change ->> 'key' AND v_earlier.field IS NOT DISTINCT FROM v_change ->> 'field'
          AND (CASE WHEN jsonb_typeof(v_earlier.value) = 'object' THEN v_earlier.value - 'clock' - 'place' ELSE v_earlier.value END)
            = (CASE WHEN jsonb_typeof(v_value) = 'object' THEN v_value - 'clock' - 'place' ELSE v_value END)
        THEN
          v_answers := v_answers || jsonb_build_object('id', v_change ->> 'id', 'status', 'known',
            'seq', v_earlier.seq, 'clock', v_earlier.clock, 'author', v_earlier.author);
          CONTINUE;
        END IF;
        v_code := 'sync/id-reused';
        v_reason := 'another change with this id or key is in the catalogue';
      END IF;
    END IF;

    IF v_code IS NULL AND v_change ->> 'entity' IN ('curation-event', 'curator') THEN
      -- A label is its author's: the first login to speak for a curator keeps the profile.
      v_owner := CASE v_change ->> 'entity' WHEN 'curator' THEN v_change ->> 'key' ELSE v_value ->> 'curator' END;
      IF coalesce(v_owner, '') = '' THEN
        v_code := 'sync/malformed-change';
        v_reason := 'it does not say whose it is';
      ELSE
        INSERT INTO astrid.curators (project_id, curator_id, login)
        VALUES (p_project, v_owner, session_user) ON CONFLICT DO NOTHING;
        IF NOT EXISTS (
          SELECT FROM astrid.curators
          WHERE project_id = p_project AND curator_id = v_owner AND login = session_user)
        THEN
          v_code := 'sync/not-your-curator';
          v_reason := 'this curator belongs to another member of the project';
        END IF;
      END IF;
    END IF;

    IF v_code IS NOT NULL THEN
      v_answers := v_answers || jsonb_build_object('id', v_change ->> 'id', 'status', 'refused',
        'code', v_code, 'reason', v_reason);
      CONTINUE;
    END IF;

    v_head := v_head + 1;
    -- A workstation whose clock runs ahead does not win against the future: its stamps become the catalogue's.
    IF v_clock > lpad(to_hex(v_latest_ms), 12, '0') || '-ffff' THEN
      v_clock := lpad(to_hex(v_now_ms), 12, '0') || '-' || lpad(to_hex(v_head % 65536), 4, '0');
    END IF;
    IF jsonb_typeof(v_value) = 'object' AND v_value ? 'clock' THEN
      v_value := jsonb_set(v_value, '{clock}', to_jsonb(v_clock));
    END IF;
    SELECT coalesce(array_agg(base::uuid), '{}') INTO v_based_on
    FROM jsonb_array_elements_text(coalesce(v_change -> 'basedOn', '[]')) AS base;
    INSERT INTO astrid.changes
      (project_id, seq, id, kind, entity, key, field, value, based_on, clock, author, received_at)
    VALUES (p_project, v_head, (v_change ->> 'id')::uuid, v_change ->> 'kind', v_change ->> 'entity',
      v_change ->> 'key', v_change ->> 'field', v_value, v_based_on, v_clock, session_user, clock_timestamp());
    v_answers := v_answers || jsonb_build_object('id', v_change ->> 'id', 'status', 'stored',
      'seq', v_head, 'clock', v_clock, 'author', session_user);
  END LOOP;

  IF v_head > v_first THEN
    UPDATE astrid.projects SET head = v_head WHERE id = p_project;
  END IF;
  RETURN to_jsonb(v_answers);
END $$;

ALTER TABLE astrid.projects ENABLE ROW LEVEL SECURITY;
ALTER TABLE astrid.members ENABLE ROW LEVEL SECURITY;
ALTER TABLE astrid.curators ENABLE ROW LEVEL SECURITY;
ALTER TABLE astrid.changes ENABLE ROW LEVEL SECURITY;

-- One question a statement, not one a row.
CREATE FUNCTION astrid.my_projects() RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
  SELECT project_id FROM astrid.members WHERE login = session_user AND revoked_at IS NULL
$$;

CREATE POLICY of_members ON astrid.projects FOR SELECT TO astrid_member
  USING (id IN (SELECT astrid.my_projects()));
CREATE POLICY of_members ON astrid.members FOR SELECT TO astrid_member
  USING (project_id IN (SELECT astrid.my_projects()));
CREATE POLICY of_members ON astrid.curators FOR SELECT TO astrid_member
  USING (project_id IN (SELECT astrid.my_projects()));
CREATE POLICY of_members ON astrid.changes FOR SELECT TO astrid_member
  USING (project_id IN (SELECT astrid.my_projects()));

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA astrid FROM PUBLIC;
GRANT USAGE ON SCHEMA astrid TO astrid_member;
GRANT SELECT ON ALL TABLES IN SCHEMA astrid TO astrid_member;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA astrid TO astrid_member;
