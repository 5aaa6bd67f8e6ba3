-- Runs whose images stay here, whatever the limit of what lies here beside the bucket.
CREATE TABLE kept_runs (
  run_id TEXT PRIMARY KEY NOT NULL
) STRICT, WITHOUT ROWID;
