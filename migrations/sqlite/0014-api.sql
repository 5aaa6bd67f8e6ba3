-- Exposures that the line has read here, once each, whatever the number of runs they were in.
CREATE TABLE observations (
  path TEXT PRIMARY KEY NOT NULL,
  facts_json TEXT NOT NULL,
  band TEXT,
  object TEXT,
  -- Midpoint of the exposure, modified Julian day TAI; far in the past where the header says none.
  sort_mjd REAL NOT NULL,
  first_seen_at TEXT NOT NULL,
  last_run_id TEXT NOT NULL REFERENCES runs (id),
  is_science INTEGER NOT NULL,
  is_template INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX observations_by_time ON observations (sort_mjd, path);
CREATE INDEX observations_by_band ON observations (band, sort_mjd, path);
CREATE INDEX observations_by_object ON observations (object, sort_mjd, path);

CREATE TRIGGER runs_read_science AFTER UPDATE OF science_json ON runs
WHEN NEW.science_json IS NOT NULL AND NEW.origin IS NULL
BEGIN
  INSERT INTO observations VALUES (json_extract(NEW.science_json, '$.path'), NEW.science_json,
    lower(json_extract(NEW.science_json, '$.band')), lower(json_extract(NEW.science_json, '$.object')),
    coalesce(json_extract(NEW.science_json, '$.midpointMjdTai'), -1e9) * 1.0, NEW.created_at, NEW.id, 1, 0)
  ON CONFLICT (path) DO UPDATE SET facts_json = excluded.facts_json, band = excluded.band, object = excluded.object,
    sort_mjd = excluded.sort_mjd, last_run_id = max(last_run_id, excluded.last_run_id), is_science = 1;
END;
CREATE TRIGGER runs_read_template AFTER UPDATE OF template_json ON runs
WHEN NEW.template_json IS NOT NULL AND NEW.origin IS NULL
BEGIN
  INSERT INTO observations VALUES (json_extract(NEW.template_json, '$.path'), NEW.template_json,
    lower(json_extract(NEW.template_json, '$.band')), lower(json_extract(NEW.template_json, '$.object')),
    coalesce(json_extract(NEW.template_json, '$.midpointMjdTai'), -1e9) * 1.0, NEW.created_at, NEW.id, 0, 1)
  ON CONFLICT (path) DO UPDATE SET facts_json = excluded.facts_json, band = excluded.band, object = excluded.object,
    sort_mjd = excluded.sort_mjd, last_run_id = max(last_run_id, excluded.last_run_id), is_template = 1;
END;
UPDATE runs SET science_json = science_json, template_json = template_json;

-- Answers to requests that bear an Idempotency-Key. A row without an answer is of a process that died meanwhile: asked
-- again, the request is carried out with the same id for what it makes.
CREATE TABLE kept_answers (
  principal TEXT NOT NULL,
  key TEXT NOT NULL,
  request_sha256 TEXT NOT NULL,
  made_id TEXT NOT NULL,
  created_at TEXT NOT NULL,
  status INTEGER,
  content_type TEXT,
  body BLOB,
  PRIMARY KEY (principal, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX kept_answers_by_age ON kept_answers (created_at);
