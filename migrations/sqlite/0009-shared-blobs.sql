-- Blobs that workstations share beside triplets: planes of runs that somebody asked to be mirrored. The bytes lie in the
-- folder of blobs, or only in the bucket.
CREATE TABLE shared_blobs (
  sha256 TEXT PRIMARY KEY NOT NULL CHECK (length(sha256) = 64),
  bytes INTEGER NOT NULL CHECK (bytes >= 0),
  -- The change by which others are told of it: before they are, it is not sent. NULL where others told of it.
  change_id TEXT,
  -- When the bucket was last seen to hold it whole.
  mirrored_at TEXT,
  -- When it was last looked at here.
  used_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX shared_blobs_to_send ON shared_blobs (sha256) WHERE mirrored_at IS NULL AND change_id IS NOT NULL;
