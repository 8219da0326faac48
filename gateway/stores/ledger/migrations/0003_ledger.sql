-- The ledger, version 3: every bucket that was billed, prices corrected later, and what our own hardware did.

ALTER TABLE settlements ADD COLUMN cache_write_1h_tokens INTEGER NOT NULL DEFAULT 0;
ALTER TABLE settlements ADD COLUMN audio_input_tokens INTEGER NOT NULL DEFAULT 0;
ALTER TABLE settlements ADD COLUMN image_input_tokens INTEGER NOT NULL DEFAULT 0;
ALTER TABLE settlements ADD COLUMN audio_output_tokens INTEGER NOT NULL DEFAULT 0;
ALTER TABLE settlements ADD COLUMN web_searches INTEGER NOT NULL DEFAULT 0;
ALTER TABLE settlements ADD COLUMN service_tier TEXT NOT NULL DEFAULT '';
-- The price that was charged, with its version and tier; empty: the attempt's own.
ALTER TABLE settlements ADD COLUMN price_source TEXT NOT NULL DEFAULT '';

-- What an attempt costs more or less than it was settled at. A settlement is never edited: its adjustments are added.
CREATE TABLE adjustments (
  id           TEXT PRIMARY KEY,  -- made of what it corrects, so that booking it twice is once
  decision     TEXT NOT NULL,
  attempt      TEXT NOT NULL,
  at           INTEGER NOT NULL,
  amount       INTEGER NOT NULL,
  price_source TEXT NOT NULL,
  reason       TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX adjustments_attempt ON adjustments (attempt);
CREATE INDEX adjustments_decision ON adjustments (decision);

-- What a local server said of itself, once a minute. Counters are since its start.
CREATE TABLE gpu_samples (
  id                TEXT PRIMARY KEY,
  at                INTEGER NOT NULL,
  target            TEXT NOT NULL,
  server            TEXT NOT NULL,
  running           INTEGER NOT NULL,
  waiting           INTEGER NOT NULL,
  tokens_per_second REAL NOT NULL,
  token_usage       REAL NOT NULL,
  cache_hit_rate    REAL NOT NULL,
  input_tokens      INTEGER NOT NULL,
  cached_tokens     INTEGER NOT NULL,
  output_tokens     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX gpu_samples_at ON gpu_samples (at);
