-- The ledger, version 7: who changed what by hand.

-- Written before the change: it says what was intended. One that failed has a second row, whose action ends in .failed.
CREATE TABLE actions (
  id      TEXT PRIMARY KEY,
  at      INTEGER NOT NULL,
  actor   TEXT NOT NULL,
  role    TEXT NOT NULL,
  via     TEXT NOT NULL,  -- cli or api
  action  TEXT NOT NULL,
  subject TEXT NOT NULL,
  before  TEXT,  -- JSON object; NULL: nothing was there
  after   TEXT   -- JSON object; NULL: nothing is left
) STRICT, WITHOUT ROWID;
CREATE INDEX actions_at ON actions (at);
