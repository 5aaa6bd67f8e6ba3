-- Detections of many runs that are one thing on the sky, and what is known of it.
CREATE TABLE sky_objects (
  id TEXT PRIMARY KEY NOT NULL,
  -- Its first place, `AstrID J183402.27-010203.4`; never changed, though the mean place moves.
  name TEXT NOT NULL UNIQUE,
  created_at TEXT NOT NULL,
  -- Rises with every change of any object: who keeps objects in memory reads those that are newer.
  revision INTEGER NOT NULL,
  ra_deg REAL NOT NULL CHECK (ra_deg >= 0 AND ra_deg < 360),
  dec_deg REAL NOT NULL CHECK (dec_deg BETWEEN -90 AND 90),
  position_err_arcsec REAL NOT NULL CHECK (position_err_arcsec > 0),
  -- Band of declination that it lies in: a search around a place looks at one or two of them.
  zone INTEGER NOT NULL,
  -- 0 when the runs that found it no longer do; it keeps its name, and is found again by its place.
  detection_count INTEGER NOT NULL CHECK (detection_count >= 0),
  first_mjd_tai REAL,
  last_mjd_tai REAL,
  best_score REAL,
  best_snr REAL,
  brightest_mag REAL
) STRICT;

CREATE INDEX sky_objects_by_place ON sky_objects (zone, ra_deg);
CREATE INDEX sky_objects_by_revision ON sky_objects (revision);

-- A detection belongs to one object at most; those without sky coordinates to none.
CREATE TABLE sky_object_detections (
  detection_id TEXT PRIMARY KEY NOT NULL REFERENCES detections (id) ON DELETE CASCADE,
  object_id TEXT NOT NULL REFERENCES sky_objects (id),
  position_err_arcsec REAL NOT NULL CHECK (position_err_arcsec > 0)
) STRICT;

CREATE INDEX sky_object_detections_by_object ON sky_object_detections (object_id);

-- Runs whose candidates have been associated; those of older workspaces are not here yet.
CREATE TABLE associated_runs (
  run_id TEXT PRIMARY KEY NOT NULL REFERENCES runs (id),
  at TEXT NOT NULL
) STRICT;

-- All that lists and plots of many detections look at, without the rows' features: a million of them are read in
-- one passage, run by run.
CREATE INDEX detections_columns ON detections (
  run_id, superseded_at, is_vetoed, score, snr, mag, ra_deg, dec_deg, x_px, y_px, is_negative, label_verdict,
  model_version
);
