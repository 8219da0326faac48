-- Tokens of the admin plane, in the file of the API keys. A token itself is never stored, only its SHA-256.
-- Times are Unix time in seconds; NULL in `expires_at` and `revoked_at` means never.
CREATE TABLE IF NOT EXISTS tokens (
  id         TEXT PRIMARY KEY,
  name       TEXT NOT NULL,
  role       TEXT NOT NULL,
  teams      TEXT NOT NULL,  -- JSON list
  sha256     TEXT NOT NULL,
  created_at REAL NOT NULL,
  expires_at REAL,
  revoked_at REAL
) STRICT;
