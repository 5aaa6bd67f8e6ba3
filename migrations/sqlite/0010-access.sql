-- Keys of programs, and who wrote what over the API. Neither is ever changed or taken away: what a key could do when it
-- was used stays to be read.

CREATE TABLE api_keys (
  id TEXT PRIMARY KEY NOT NULL,
  -- argon2id, with its salt and cost; the key itself is nowhere.
  secret_hash TEXT NOT NULL,
  name TEXT NOT NULL,
  role TEXT NOT NULL CHECK (role IN ('viewer', 'labeller', 'operator', 'admin')),
  -- NULL: all that the role may.
  scopes_json TEXT,
  -- Whom its labels are signed by.
  curator_id TEXT NOT NULL,
  created_at TEXT NOT NULL,
  -- The principal that made it.
  created_by TEXT NOT NULL,
  expires_at TEXT NOT NULL,
  revoked_at TEXT,
  last_used_at TEXT
) STRICT, WITHOUT ROWID;

CREATE TRIGGER api_keys_never_change
BEFORE UPDATE OF id, secret_hash, name, role, scopes_json, curator_id, created_at, created_by, expires_at ON api_keys
BEGIN SELECT RAISE(ABORT, 'a key never changes'); END;
CREATE TRIGGER api_keys_stay_revoked
BEFORE UPDATE OF revoked_at ON api_keys WHEN OLD.revoked_at IS NOT NULL AND NEW.revoked_at IS NOT OLD.revoked_at
BEGIN SELECT RAISE(ABORT, 'a revoked key stays so'); END;
CREATE TRIGGER api_keys_never_vanish BEFORE DELETE ON api_keys
BEGIN SELECT RAISE(ABORT, 'a key never vanishes'); END;

CREATE TABLE audit_log (
  seq INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  at TEXT NOT NULL,
  request_id TEXT NOT NULL UNIQUE,
  principal TEXT NOT NULL,
  -- As it was called then.
  principal_name TEXT NOT NULL,
  method TEXT NOT NULL,
  route TEXT NOT NULL,
  -- Without its query: names and ids, never a body.
  path TEXT NOT NULL,
  status INTEGER NOT NULL
) STRICT;
CREATE INDEX audit_log_by_principal ON audit_log (principal, seq);

CREATE TRIGGER audit_log_never_changes BEFORE UPDATE ON audit_log
BEGIN SELECT RAISE(ABORT, 'audit_log is append-only'); END;
CREATE TRIGGER audit_log_never_vanishes BEFORE DELETE ON audit_log
BEGIN SELECT RAISE(ABORT, 'audit_log is append-only'); END;
