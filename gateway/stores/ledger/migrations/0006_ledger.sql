-- The ledger, version 6: what calls took of our own hardware, by the hour in which they were settled; and what
-- contracts took off list prices, in nano-dollars.

CREATE TABLE rollup_hours (
  hour                INTEGER NOT NULL,  -- since 1970, UTC
  target              TEXT NOT NULL,
  team                TEXT NOT NULL,
  input_tokens        INTEGER NOT NULL,
  cached_input_tokens INTEGER NOT NULL,
  output_tokens       INTEGER NOT NULL,
  PRIMARY KEY (hour, target, team)
) STRICT, WITHOUT ROWID;

ALTER TABLE settlements ADD COLUMN discount INTEGER NOT NULL DEFAULT 0;
ALTER TABLE rollup ADD COLUMN discount INTEGER NOT NULL DEFAULT 0;

-- Sums that were kept before lack the new ones: all are made anew, in steps, by the process that writes.
DELETE FROM rollup;
DELETE FROM rollup_spreads;
INSERT INTO unrolled SELECT id FROM decisions WHERE true ON CONFLICT DO NOTHING;
