-- The ledger, version 8: what stays of requests that were pruned. `rollup` and its tables keep their days as they were.
--
-- From here on no step may empty `rollup`, `rollup_spreads` or `rollup_hours` for days before the newest `prunes.before`:
-- the requests that they were made of may be gone.

-- One row a prune, added to as it goes on.
CREATE TABLE prunes (
  id       TEXT PRIMARY KEY,
  at       INTEGER NOT NULL,
  actor    TEXT NOT NULL,
  before   INTEGER NOT NULL,  -- requests that arrived before this moment, the begin of a UTC day
  requests INTEGER NOT NULL,
  attempts INTEGER NOT NULL,
  receipts INTEGER NOT NULL,
  cost     INTEGER NOT NULL  -- of the settlements, without adjustments
) STRICT, WITHOUT ROWID;

-- Days (since 1970, UTC) inside of which a budget's period began that ran then: their requests stay, for the budget's sake.
CREATE TABLE prune_kept (day INTEGER PRIMARY KEY) STRICT, WITHOUT ROWID;

-- What pruned calls were booked at, adjustments included, by the hour since 1970 (UTC) in which they began.
CREATE TABLE pruned_calls (
  hour           INTEGER NOT NULL,
  target         TEXT NOT NULL,
  zone           TEXT NOT NULL,
  provider       TEXT NOT NULL,
  model          TEXT NOT NULL,
  attempts       INTEGER NOT NULL,
  cost           INTEGER NOT NULL,
  input_tokens   INTEGER NOT NULL,
  output_tokens  INTEGER NOT NULL,
  estimated      INTEGER NOT NULL,
  estimated_cost INTEGER NOT NULL,
  PRIMARY KEY (hour, target, zone, provider, model)
) STRICT, WITHOUT ROWID;

-- What became of pruned tickets, by the day of the egress's entry and the higher of its two classes.
CREATE TABLE pruned_sends (
  day        INTEGER NOT NULL,
  team       TEXT NOT NULL,
  target     TEXT NOT NULL,
  data_class TEXT NOT NULL,
  outcome    TEXT NOT NULL,
  calls      INTEGER NOT NULL,
  size       INTEGER NOT NULL,
  PRIMARY KEY (day, team, target, data_class, outcome)
) STRICT, WITHOUT ROWID;

-- Runs of pruned entries of a chain: what comes after `last` is linked to `hash`, and `first` was to `prev`.
CREATE TABLE pruned_runs (
  instance TEXT NOT NULL,
  first    INTEGER NOT NULL,
  last     INTEGER NOT NULL,
  prev     TEXT NOT NULL,
  hash     TEXT NOT NULL,
  PRIMARY KEY (instance, first)
) STRICT, WITHOUT ROWID;
