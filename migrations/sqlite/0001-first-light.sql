-- Runs of the line, what their stages made, what people said of it, and the log of all that happened.
-- Instants are ISO 8601 text in UTC with milliseconds, so that text order is time order.
-- Ids are UUIDv7 made by the program. JSON columns end in _json.

CREATE TABLE runs (
  id TEXT PRIMARY KEY NOT NULL,
  created_at TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('queued', 'running', 'done', 'failed', 'cancelled')),
  science_path TEXT NOT NULL,
  template_path TEXT NOT NULL,
  options_json TEXT NOT NULL,
  science_json TEXT,
  template_json TEXT,
  grade TEXT CHECK (grade IN ('green', 'yellow', 'red')),
  grade_reasons_json TEXT NOT NULL DEFAULT '[]',
  candidate_count INTEGER NOT NULL DEFAULT 0,
  queued_at TEXT NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  lease TEXT,
  lease_worker TEXT,
  lease_expires_at TEXT,
  error_code TEXT,
  error_message TEXT,
  error_details_json TEXT,
  -- The field view's data comes last: lists never read it, and SQLite then never leaves the row's first page.
  sky_json TEXT,
  registration_json TEXT,
  difference_json TEXT,
  CHECK ((status = 'running') = (lease IS NOT NULL))
) STRICT;

CREATE INDEX runs_by_age ON runs (created_at, id);
CREATE INDEX runs_by_status ON runs (status, created_at, id);
CREATE INDEX runs_to_claim ON runs (queued_at, id) WHERE status IN ('queued', 'running');

CREATE TABLE stage_runs (
  seq INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  id TEXT NOT NULL UNIQUE,
  run_id TEXT NOT NULL REFERENCES runs (id),
  stage TEXT NOT NULL,
  code_version TEXT NOT NULL,
  config_hash TEXT NOT NULL,
  input_hash TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('running', 'done', 'failed')),
  started_at TEXT NOT NULL,
  finished_at TEXT,
  seconds REAL,
  error_code TEXT,
  error_message TEXT,
  error_details_json TEXT,
  metrics_json TEXT NOT NULL DEFAULT '{}',
  output_json TEXT
) STRICT;

CREATE INDEX stage_runs_by_run ON stage_runs (run_id, stage, seq);
-- One result per key: a stage that is done is never done twice.
CREATE UNIQUE INDEX stage_runs_done ON stage_runs (run_id, stage, code_version, config_hash, input_hash)
  WHERE status = 'done';

CREATE TABLE planes (
  run_id TEXT NOT NULL REFERENCES runs (id),
  kind TEXT NOT NULL,
  sha256 TEXT NOT NULL CHECK (length(sha256) = 64),
  width_px INTEGER NOT NULL CHECK (width_px > 0),
  height_px INTEGER NOT NULL CHECK (height_px > 0),
  dtype TEXT NOT NULL CHECK (dtype IN ('float32', 'uint16')),
  unit TEXT NOT NULL,
  PRIMARY KEY (run_id, kind)
) STRICT;

CREATE INDEX planes_by_blob ON planes (sha256);

-- Triplets of candidates must open without the field, so they live here and not among the blobs.
CREATE TABLE cutouts (
  sha256 TEXT PRIMARY KEY NOT NULL CHECK (length(sha256) = 64),
  bytes BLOB NOT NULL
) STRICT;

CREATE TABLE detections (
  id TEXT PRIMARY KEY NOT NULL,
  run_id TEXT NOT NULL REFERENCES runs (id),
  created_at TEXT NOT NULL,
  -- Set when a later execution of the line no longer finds it; only labelled detections are kept so.
  superseded_at TEXT,
  is_vetoed INTEGER NOT NULL CHECK (is_vetoed IN (0, 1)),
  rank INTEGER NOT NULL,
  score REAL NOT NULL CHECK (score BETWEEN 0 AND 1),
  model_version TEXT NOT NULL,
  execution_provider TEXT NOT NULL,
  x_px REAL NOT NULL,
  y_px REAL NOT NULL,
  ra_deg REAL,
  dec_deg REAL,
  flux_e REAL NOT NULL,
  flux_err_e REAL NOT NULL,
  snr REAL NOT NULL,
  scorr_sigma REAL NOT NULL,
  is_negative INTEGER NOT NULL CHECK (is_negative IN (0, 1)),
  area_px INTEGER NOT NULL,
  mask_bits INTEGER NOT NULL,
  mag REAL,
  triplet_sha256 TEXT NOT NULL REFERENCES cutouts (sha256),
  -- The newest label that was not taken back; kept in step with label_events by the same transaction.
  label_id TEXT,
  label_verdict TEXT CHECK (label_verdict IN ('real', 'bogus', 'unsure')),
  flags_json TEXT NOT NULL,
  vetoes_json TEXT NOT NULL,
  features_json TEXT NOT NULL
) STRICT;

-- Also of superseded ones: a run that is processed again looks for all it ever found.
CREATE INDEX detections_by_run ON detections (run_id, is_vetoed, score, id);
CREATE INDEX detections_by_score ON detections (is_vetoed, score, id) WHERE superseded_at IS NULL;
CREATE INDEX detections_by_snr ON detections (is_vetoed, snr, id) WHERE superseded_at IS NULL;
CREATE INDEX detections_by_rank ON detections (is_vetoed, rank, id) WHERE superseded_at IS NULL;
CREATE INDEX detections_labelled ON detections (run_id, label_verdict)
  WHERE superseded_at IS NULL AND label_id IS NOT NULL;
CREATE INDEX detections_by_cutout ON detections (triplet_sha256);

-- An append-only history: a verdict is never changed, only taken back by a later row.
CREATE TABLE label_events (
  seq INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  id TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL CHECK (kind IN ('label', 'retraction')),
  candidate_id TEXT NOT NULL REFERENCES detections (id),
  run_id TEXT NOT NULL REFERENCES runs (id),
  at TEXT NOT NULL,
  curator TEXT NOT NULL,
  verdict TEXT CHECK (verdict IN ('real', 'bogus', 'unsure')),
  reason TEXT,
  decision_ms INTEGER,
  is_score_visible INTEGER CHECK (is_score_visible IN (0, 1)),
  retracts_id TEXT REFERENCES label_events (id),
  CHECK ((kind = 'label') = (verdict IS NOT NULL)),
  CHECK ((kind = 'retraction') = (retracts_id IS NOT NULL))
) STRICT;

CREATE INDEX label_events_by_candidate ON label_events (candidate_id, seq);
CREATE INDEX label_events_by_run ON label_events (run_id, seq);
CREATE UNIQUE INDEX label_events_retractions ON label_events (retracts_id) WHERE retracts_id IS NOT NULL;

CREATE TRIGGER label_events_never_change BEFORE UPDATE ON label_events
BEGIN SELECT RAISE(ABORT, 'label_events is append-only'); END;
CREATE TRIGGER label_events_never_vanish BEFORE DELETE ON label_events
BEGIN SELECT RAISE(ABORT, 'label_events is append-only'); END;

CREATE TABLE events (
  id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  kind TEXT NOT NULL,
  at TEXT NOT NULL,
  run_id TEXT,
  candidate_id TEXT,
  data_json TEXT NOT NULL DEFAULT '{}'
) STRICT;

CREATE INDEX events_by_run ON events (run_id, id);

CREATE TABLE settings (
  key TEXT PRIMARY KEY NOT NULL,
  value_json TEXT NOT NULL,
  updated_at TEXT NOT NULL
) STRICT;
