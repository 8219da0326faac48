-- What version 7 of SQLite's ledger adds; see gateway/stores/ledger/migrations/0007_ledger.sql.

CREATE TABLE actions (
  id text COLLATE "C" NOT NULL,
  at bigint NOT NULL,
  actor text NOT NULL,
  role text NOT NULL,
  via text NOT NULL,
  action text NOT NULL,
  subject text NOT NULL,
  before text,
  after text,
  PRIMARY KEY (id)
);

CREATE INDEX actions_at ON actions (at);

-- Tokens of the admin plane, beside the keys; see gateway/stores/ledger/queries/tokens.sql.
CREATE TABLE tokens (
  id text COLLATE "C" NOT NULL,
  name text NOT NULL,
  role text NOT NULL,
  teams text NOT NULL,
  sha256 text NOT NULL,
  created_at double precision NOT NULL,
  expires_at double precision,
  revoked_at double precision,
  PRIMARY KEY (id)
);
