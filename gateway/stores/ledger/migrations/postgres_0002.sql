-- What version 5 of SQLite's ledger adds; gateway/stores/ledger/migrations/0005_ledger.sql explains the columns.

ALTER TABLE settlements ADD COLUMN cached_input_cost bigint;
ALTER TABLE settlements ADD COLUMN cache_write_cost bigint;
ALTER TABLE settlements ADD COLUMN output_cost bigint;
ALTER TABLE settlements ADD COLUMN other_cost bigint;

ALTER TABLE rollup ADD COLUMN reference_local bigint NOT NULL DEFAULT 0;
ALTER TABLE rollup ADD COLUMN cache_write_tokens bigint NOT NULL DEFAULT 0;
ALTER TABLE rollup ADD COLUMN reasoning_tokens bigint NOT NULL DEFAULT 0;
ALTER TABLE rollup ADD COLUMN cached_input_cost bigint NOT NULL DEFAULT 0;
ALTER TABLE rollup ADD COLUMN cache_write_cost bigint NOT NULL DEFAULT 0;
ALTER TABLE rollup ADD COLUMN output_cost bigint NOT NULL DEFAULT 0;
ALTER TABLE rollup ADD COLUMN other_cost bigint NOT NULL DEFAULT 0;
ALTER TABLE rollup ADD COLUMN local_attempts bigint NOT NULL DEFAULT 0;
ALTER TABLE rollup ADD COLUMN trued_up bigint NOT NULL DEFAULT 0;

DELETE FROM rollup;

DELETE FROM rollup_spreads;

INSERT INTO unrolled SELECT id FROM decisions ON CONFLICT DO NOTHING;
