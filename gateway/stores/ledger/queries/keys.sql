-- API keys. Written by the command line alone; servers only read. A key itself is never stored, only its SHA-256.
-- Times are Unix time in seconds; NULL in `expires_at` and `revoked_at` means never.
CREATE TABLE IF NOT EXISTS keys (
  id         TEXT PRIMARY KEY,
  team       TEXT NOT NULL,
  name       TEXT NOT NULL,
  owner      TEXT NOT NULL,
  grants     TEXT NOT NULL,  -- JSON list
  sha256     TEXT NOT NULL,
  created_at REAL NOT NULL,
  expires_at REAL,
  revoked_at REAL
) STRICT;
