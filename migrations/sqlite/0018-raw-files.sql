-- Raw files that this workstation sends to the bucket, where its policy says so: they stay where they lie.
CREATE TABLE raw_files (
  sha256 TEXT PRIMARY KEY NOT NULL CHECK (length(sha256) = 64),
  path TEXT NOT NULL
) STRICT, WITHOUT ROWID;
