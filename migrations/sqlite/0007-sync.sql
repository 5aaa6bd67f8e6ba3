-- What is shared with other workstations. Triggers write the outbox in the transaction of the data, whoever wrote it:
-- nothing is kept here and forgotten there. make_id() and next_clock((SELECT clock FROM newest_clock)) are the program's, see connection.ts.

CREATE TABLE sync_state (
  id INTEGER PRIMARY KEY NOT NULL CHECK (id = 1),
  -- 1 inside a transaction that takes in changes of others, which are not told back.
  is_receiving INTEGER NOT NULL DEFAULT 0 CHECK (is_receiving IN (0, 1)),
  -- Number of the newest change received.
  cursor INTEGER NOT NULL DEFAULT 0,
  last_exchange_at TEXT,
  sent INTEGER NOT NULL DEFAULT 0,
  received INTEGER NOT NULL DEFAULT 0
) STRICT;
INSERT INTO sync_state (id) VALUES (1);

-- Changes made here for the shared catalogue, in their order. Those it has had stay, so that nothing is told twice and
-- another project can be told all of it; those it refused stay, with why.
CREATE TABLE outbox (
  seq INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  change_id TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL CHECK (kind IN ('append', 'set')),
  entity TEXT NOT NULL,
  key TEXT NOT NULL,
  sent_at TEXT,
  refused_at TEXT,
  refused_code TEXT,
  refused_reason TEXT
) STRICT;
CREATE INDEX outbox_waiting ON outbox (seq) WHERE sent_at IS NULL AND refused_at IS NULL;
CREATE INDEX outbox_refused ON outbox (seq) WHERE refused_at IS NOT NULL;

-- Every value that a shared field was ever given, here or elsewhere.
CREATE TABLE field_versions (
  id TEXT PRIMARY KEY NOT NULL,
  entity TEXT NOT NULL,
  key TEXT NOT NULL,
  field TEXT NOT NULL,
  value_json TEXT NOT NULL,
  clock TEXT NOT NULL,
  -- Ids of the versions that it replaces.
  based_on_json TEXT NOT NULL,
  -- Login that sent it; NULL while the shared catalogue has not had it.
  author TEXT,
  -- 1 where the shared catalogue refused it: then it is none of the field's values, and only kept.
  is_refused INTEGER NOT NULL DEFAULT 0 CHECK (is_refused IN (0, 1)),
  -- Nothing that was not refused is based on it.
  is_head INTEGER NOT NULL DEFAULT 1 CHECK (is_head IN (0, 1))
) STRICT, WITHOUT ROWID;
CREATE INDEX field_versions_of ON field_versions (entity, key, field, is_head);
CREATE INDEX field_versions_by_clock ON field_versions (clock);

-- The newest stamp of anything here, own or received.
CREATE VIEW newest_clock AS SELECT max(
  coalesce((SELECT max(clock) FROM label_events), ''),
  coalesce((SELECT max(clock) FROM field_versions), ''),
  coalesce((SELECT max(clock) FROM curators), '')) AS clock;

-- Changes that cannot be taken in: of a kind that a newer program knows, of a run that is not here, or not what they
-- should be. They are tried again with every exchange.
CREATE TABLE waiting_changes (
  seq INTEGER PRIMARY KEY NOT NULL,
  change_json TEXT NOT NULL,
  reason TEXT NOT NULL
) STRICT;

