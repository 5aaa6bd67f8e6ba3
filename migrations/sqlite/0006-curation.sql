-- Labels as events that merge: author, hybrid clock, class, confidence, and what was seen when they were given.
-- An event may speak of a candidate that is not here (yet), and a retraction may arrive before what it takes back:
-- so neither is a foreign key any more.

CREATE TABLE curators (
  id TEXT PRIMARY KEY NOT NULL,
  name TEXT NOT NULL,
  short_id TEXT NOT NULL,
  colour INTEGER NOT NULL CHECK (colour BETWEEN 0 AND 7),
  shape TEXT NOT NULL,
  -- The newest profile wins where two workspaces are merged.
  clock TEXT NOT NULL
) STRICT;

-- People known so far only by the name of their account get an id that no other machine's account has.
INSERT INTO curators (id, name, short_id, colour, shape, clock)
  SELECT '01900000-0000-7' || substr(hex, 1, 3) || '-8' || substr(hex, 4, 3) || '-' || substr(hex, 7, 12),
    curator, upper(substr(curator, 1, 3)), 0, 'disc', ''
  FROM (SELECT curator, lower(hex(randomblob(10))) AS hex FROM (SELECT DISTINCT curator FROM label_events));

CREATE TABLE label_events_next (
  seq INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  id TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL CHECK (kind IN ('label', 'retraction', 'comment', 'flag', 'reveal', 'adjudication')),
  candidate_id TEXT NOT NULL,
  run_id TEXT,
  at TEXT NOT NULL,
  clock TEXT NOT NULL,
  curator TEXT NOT NULL,
  verdict TEXT CHECK (verdict IN ('real', 'bogus', 'unsure')),
  class_id TEXT,
  taxonomy_id TEXT,
  taxonomy_version INTEGER,
  confidence TEXT CHECK (confidence IN ('low', 'mid', 'high')),
  purpose TEXT CHECK (purpose IN ('work', 'gold', 'repeat')),
  -- Words: of a label its reason, of a comment and an adjudication the text.
  reason TEXT,
  is_set INTEGER CHECK (is_set IN (0, 1)),
  decision_ms INTEGER,
  is_score_visible INTEGER CHECK (is_score_visible IN (0, 1)),
  score REAL,
  model_version TEXT,
  view_hash TEXT,
  retracts_id TEXT,
  CHECK ((kind IN ('label', 'adjudication')) = (verdict IS NOT NULL)),
  CHECK ((kind = 'retraction') = (retracts_id IS NOT NULL)),
  CHECK ((kind = 'flag') = (is_set IS NOT NULL)),
  CHECK ((kind = 'label') = (purpose IS NOT NULL))
) STRICT;

INSERT INTO label_events_next (seq, id, kind, candidate_id, run_id, at, clock, curator, verdict, purpose, reason,
    decision_ms, is_score_visible, score, model_version, retracts_id)
  SELECT seq, label_events.id, kind, candidate_id, label_events.run_id, at,
    -- Stamps of the hybrid clock: the moment in milliseconds, then the order within it.
    printf('%012x-%04x', CAST(round((julianday(at) - 2440587.5) * 86400000) AS INTEGER), seq % 65536),
    curators.id, verdict, CASE kind WHEN 'label' THEN 'work' END, reason, decision_ms, is_score_visible,
    CASE kind WHEN 'label' THEN detections.score END, CASE kind WHEN 'label' THEN detections.model_version END,
    retracts_id
  FROM label_events
  JOIN curators ON curators.name = label_events.curator
  JOIN detections ON detections.id = label_events.candidate_id
  ORDER BY seq;

DROP TRIGGER label_events_never_change;
DROP TRIGGER label_events_never_vanish;
DROP TABLE label_events;
ALTER TABLE label_events_next RENAME TO label_events;

CREATE INDEX label_events_by_candidate ON label_events (candidate_id, seq);
CREATE INDEX label_events_by_run ON label_events (run_id, seq);
CREATE INDEX label_events_by_curator ON label_events (curator, seq);
CREATE INDEX label_events_by_clock ON label_events (clock);
CREATE INDEX label_events_retractions ON label_events (retracts_id) WHERE retracts_id IS NOT NULL;

CREATE TRIGGER label_events_never_change BEFORE UPDATE ON label_events
BEGIN SELECT RAISE(ABORT, 'label_events is append-only'); END;
CREATE TRIGGER label_events_never_vanish BEFORE DELETE ON label_events
BEGIN SELECT RAISE(ABORT, 'label_events is append-only'); END;

-- What stands, kept in step with label_events by the same transaction: each curator's newest label of a candidate.
CREATE TABLE standing_labels (
  candidate_id TEXT NOT NULL,
  curator TEXT NOT NULL,
  label_id TEXT NOT NULL,
  run_id TEXT,
  verdict TEXT NOT NULL,
  class_id TEXT,
  PRIMARY KEY (candidate_id, curator)
) STRICT, WITHOUT ROWID;

