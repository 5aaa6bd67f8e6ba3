-- Names that people give to sky objects. Objects are each workstation's own, and are called after the place where they
-- were found first: another finds the same one a few hundredths of an arcsecond away. So a name is shared by its place:
-- its key is what the object was called where it was named, and it is the name of the object that lies there.

ALTER TABLE sky_objects ADD COLUMN given_name TEXT;
CREATE INDEX sky_objects_named ON sky_objects (given_name) WHERE given_name IS NOT NULL;

CREATE TABLE object_names (
  -- `AstrID J183402.27-010203.4`; two workstations may have named one object under two keys.
  key TEXT PRIMARY KEY NOT NULL,
  ra_deg REAL NOT NULL CHECK (ra_deg >= 0 AND ra_deg < 360),
  dec_deg REAL NOT NULL CHECK (dec_deg BETWEEN -90 AND 90),
  zone INTEGER NOT NULL,
  -- What lies there; NULL while nothing was found there here.
  object_id TEXT REFERENCES sky_objects (id)
) STRICT, WITHOUT ROWID;
CREATE INDEX object_names_by_place ON object_names (zone, ra_deg);
CREATE INDEX object_names_by_object ON object_names (object_id);
