-- What a person says of a whole difference, kept as labels are: append-only, taken back only by a later row.
CREATE TABLE review_events (
  seq INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  id TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL CHECK (kind IN ('review', 'retraction')),
  run_id TEXT NOT NULL REFERENCES runs (id),
  at TEXT NOT NULL,
  curator TEXT NOT NULL,
  decision TEXT CHECK (decision IN ('accepted', 'rejected')),
  comment TEXT,
  retracts_id TEXT REFERENCES review_events (id),
  CHECK ((kind = 'review') = (decision IS NOT NULL)),
  CHECK ((kind = 'retraction') = (retracts_id IS NOT NULL))
) STRICT;

CREATE INDEX review_events_by_run ON review_events (run_id, seq);
CREATE UNIQUE INDEX review_events_retractions ON review_events (retracts_id) WHERE retracts_id IS NOT NULL;

CREATE TRIGGER review_events_never_change BEFORE UPDATE ON review_events
BEGIN SELECT RAISE(ABORT, 'review_events is append-only'); END;
CREATE TRIGGER review_events_never_vanish BEFORE DELETE ON review_events
BEGIN SELECT RAISE(ABORT, 'review_events is append-only'); END;

-- What constant stars left in the score image; the review shows it, lists never read it.
ALTER TABLE runs ADD COLUMN star_scores_json TEXT;