CREATE INDEX standing_labels_by_curator ON standing_labels (curator, label_id);
CREATE INDEX standing_labels_by_run ON standing_labels (run_id, candidate_id);
CREATE INDEX standing_labels_by_class ON standing_labels (class_id) WHERE class_id IS NOT NULL;

INSERT INTO standing_labels (candidate_id, curator, label_id, run_id, verdict)
  SELECT candidate_id, curator, id, run_id, verdict FROM label_events AS label
  WHERE kind = 'label' AND NOT EXISTS (
    SELECT 1 FROM label_events AS later WHERE later.retracts_id = label.id
  ) AND NOT EXISTS (
    SELECT 1 FROM label_events AS newer WHERE newer.kind = 'label' AND newer.candidate_id = label.candidate_id
      AND newer.curator = label.curator AND newer.seq > label.seq
      AND NOT EXISTS (SELECT 1 FROM label_events AS later WHERE later.retracts_id = newer.id)
  );

-- What all curators together come to; a candidate that nobody touched has no row.
CREATE TABLE candidate_states (
  candidate_id TEXT PRIMARY KEY NOT NULL,
  labels INTEGER NOT NULL,
  -- The newest label's.
  verdict TEXT,
  class_id TEXT,
  is_flagged INTEGER NOT NULL CHECK (is_flagged IN (0, 1)),
  comments INTEGER NOT NULL,
  consensus TEXT NOT NULL CHECK (consensus IN ('waiting', 'agreed', 'retired', 'disputed', 'to-adjudicate', 'adjudicated'))
) STRICT, WITHOUT ROWID;

CREATE INDEX candidate_states_open ON candidate_states (consensus, candidate_id)
  WHERE consensus IN ('disputed', 'to-adjudicate');
CREATE INDEX candidate_states_gold ON candidate_states (candidate_id) WHERE consensus = 'adjudicated';

INSERT INTO candidate_states (candidate_id, labels, verdict, is_flagged, comments, consensus)
  SELECT id, 1, label_verdict, 0, 0, 'waiting' FROM detections WHERE label_id IS NOT NULL;

-- Candidates of another workspace: where they lie, so that their events find the same detection here.
CREATE TABLE foreign_candidates (
  id TEXT PRIMARY KEY NOT NULL,
  -- The detection here that it is; NULL while there is none.
  candidate_id TEXT,
  science_name TEXT NOT NULL,
  template_name TEXT NOT NULL,
  x_px REAL NOT NULL,
  y_px REAL NOT NULL,
  is_negative INTEGER NOT NULL CHECK (is_negative IN (0, 1))
) STRICT, WITHOUT ROWID;

CREATE INDEX foreign_candidates_here ON foreign_candidates (candidate_id) WHERE candidate_id IS NOT NULL;
CREATE INDEX foreign_candidates_waiting ON foreign_candidates (science_name, template_name) WHERE candidate_id IS NULL;

-- How new a candidate is and what a label of it would tell; 0 until they are worked out.
ALTER TABLE detections ADD COLUMN is_ranked INTEGER NOT NULL DEFAULT 0 CHECK (is_ranked IN (0, 1));
ALTER TABLE detections ADD COLUMN novelty REAL NOT NULL DEFAULT 0;
ALTER TABLE detections ADD COLUMN gain REAL NOT NULL DEFAULT 0;
-- How far the score is from saying nothing: 0 where the model knows least.
ALTER TABLE detections ADD COLUMN uncertainty REAL NOT NULL DEFAULT 0;
UPDATE detections SET uncertainty = abs(score - 0.5);

-- Orders of the labelling queue. Each holds what filters ask for, so that passing over a row does not read it.
DROP INDEX detections_by_score;
DROP INDEX detections_by_snr;
CREATE INDEX detections_by_score ON detections (is_vetoed, score, id, snr, run_id, flags_json, superseded_at)
  WHERE superseded_at IS NULL;
CREATE INDEX detections_by_snr ON detections (is_vetoed, snr, id, score, run_id, flags_json, superseded_at)
  WHERE superseded_at IS NULL;
CREATE INDEX detections_by_uncertainty ON detections (is_vetoed, uncertainty, id, score, snr, run_id, flags_json, superseded_at)
  WHERE superseded_at IS NULL;
CREATE INDEX detections_by_novelty ON detections (is_vetoed, novelty, id, score, snr, run_id, flags_json, superseded_at)
  WHERE superseded_at IS NULL;
CREATE INDEX detections_by_gain ON detections (is_vetoed, gain, id, score, snr, run_id, flags_json, superseded_at)
  WHERE superseded_at IS NULL;
CREATE INDEX detections_unranked ON detections (run_id, id) WHERE is_ranked = 0 AND superseded_at IS NULL;

CREATE TABLE taxonomies (
  id TEXT NOT NULL,
  version INTEGER NOT NULL CHECK (version > 0),
  created_at TEXT NOT NULL,
  taxonomy_json TEXT NOT NULL,
  PRIMARY KEY (id, version)
) STRICT, WITHOUT ROWID;
