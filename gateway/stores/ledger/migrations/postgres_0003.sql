-- What version 6 of SQLite's ledger adds; see gateway/stores/ledger/migrations/0006_ledger.sql.

CREATE TABLE rollup_hours (
  hour bigint NOT NULL,
  target text COLLATE "C" NOT NULL,
  team text COLLATE "C" NOT NULL,
  input_tokens bigint NOT NULL,
  cached_input_tokens bigint NOT NULL,
  output_tokens bigint NOT NULL,
  PRIMARY KEY (hour, target, team)
);

ALTER TABLE settlements ADD COLUMN discount bigint NOT NULL DEFAULT 0;
ALTER TABLE rollup ADD COLUMN discount bigint NOT NULL DEFAULT 0;

DELETE FROM rollup;

DELETE FROM rollup_spreads;

INSERT INTO unrolled SELECT id FROM decisions ON CONFLICT DO NOTHING;
