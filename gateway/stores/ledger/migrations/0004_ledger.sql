-- The ledger, version 4: the sums that reports are made of, kept as requests end.
--
-- They are derived: `DELETE` of all three and `INSERT INTO unrolled SELECT id FROM decisions` makes them anew.

-- Requests that are not in the sums: those without their end, and those that came before there were sums.
CREATE TABLE unrolled (decision TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
INSERT INTO unrolled SELECT id FROM decisions;

-- What was kept by triggers until now follows from `unrolled`.
DROP TRIGGER attempt_opens;
DROP TRIGGER settlement_closes;
DROP TRIGGER decision_opens;
DROP TRIGGER finish_closes;
DROP TABLE unsettled;
DROP TABLE unfinished;

-- The measures are those of `gateway.domain.costs.CostRow`; money in nano-dollars, `day` since 1970 (UTC).
CREATE TABLE rollup (
  day                 INTEGER NOT NULL,
  team                TEXT NOT NULL,
  key                 TEXT NOT NULL,
  model               TEXT NOT NULL,
  task                TEXT NOT NULL,
  target              TEXT NOT NULL,
  cost_center         TEXT NOT NULL,
  requests            INTEGER NOT NULL,
  running             INTEGER NOT NULL,
  errors              INTEGER NOT NULL,
  client_closed       INTEGER NOT NULL,
  served              INTEGER NOT NULL,
  served_local        INTEGER NOT NULL,
  reference           INTEGER NOT NULL,
  referenced          INTEGER NOT NULL,
  would_drop          INTEGER NOT NULL,
  attempts            INTEGER NOT NULL,
  estimated           INTEGER NOT NULL,
  input_tokens        INTEGER NOT NULL,
  cached_input_tokens INTEGER NOT NULL,
  output_tokens       INTEGER NOT NULL,
  local_tokens        INTEGER NOT NULL,
  closed_cost         INTEGER NOT NULL,
  local_cost          INTEGER NOT NULL,
  compared_cost       INTEGER NOT NULL,
  PRIMARY KEY (day, team, key, model, task, target, cost_center)
) STRICT, WITHOUT ROWID;

-- How many requests took how long, by one group at a time; buckets as in `gateway.domain.costs.bucket_of`.
CREATE TABLE rollup_spreads (
  day     INTEGER NOT NULL,
  by_what TEXT NOT NULL,
  name    TEXT NOT NULL,
  spread  TEXT NOT NULL,  -- latency or ttft, of nanoseconds
  bucket  INTEGER NOT NULL,
  number  INTEGER NOT NULL,
  PRIMARY KEY (by_what, day, name, spread, bucket)
) STRICT, WITHOUT ROWID;

-- A database may serve the spools of many edges: each keeps its own positions.
CREATE TABLE positions (
  owner    TEXT NOT NULL,
  segment  TEXT NOT NULL,
  "offset" INTEGER NOT NULL,
  damaged  INTEGER NOT NULL,
  PRIMARY KEY (owner, segment)
) STRICT, WITHOUT ROWID;
INSERT INTO positions SELECT '', segment, offset, damaged FROM spool_positions;
DROP TABLE spool_positions;
ALTER TABLE positions RENAME TO spool_positions;
