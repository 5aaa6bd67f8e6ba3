-- Who did what when, how a model's scores lie, and how a queue of a hundred thousand runs is searched.
ALTER TABLE stage_runs ADD COLUMN worker TEXT;
CREATE INDEX stage_runs_by_start ON stage_runs (started_at, seq);

CREATE INDEX detections_by_model ON detections (model_version, is_vetoed, superseded_at, score, label_verdict);

-- What lists filter and sort by, taken out of science_json by the triggers below: an index over columns is read
-- instead of rows that are twenty times as long; over expressions, SQLite would read the rows.
-- The night is that of its evening, from noon to noon UTC; a run whose headers say no time counts by when it was queued.
ALTER TABLE runs ADD COLUMN night_mjd INTEGER;
ALTER TABLE runs ADD COLUMN name TEXT;
ALTER TABLE runs ADD COLUMN band TEXT;
ALTER TABLE runs ADD COLUMN seeing_arcsec REAL;
ALTER TABLE runs ADD COLUMN words TEXT;

CREATE TRIGGER runs_listed_at_first AFTER INSERT ON runs BEGIN
  UPDATE runs SET science_json = science_json WHERE id = NEW.id;
END;
CREATE TRIGGER runs_listed AFTER UPDATE OF science_json ON runs BEGIN
  UPDATE runs SET
    night_mjd = CAST(coalesce(json_extract(NEW.science_json, '$.midpointMjdTai'),
      julianday(NEW.created_at) - 2400000.5) - 0.5 AS INTEGER),
    name = lower(coalesce(json_extract(NEW.science_json, '$.object'), json_extract(NEW.science_json, '$.name'),
      NEW.science_path)),
    band = lower(json_extract(NEW.science_json, '$.band')),
    seeing_arcsec = json_extract(NEW.science_json, '$.seeingArcsec'),
    words = lower(coalesce(json_extract(NEW.science_json, '$.object'), '') || ' ' ||
      coalesce(json_extract(NEW.science_json, '$.instrument'), '') || ' ' || NEW.science_path || ' ' || NEW.template_path)
  WHERE id = NEW.id;
END;
UPDATE runs SET science_json = science_json;

CREATE INDEX runs_by_night ON runs (night_mjd, id, status, candidate_count);
CREATE INDEX runs_by_name ON runs (name, id);
CREATE INDEX runs_by_seeing ON runs (seeing_arcsec, id);
CREATE INDEX runs_by_candidates ON runs (candidate_count, id);
CREATE INDEX runs_by_filter ON runs (created_at, id, status, grade, band, night_mjd, seeing_arcsec, candidate_count, words);
