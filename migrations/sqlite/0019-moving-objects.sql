-- What a service said of known bodies of the solar system over an image: asked once, there without a network.
CREATE TABLE moving_objects (
  run_id TEXT PRIMARY KEY NOT NULL REFERENCES runs (id),
  asked_at TEXT NOT NULL,
  observatory TEXT NOT NULL,
  objects TEXT NOT NULL CHECK (json_valid(objects))
) STRICT, WITHOUT ROWID;
