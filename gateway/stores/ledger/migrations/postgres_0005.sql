-- What version 8 of SQLite's ledger adds; see gateway/stores/ledger/migrations/0008_ledger.sql.

CREATE TABLE prunes (
  id       text COLLATE "C" PRIMARY KEY,
  at       bigint NOT NULL,
  actor    text COLLATE "C" NOT NULL,
  before   bigint NOT NULL,
  requests bigint NOT NULL,
  attempts bigint NOT NULL,
  receipts bigint NOT NULL,
  cost     bigint NOT NULL
);

CREATE TABLE prune_kept (
  day bigint NOT NULL,
  PRIMARY KEY (day)
);

CREATE TABLE pruned_calls (
  hour           bigint NOT NULL,
  target         text COLLATE "C" NOT NULL,
  zone           text COLLATE "C" NOT NULL,
  provider       text COLLATE "C" NOT NULL,
  model          text COLLATE "C" NOT NULL,
  attempts       bigint NOT NULL,
  cost           bigint NOT NULL,
  input_tokens   bigint NOT NULL,
  output_tokens  bigint NOT NULL,
  estimated      bigint NOT NULL,
  estimated_cost bigint NOT NULL,
  PRIMARY KEY (hour, target, zone, provider, model)
);

CREATE TABLE pruned_sends (
  day        bigint NOT NULL,
  team       text COLLATE "C" NOT NULL,
  target     text COLLATE "C" NOT NULL,
  data_class text COLLATE "C" NOT NULL,
  outcome    text COLLATE "C" NOT NULL,
  calls      bigint NOT NULL,
  size       bigint NOT NULL,
  PRIMARY KEY (day, team, target, data_class, outcome)
);

CREATE TABLE pruned_runs (
  instance text COLLATE "C" NOT NULL,
  first    bigint NOT NULL,
  last     bigint NOT NULL,
  prev     text COLLATE "C" NOT NULL,
  hash     text COLLATE "C" NOT NULL,
  PRIMARY KEY (instance, first)
);
