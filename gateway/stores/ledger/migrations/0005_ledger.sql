-- The ledger, version 5: what a cost is made of, and sums by it. NULL: only the cost's sum is known.

ALTER TABLE settlements ADD COLUMN cached_input_cost INTEGER;
ALTER TABLE settlements ADD COLUMN cache_write_cost INTEGER;
ALTER TABLE settlements ADD COLUMN output_cost INTEGER;
ALTER TABLE settlements ADD COLUMN other_cost INTEGER;

ALTER TABLE rollup ADD COLUMN reference_local INTEGER NOT NULL DEFAULT 0;
ALTER TABLE rollup ADD COLUMN cache_write_tokens INTEGER NOT NULL DEFAULT 0;
ALTER TABLE rollup ADD COLUMN reasoning_tokens INTEGER NOT NULL DEFAULT 0;
ALTER TABLE rollup ADD COLUMN cached_input_cost INTEGER NOT NULL DEFAULT 0;
ALTER TABLE rollup ADD COLUMN cache_write_cost INTEGER NOT NULL DEFAULT 0;
ALTER TABLE rollup ADD COLUMN output_cost INTEGER NOT NULL DEFAULT 0;
ALTER TABLE rollup ADD COLUMN other_cost INTEGER NOT NULL DEFAULT 0;
ALTER TABLE rollup ADD COLUMN local_attempts INTEGER NOT NULL DEFAULT 0;
ALTER TABLE rollup ADD COLUMN trued_up INTEGER NOT NULL DEFAULT 0;

-- Sums that were kept before lack the new ones: all are made anew, in steps, by the process that writes.
DELETE FROM rollup;
DELETE FROM rollup_spreads;
INSERT INTO unrolled SELECT id FROM decisions WHERE true ON CONFLICT DO NOTHING;
