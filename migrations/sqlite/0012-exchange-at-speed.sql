-- What an exchange asks for every row it takes in, by index: whose heads a field has, and which runs are of the same
-- two files.

-- Which version is based on which: asked for each version that comes.
CREATE TABLE field_bases (
  base_id TEXT NOT NULL,
  version_id TEXT NOT NULL,
  PRIMARY KEY (base_id, version_id)
) STRICT, WITHOUT ROWID;
INSERT OR IGNORE INTO field_bases (base_id, version_id)
  SELECT base.value, field_versions.id FROM field_versions, json_each(based_on_json) AS base;

-- As before, a version is a head while no version of its field that was not refused is based on it; but only those
-- versions are looked at that the new one says something of.
DROP TRIGGER field_versions_added;
CREATE TRIGGER field_versions_added AFTER INSERT ON field_versions
BEGIN
  INSERT OR IGNORE INTO field_bases (base_id, version_id)
    SELECT value, NEW.id FROM json_each(NEW.based_on_json);
  UPDATE field_versions SET is_head = (is_refused = 0 AND NOT EXISTS (
      SELECT 1 FROM field_bases JOIN field_versions AS later ON later.id = version_id
      WHERE base_id = field_versions.id AND later.is_refused = 0
        AND later.entity = NEW.entity AND later.key = NEW.key AND later.field = NEW.field))
    WHERE (id = NEW.id OR id IN (SELECT value FROM json_each(NEW.based_on_json)))
      AND entity = NEW.entity AND key = NEW.key AND field = NEW.field;
END;
DROP TRIGGER field_versions_refused;
CREATE TRIGGER field_versions_refused AFTER UPDATE OF is_refused ON field_versions
BEGIN
  UPDATE field_versions SET is_head = (is_refused = 0 AND NOT EXISTS (
      SELECT 1 FROM field_bases JOIN field_versions AS later ON later.id = version_id
      WHERE base_id = field_versions.id AND later.is_refused = 0
        AND later.entity = NEW.entity AND later.key = NEW.key AND later.field = NEW.field))
    WHERE (id = NEW.id OR id IN (SELECT value FROM json_each(NEW.based_on_json)))
      AND entity = NEW.entity AND key = NEW.key AND field = NEW.field;
END;

-- What the files are called, wherever they lie: the path without its longest beginning that ends in a separator.
ALTER TABLE runs ADD COLUMN science_name TEXT AS (substr(science_path,
  1 + length(rtrim(science_path, replace(replace(science_path, '/', ''), '\', '')))));
ALTER TABLE runs ADD COLUMN template_name TEXT AS (substr(template_path,
  1 + length(rtrim(template_path, replace(replace(template_path, '/', ''), '\', '')))));
-- How many runs of the same two files came before it on its workstation: the first of one workstation is the first
-- of another, and a second is told apart. NULL until it has candidates.
ALTER TABLE runs ADD COLUMN nth_of_pair INTEGER;
CREATE INDEX runs_by_pair ON runs (science_name, template_name, nth_of_pair, status, origin);
UPDATE runs SET nth_of_pair = (
    SELECT count(*) FROM runs AS earlier
    WHERE earlier.science_name = runs.science_name AND earlier.template_name = runs.template_name
      AND earlier.status = 'done' AND earlier.origin IS NULL
      AND (earlier.created_at, earlier.id) < (runs.created_at, runs.id))
  WHERE status = 'done' AND origin IS NULL;
UPDATE runs SET nth_of_pair = 0 WHERE origin IS NOT NULL;

ALTER TABLE twin_runs ADD COLUMN nth_of_pair INTEGER NOT NULL DEFAULT 0;
ALTER TABLE foreign_candidates ADD COLUMN nth_of_pair INTEGER NOT NULL DEFAULT 0;
