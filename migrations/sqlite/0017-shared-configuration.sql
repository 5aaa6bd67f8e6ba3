-- Configurations, whole. Rules of consensus are fields of their own: two admins who change how many labels are wanted
-- and when a candidate retires do not undo each other. And what a run changed of the line's configuration is told with it.

DROP TRIGGER settings_shared;
DROP TRIGGER settings_shared_again;
CREATE TRIGGER taxonomy_choice_shared AFTER INSERT ON settings
WHEN NEW.key = 'curation.taxonomy' AND (SELECT is_receiving FROM sync_state) = 0
BEGIN
  INSERT INTO field_versions (id, entity, key, field, value_json, clock, based_on_json)
    VALUES (make_id(), 'setting', NEW.key, 'value', NEW.value_json, next_clock((SELECT clock FROM newest_clock)),
      (SELECT json_group_array(id) FROM field_versions
       WHERE entity = 'setting' AND key = NEW.key AND field = 'value' AND is_head = 1));
END;
CREATE TRIGGER taxonomy_choice_shared_again AFTER UPDATE OF value_json ON settings
WHEN NEW.key = 'curation.taxonomy' AND NEW.value_json <> OLD.value_json
  AND (SELECT is_receiving FROM sync_state) = 0
BEGIN
  INSERT INTO field_versions (id, entity, key, field, value_json, clock, based_on_json)
    VALUES (make_id(), 'setting', NEW.key, 'value', NEW.value_json, next_clock((SELECT clock FROM newest_clock)),
      (SELECT json_group_array(id) FROM field_versions
       WHERE entity = 'setting' AND key = NEW.key AND field = 'value' AND is_head = 1));
END;

CREATE TRIGGER consensus_shared AFTER INSERT ON settings
WHEN NEW.key = 'curation.consensus' AND (SELECT is_receiving FROM sync_state) = 0
BEGIN
  INSERT INTO field_versions (id, entity, key, field, value_json, clock, based_on_json)
    SELECT make_id(), 'setting', NEW.key, rule.key, json_quote(rule.value), next_clock((SELECT clock FROM newest_clock)),
      (SELECT json_group_array(id) FROM field_versions
       WHERE entity = 'setting' AND field_versions.key = NEW.key AND field = rule.key AND is_head = 1)
    FROM json_each(NEW.value_json) AS rule;
END;
-- A rule that was never a field of its own, but came with all others as one value, becomes one when it is changed.
CREATE TRIGGER consensus_shared_again AFTER UPDATE OF value_json ON settings
WHEN NEW.key = 'curation.consensus' AND (SELECT is_receiving FROM sync_state) = 0
BEGIN
  INSERT INTO field_versions (id, entity, key, field, value_json, clock, based_on_json)
    SELECT make_id(), 'setting', NEW.key, rule.key, json_quote(rule.value), next_clock((SELECT clock FROM newest_clock)),
      (SELECT json_group_array(id) FROM field_versions
       WHERE entity = 'setting' AND field_versions.key = NEW.key AND field = rule.key AND is_head = 1)
    FROM json_each(NEW.value_json) AS rule
    WHERE rule.value IS NOT (SELECT value FROM json_each(OLD.value_json) AS before WHERE before.key = rule.key);
END;

-- What a run was made with, before the run itself.
DROP TRIGGER runs_shared;
CREATE TRIGGER runs_shared AFTER UPDATE OF status ON runs
WHEN NEW.status = 'done' AND OLD.status <> 'done' AND NEW.origin IS NULL AND (SELECT is_receiving FROM sync_state) = 0
BEGIN
  INSERT INTO field_versions (id, entity, key, field, value_json, clock, based_on_json)
    SELECT make_id(), 'run', NEW.id, 'config', value, next_clock((SELECT clock FROM newest_clock)), '[]'
    FROM json_each(NEW.options_json)
    WHERE json_each.key = 'config' AND type = 'object' AND NOT EXISTS (
      SELECT 1 FROM field_versions WHERE entity = 'run' AND field_versions.key = NEW.id AND field = 'config');
  INSERT OR IGNORE INTO outbox (change_id, kind, entity, key) VALUES (NEW.id, 'append', 'run', NEW.id);
  INSERT OR IGNORE INTO outbox (change_id, kind, entity, key)
    SELECT id, 'append', 'detection', id FROM detections
    WHERE run_id = NEW.id AND is_vetoed = 0 AND superseded_at IS NULL ORDER BY rank;
END;
-- Those that were made before.
INSERT INTO field_versions (id, entity, key, field, value_json, clock, based_on_json)
  SELECT '01900000-0000-7' || substr(hex, 1, 3) || '-8' || substr(hex, 4, 3) || '-' || substr(hex, 7, 12),
    'run', id, 'config', config, '000000000000-0000', '[]'
  FROM (SELECT id, json_extract(options_json, '$.config') AS config, lower(hex(randomblob(10))) AS hex FROM runs
    WHERE status = 'done' AND origin IS NULL AND json_type(options_json, '$.config') = 'object');
