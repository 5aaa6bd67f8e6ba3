-- Filters that people saved are a project's: those of the labelling queue and those of the list of runs. Each is a
-- shared field of its own, `labelling/NAME` or `runs/NAME`, null once it was forgotten; a filter means what it says as
-- a whole, so it is merged as one.

CREATE TRIGGER filters_shared AFTER INSERT ON settings
WHEN NEW.key IN ('curation.filters', 'settings.queue') AND (SELECT is_receiving FROM sync_state) = 0
BEGIN
  INSERT INTO field_versions (id, entity, key, field, value_json, clock, based_on_json)
    SELECT make_id(), 'filter', name, 'value', value, next_clock((SELECT clock FROM newest_clock)),
      (SELECT json_group_array(id) FROM field_versions
       WHERE entity = 'filter' AND key = name AND field = 'value' AND is_head = 1)
    FROM (SELECT iif(NEW.key = 'settings.queue', 'runs/', 'labelling/') || json_extract(value, '$.name') AS name, value
      FROM json_each(NEW.value_json, iif(NEW.key = 'settings.queue', '$.filters', '$')) WHERE type = 'object');
END;

CREATE TRIGGER filters_shared_again AFTER UPDATE OF value_json ON settings
WHEN NEW.key IN ('curation.filters', 'settings.queue') AND (SELECT is_receiving FROM sync_state) = 0
BEGIN
  INSERT INTO field_versions (id, entity, key, field, value_json, clock, based_on_json)
    SELECT make_id(), 'filter', name, 'value', value, next_clock((SELECT clock FROM newest_clock)),
      (SELECT json_group_array(id) FROM field_versions
       WHERE entity = 'filter' AND key = name AND field = 'value' AND is_head = 1)
    FROM (
      SELECT iif(NEW.key = 'settings.queue', 'runs/', 'labelling/') || json_extract(now.value, '$.name') AS name, now.value
        FROM json_each(NEW.value_json, iif(NEW.key = 'settings.queue', '$.filters', '$')) AS now
        WHERE now.type = 'object' AND NOT EXISTS (
          SELECT 1 FROM json_each(OLD.value_json, iif(NEW.key = 'settings.queue', '$.filters', '$')) AS before
          WHERE before.value = now.value)
      UNION ALL
      SELECT iif(NEW.key = 'settings.queue', 'runs/', 'labelling/') || json_extract(before.value, '$.name'), 'null'
        FROM json_each(OLD.value_json, iif(NEW.key = 'settings.queue', '$.filters', '$')) AS before
        WHERE before.type = 'object' AND NOT EXISTS (
          SELECT 1 FROM json_each(NEW.value_json, iif(NEW.key = 'settings.queue', '$.filters', '$')) AS now
          WHERE json_extract(now.value, '$.name') = json_extract(before.value, '$.name')));
END;

-- Those that were there before. Their stamps say nothing of when they were made: any that is given from now on wins.
INSERT INTO field_versions (id, entity, key, field, value_json, clock, based_on_json)
  SELECT '01900000-0000-7' || substr(hex, 1, 3) || '-8' || substr(hex, 4, 3) || '-' || substr(hex, 7, 12),
    'filter', name, 'value', value, '000000000000-0000', '[]'
  FROM (
    SELECT iif(settings.key = 'settings.queue', 'runs/', 'labelling/') || json_extract(one.value, '$.name') AS name,
      one.value, lower(hex(randomblob(10))) AS hex
    FROM settings, json_each(value_json, iif(settings.key = 'settings.queue', '$.filters', '$')) AS one
    WHERE settings.key IN ('curation.filters', 'settings.queue') AND one.type = 'object'
  );
