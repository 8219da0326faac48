-- The ledger, version 2: what became of each ticket.
--
-- A row is an entry of an egress instance's hash chain, as `gateway.domain.chain` has it: `hash` covers every column
-- before it but `id`. Rows without an instance's place (`seq` 0, `hash` empty) say why there is no entry.

-- Empty: an attempt of before there were receipts.
ALTER TABLE attempts ADD COLUMN attempt_kind TEXT NOT NULL DEFAULT '';

CREATE TABLE receipts (
  id           TEXT PRIMARY KEY,  -- the ticket's; with a ? behind it if no answer came
  instance     TEXT NOT NULL,
  seq          INTEGER NOT NULL,
  prev         TEXT NOT NULL,
  at           INTEGER NOT NULL,
  target       TEXT NOT NULL,
  team         TEXT NOT NULL,
  data_class   TEXT NOT NULL,
  categories   TEXT NOT NULL,  -- a JSON list
  found        TEXT NOT NULL,  -- the class that the egress found itself
  ticket       TEXT NOT NULL,
  decision     TEXT NOT NULL,
  attempt      TEXT NOT NULL,
  attempt_kind TEXT NOT NULL,
  policy       TEXT NOT NULL,
  body_sha256  TEXT NOT NULL,
  size         INTEGER NOT NULL,
  outcome      TEXT NOT NULL,  -- sent, refused:<code>, no_egress, no_answer, no_receipt
  exceptions   TEXT NOT NULL,  -- a JSON list
  observed     INTEGER NOT NULL,
  hash         TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX receipts_chain ON receipts (instance, seq);
CREATE INDEX receipts_decision ON receipts (decision);
CREATE INDEX receipts_attempt ON receipts (attempt);
