-- The ledger, version 1. Append-only: rows come from the spool, are inserted once by id, and never change.
--
-- Times are Unix time in nanoseconds, durations nanoseconds, money nano-dollars (10^-9 USD), booleans 0 or 1.
-- There are no foreign keys: records of one request may lie in two segments, and arrive in either order.
-- No column ever holds text of a prompt or an answer.

-- Resolved policies, so that decisions can be replayed.
CREATE TABLE policies (
  hash       TEXT PRIMARY KEY,
  first_seen INTEGER NOT NULL,
  text       TEXT NOT NULL
) STRICT;

-- One row a request: what reports group by. What explains it is wide, and lies apart.
CREATE TABLE decisions (
  id          TEXT PRIMARY KEY,
  at          INTEGER NOT NULL,
  decided_at  INTEGER NOT NULL,
  instance    TEXT NOT NULL,
  team        TEXT NOT NULL,
  key         TEXT NOT NULL,
  model       TEXT NOT NULL,  -- as asked for
  task        TEXT NOT NULL,
  data_class  TEXT NOT NULL,
  policy      TEXT NOT NULL,
  reason      TEXT NOT NULL,  -- empty if nothing was permitted
  rule        TEXT NOT NULL,
  would_drop  INTEGER NOT NULL,  -- how many targets `observe` would have dropped
  cost_center TEXT NOT NULL,
  trace       TEXT NOT NULL,
  span        TEXT NOT NULL,
  parent      TEXT NOT NULL,
  sampled     INTEGER NOT NULL
) STRICT;
CREATE INDEX decisions_at ON decisions (at);
CREATE INDEX decisions_team ON decisions (team, at);
CREATE INDEX decisions_key ON decisions (key, at);

-- Why a request was decided so. `outcome` is the exact text that a replay must give again.
CREATE TABLE explanations (
  decision TEXT PRIMARY KEY,
  facts    TEXT NOT NULL,
  outcome  TEXT NOT NULL,
  evidence TEXT NOT NULL
) STRICT;

CREATE TABLE attempts (
  id           TEXT PRIMARY KEY,
  decision     TEXT NOT NULL,
  number       INTEGER NOT NULL,
  at           INTEGER NOT NULL,
  target       TEXT NOT NULL,
  zone         TEXT NOT NULL,
  model        TEXT NOT NULL,
  provider     TEXT NOT NULL,
  server       TEXT NOT NULL,
  hold         INTEGER NOT NULL,
  span         TEXT NOT NULL,
  price_source TEXT NOT NULL,
  team         TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX attempts_decision ON attempts (decision);

CREATE TABLE settlements (
  attempt             TEXT PRIMARY KEY,
  decision            TEXT NOT NULL,
  at                  INTEGER NOT NULL,
  outcome             TEXT NOT NULL,
  status              INTEGER NOT NULL,
  input_tokens        INTEGER NOT NULL,
  cached_input_tokens INTEGER NOT NULL,
  cache_write_tokens  INTEGER NOT NULL,
  output_tokens       INTEGER NOT NULL,
  reasoning_tokens    INTEGER NOT NULL,
  estimated           INTEGER NOT NULL,
  cost                INTEGER NOT NULL,
  finish              TEXT NOT NULL,
  ttft                INTEGER,
  duration            INTEGER NOT NULL,
  response_model      TEXT NOT NULL,
  response_id         TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX settlements_decision ON settlements (decision);
CREATE INDEX settlements_at ON settlements (at);

CREATE TABLE finished (
  decision         TEXT PRIMARY KEY,
  at               INTEGER NOT NULL,
  status           INTEGER NOT NULL,
  error            TEXT NOT NULL,
  target           TEXT NOT NULL,
  zone             TEXT NOT NULL,
  reason           TEXT NOT NULL,
  rule             TEXT NOT NULL,
  attempts         INTEGER NOT NULL,
  cost             INTEGER NOT NULL,
  dearest          INTEGER NOT NULL,
  reference        INTEGER,
  reference_target TEXT NOT NULL,
  client_closed    INTEGER NOT NULL,
  method           TEXT NOT NULL,
  user_agent       TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- What is still open, kept by triggers so that a start need not look through the whole history for it.
CREATE TABLE unsettled (attempt TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
CREATE TABLE unfinished (decision TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;

CREATE TRIGGER attempt_opens AFTER INSERT ON attempts
WHEN NOT EXISTS (SELECT 1 FROM settlements WHERE attempt = NEW.id)
BEGIN INSERT OR IGNORE INTO unsettled VALUES (NEW.id); END;

CREATE TRIGGER settlement_closes AFTER INSERT ON settlements
BEGIN DELETE FROM unsettled WHERE attempt = NEW.attempt; END;

CREATE TRIGGER decision_opens AFTER INSERT ON decisions
WHEN NOT EXISTS (SELECT 1 FROM finished WHERE decision = NEW.id)
BEGIN INSERT OR IGNORE INTO unfinished VALUES (NEW.id); END;

CREATE TRIGGER finish_closes AFTER INSERT ON finished
BEGIN DELETE FROM unfinished WHERE decision = NEW.decision; END;

-- How far each segment of the spool is in here; moved in the same transaction as its records.
-- `damaged`: lines of it could not be read, so the file is kept when it is done with.
CREATE TABLE spool_positions (
  segment TEXT PRIMARY KEY,
  offset  INTEGER NOT NULL,
  damaged INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