-- Runs of other workstations whose pair was processed here too: their candidates are the ones found here.
CREATE TABLE twin_runs (
  id TEXT PRIMARY KEY NOT NULL,
  science_name TEXT NOT NULL,
  template_name TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Login whose workstation made the run; NULL for this one's.
ALTER TABLE runs ADD COLUMN origin TEXT;

-- The stamp of the catalogue replaces that of a clock that ran ahead, and a pair that was processed on two
-- workstations is one run; everything else of an event never changes.
DROP TRIGGER label_events_never_change;
CREATE TRIGGER label_events_never_change
BEFORE UPDATE OF seq, id, kind, candidate_id, at, curator, verdict, class_id, taxonomy_id, taxonomy_version,
  confidence, purpose, reason, is_set, decision_ms, is_score_visible, score, model_version, view_hash, retracts_id
ON label_events
BEGIN SELECT RAISE(ABORT, 'label_events is append-only'); END;

DROP TRIGGER review_events_never_change;
CREATE TRIGGER review_events_never_change
BEFORE UPDATE OF seq, id, kind, at, curator, decision, comment, retracts_id ON review_events
BEGIN SELECT RAISE(ABORT, 'review_events is append-only'); END;

CREATE TRIGGER label_events_shared AFTER INSERT ON label_events
WHEN (SELECT is_receiving FROM sync_state) = 0
BEGIN
  INSERT INTO outbox (change_id, kind, entity, key) VALUES (NEW.id, 'append', 'curation-event', NEW.id);
END;

CREATE TRIGGER taxonomies_shared AFTER INSERT ON taxonomies
WHEN (SELECT is_receiving FROM sync_state) = 0
BEGIN
  INSERT INTO outbox (change_id, kind, entity, key)
    VALUES (make_id(), 'append', 'taxonomy', NEW.id || '@' || NEW.version);
END;

CREATE TRIGGER review_events_shared AFTER INSERT ON review_events
WHEN (SELECT is_receiving FROM sync_state) = 0
BEGIN
  INSERT INTO outbox (change_id, kind, entity, key) VALUES (NEW.id, 'append', 'review', NEW.id);
END;

-- A run is told of when it is done: its candidates first, then itself; done again, only what it found new.
CREATE TRIGGER runs_shared AFTER UPDATE OF status ON runs
WHEN NEW.status = 'done' AND OLD.status <> 'done' AND NEW.origin IS NULL AND (SELECT is_receiving FROM sync_state) = 0
BEGIN
  INSERT OR IGNORE INTO outbox (change_id, kind, entity, key) VALUES (NEW.id, 'append', 'run', NEW.id);
  INSERT OR IGNORE INTO outbox (change_id, kind, entity, key)
    SELECT id, 'append', 'detection', id FROM detections
    WHERE run_id = NEW.id AND is_vetoed = 0 AND superseded_at IS NULL ORDER BY rank;
END;

-- Each field of a profile by itself: two people who change its name and its colour do not undo each other.
CREATE TRIGGER curators_shared AFTER INSERT ON curators
WHEN (SELECT is_receiving FROM sync_state) = 0
BEGIN
  INSERT INTO field_versions (id, entity, key, field, value_json, clock, based_on_json)
    SELECT make_id(), 'curator', NEW.id, column1, column2, NEW.clock, '[]' FROM (VALUES
      ('name', json_quote(NEW.name)), ('shortId', json_quote(NEW.short_id)),
      ('colour', json_quote(NEW.colour)), ('shape', json_quote(NEW.shape)));
END;
CREATE TRIGGER curators_shared_again AFTER UPDATE OF name, short_id, colour, shape ON curators
WHEN (SELECT is_receiving FROM sync_state) = 0
BEGIN
  INSERT INTO field_versions (id, entity, key, field, value_json, clock, based_on_json)
    SELECT make_id(), 'curator', NEW.id, column1, column2, NEW.clock,
      (SELECT json_group_array(id) FROM field_versions
       WHERE entity = 'curator' AND key = NEW.id AND field = column1 AND is_head = 1)
    FROM (VALUES
      ('name', json_quote(NEW.name), json_quote(OLD.name)),
      ('shortId', json_quote(NEW.short_id), json_quote(OLD.short_id)),
      ('colour', json_quote(NEW.colour), json_quote(OLD.colour)),
      ('shape', json_quote(NEW.shape), json_quote(OLD.shape)))
    WHERE column2 <> column3;
END;

-- Rules that a whole project follows; everything else of the settings is this workstation's own.
CREATE TRIGGER settings_shared AFTER INSERT ON settings
WHEN NEW.key IN ('curation.consensus', 'curation.taxonomy') AND (SELECT is_receiving FROM sync_state) = 0
BEGIN
  INSERT INTO field_versions (id, entity, key, field, value_json, clock, based_on_json)
    VALUES (make_id(), 'setting', NEW.key, 'value', NEW.value_json, next_clock((SELECT clock FROM newest_clock)), '[]');
END;
CREATE TRIGGER settings_shared_again AFTER UPDATE OF value_json ON settings
WHEN NEW.key IN ('curation.consensus', 'curation.taxonomy') AND NEW.value_json <> OLD.value_json
  AND (SELECT is_receiving FROM sync_state) = 0
BEGIN
  INSERT INTO field_versions (id, entity, key, field, value_json, clock, based_on_json)
    VALUES (make_id(), 'setting', NEW.key, 'value', NEW.value_json, next_clock((SELECT clock FROM newest_clock)),
      (SELECT json_group_array(id) FROM field_versions
       WHERE entity = 'setting' AND key = NEW.key AND field = 'value' AND is_head = 1));
END;

-- In whatever order versions arrive, the heads are the same.
CREATE TRIGGER field_versions_added AFTER INSERT ON field_versions
BEGIN
  UPDATE field_versions SET is_head = (is_refused = 0 AND NOT EXISTS (
      SELECT 1 FROM field_versions AS later, json_each(later.based_on_json) AS base
      WHERE later.entity = NEW.entity AND later.key = NEW.key AND later.field = NEW.field
        AND later.is_refused = 0 AND base.value = field_versions.id))
    WHERE entity = NEW.entity AND key = NEW.key AND field = NEW.field;
END;
CREATE TRIGGER field_versions_refused AFTER UPDATE OF is_refused ON field_versions
BEGIN
  UPDATE field_versions SET is_head = (is_refused = 0 AND NOT EXISTS (
      SELECT 1 FROM field_versions AS later, json_each(later.based_on_json) AS base
      WHERE later.entity = NEW.entity AND later.key = NEW.key AND later.field = NEW.field
        AND later.is_refused = 0 AND base.value = field_versions.id))
    WHERE entity = NEW.entity AND key = NEW.key AND field = NEW.field;
END;
CREATE TRIGGER field_versions_shared AFTER INSERT ON field_versions
WHEN NEW.author IS NULL AND (SELECT is_receiving FROM sync_state) = 0
BEGIN
  INSERT INTO outbox (change_id, kind, entity, key) VALUES (NEW.id, 'set', NEW.entity, NEW.key);
END;

-- Everything that was there before: in the order of the line.
INSERT INTO field_versions (id, entity, key, field, value_json, clock, based_on_json)
  SELECT '01900000-0000-7' || substr(hex, 1, 3) || '-8' || substr(hex, 4, 3) || '-' || substr(hex, 7, 12),
    'curator', key, field, value, clock, '[]'
  FROM (
    SELECT id AS key, clock, 'name' AS field, json_quote(name) AS value, lower(hex(randomblob(10))) AS hex FROM curators
    UNION ALL SELECT id, clock, 'shortId', json_quote(short_id), lower(hex(randomblob(10))) FROM curators
    UNION ALL SELECT id, clock, 'colour', json_quote(colour), lower(hex(randomblob(10))) FROM curators
    UNION ALL SELECT id, clock, 'shape', json_quote(shape), lower(hex(randomblob(10))) FROM curators
  );
INSERT INTO outbox (change_id, kind, entity, key)
  SELECT '01900000-0000-7' || substr(hex, 1, 3) || '-8' || substr(hex, 4, 3) || '-' || substr(hex, 7, 12),
    'append', 'taxonomy', key
  FROM (SELECT id || '@' || version AS key, lower(hex(randomblob(10))) AS hex FROM taxonomies);
INSERT INTO outbox (change_id, kind, entity, key)
  SELECT id, 'append', 'run', id FROM runs WHERE status = 'done' ORDER BY created_at;
INSERT INTO outbox (change_id, kind, entity, key)
  SELECT detections.id, 'append', 'detection', detections.id FROM detections JOIN runs ON runs.id = run_id
  WHERE is_vetoed = 0 AND superseded_at IS NULL AND status = 'done' ORDER BY runs.created_at, rank;
INSERT INTO outbox (change_id, kind, entity, key)
  SELECT id, 'append', 'curation-event', id FROM label_events ORDER BY seq;
INSERT INTO outbox (change_id, kind, entity, key)
  SELECT id, 'append', 'review', id FROM review_events ORDER BY seq;

-- Triplets in the bucket: those of candidates found here are sent there, those of others have no bytes until they came.
ALTER TABLE cutouts ADD COLUMN mirrored_at TEXT;
CREATE INDEX cutouts_to_send ON cutouts (sha256) WHERE mirrored_at IS NULL AND length(bytes) > 0;
CREATE INDEX cutouts_to_fetch ON cutouts (sha256) WHERE length(bytes) = 0;
