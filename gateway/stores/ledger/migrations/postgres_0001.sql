-- The ledger and the keys, as SQLite's version 4 has them; 000*_ledger.sql beside this file explains the columns.
--
-- Tables that grow are cut by month: ids begin with their time, so the key alone says where a row lies, once and for all.
-- Rows whose id is of no known month lie in <table>_rest.

CREATE SCHEMA IF NOT EXISTS gateway;

CREATE TABLE policies (
  hash text COLLATE "C" NOT NULL,
  first_seen bigint NOT NULL,
  text text NOT NULL,
  PRIMARY KEY (hash)
);

CREATE TABLE decisions (
  id text COLLATE "C" NOT NULL,
  at bigint NOT NULL,
  decided_at bigint NOT NULL,
  instance text NOT NULL,
  team text NOT NULL,
  key text NOT NULL,
  model text NOT NULL,
  task text NOT NULL,
  data_class text NOT NULL,
  policy text NOT NULL,
  reason text NOT NULL,
  rule text NOT NULL,
  would_drop bigint NOT NULL,
  cost_center text NOT NULL,
  trace text NOT NULL,
  span text NOT NULL,
  parent text NOT NULL,
  sampled bigint NOT NULL,
  PRIMARY KEY (id)
) PARTITION BY RANGE (id);

CREATE TABLE explanations (
  decision text COLLATE "C" NOT NULL,
  facts text NOT NULL,
  outcome text NOT NULL,
  evidence text NOT NULL,
  PRIMARY KEY (decision)
) PARTITION BY RANGE (decision);

CREATE TABLE attempts (
  id text COLLATE "C" NOT NULL,
  decision text NOT NULL,
  number bigint NOT NULL,
  at bigint NOT NULL,
  target text NOT NULL,
  zone text NOT NULL,
  model text NOT NULL,
  provider text NOT NULL,
  server text NOT NULL,
  hold bigint NOT NULL,
  span text NOT NULL,
  price_source text NOT NULL,
  team text NOT NULL,
  attempt_kind text NOT NULL DEFAULT '',
  PRIMARY KEY (id)
) PARTITION BY RANGE (id);

CREATE TABLE settlements (
  attempt text COLLATE "C" NOT NULL,
  decision text NOT NULL,
  at bigint NOT NULL,
  outcome text NOT NULL,
  status bigint NOT NULL,
  input_tokens bigint NOT NULL,
  cached_input_tokens bigint NOT NULL,
  cache_write_tokens bigint NOT NULL,
  output_tokens bigint NOT NULL,
  reasoning_tokens bigint NOT NULL,
  estimated bigint NOT NULL,
  cost bigint NOT NULL,
  finish text NOT NULL,
  ttft bigint,
  duration bigint NOT NULL,
  response_model text NOT NULL,
  response_id text NOT NULL,
  cache_write_1h_tokens bigint NOT NULL DEFAULT 0,
  audio_input_tokens bigint NOT NULL DEFAULT 0,
  image_input_tokens bigint NOT NULL DEFAULT 0,
  audio_output_tokens bigint NOT NULL DEFAULT 0,
  web_searches bigint NOT NULL DEFAULT 0,
  service_tier text NOT NULL DEFAULT '',
  price_source text NOT NULL DEFAULT '',
  PRIMARY KEY (attempt)
) PARTITION BY RANGE (attempt);

CREATE TABLE finished (
  decision text COLLATE "C" NOT NULL,
  at bigint NOT NULL,
  status bigint NOT NULL,
  error text NOT NULL,
  target text NOT NULL,
  zone text NOT NULL,
  reason text NOT NULL,
  rule text NOT NULL,
  attempts bigint NOT NULL,
  cost bigint NOT NULL,
  dearest bigint NOT NULL,
  reference bigint,
  reference_target text NOT NULL,
  client_closed bigint NOT NULL,
  method text NOT NULL,
  user_agent text NOT NULL,
  PRIMARY KEY (decision)
) PARTITION BY RANGE (decision);

CREATE TABLE receipts (
  id text COLLATE "C" NOT NULL,
  instance text NOT NULL,
  seq bigint NOT NULL,
  prev text NOT NULL,
  at bigint NOT NULL,
  target text NOT NULL,
  team text NOT NULL,
  data_class text NOT NULL,
  categories text NOT NULL,
  found text NOT NULL,
  ticket text NOT NULL,
  decision text NOT NULL,
  attempt text NOT NULL,
  attempt_kind text NOT NULL,
  policy text NOT NULL,
  body_sha256 text NOT NULL,
  size bigint NOT NULL,
  outcome text NOT NULL,
  exceptions text NOT NULL,
  observed bigint NOT NULL,
  hash text NOT NULL,
  PRIMARY KEY (id)
) PARTITION BY RANGE (id);

CREATE TABLE adjustments (
  id text COLLATE "C" NOT NULL,
  decision text NOT NULL,
  attempt text NOT NULL,
  at bigint NOT NULL,
  amount bigint NOT NULL,
  price_source text NOT NULL,
  reason text NOT NULL,
  PRIMARY KEY (id)
);

CREATE TABLE gpu_samples (
  id text COLLATE "C" NOT NULL,
  at bigint NOT NULL,
  target text NOT NULL,
  server text NOT NULL,
  running bigint NOT NULL,
  waiting bigint NOT NULL,
  tokens_per_second double precision NOT NULL,
  token_usage double precision NOT NULL,
  cache_hit_rate double precision NOT NULL,
  input_tokens bigint NOT NULL,
  cached_tokens bigint NOT NULL,
  output_tokens bigint NOT NULL,
  PRIMARY KEY (id)
);

CREATE TABLE unrolled (
  decision text COLLATE "C" NOT NULL,
  PRIMARY KEY (decision)
);

CREATE TABLE rollup (
  day bigint NOT NULL,
  team text COLLATE "C" NOT NULL,
  key text COLLATE "C" NOT NULL,
  model text COLLATE "C" NOT NULL,
  task text COLLATE "C" NOT NULL,
  target text COLLATE "C" NOT NULL,
  cost_center text COLLATE "C" NOT NULL,
  requests bigint NOT NULL,
  running bigint NOT NULL,
  errors bigint NOT NULL,
  client_closed bigint NOT NULL,
  served bigint NOT NULL,
  served_local bigint NOT NULL,
  reference bigint NOT NULL,
  referenced bigint NOT NULL,
  would_drop bigint NOT NULL,
  attempts bigint NOT NULL,
  estimated bigint NOT NULL,
  input_tokens bigint NOT NULL,
  cached_input_tokens bigint NOT NULL,
  output_tokens bigint NOT NULL,
  local_tokens bigint NOT NULL,
  closed_cost bigint NOT NULL,
  local_cost bigint NOT NULL,
  compared_cost bigint NOT NULL,
  PRIMARY KEY (day, team, key, model, task, target, cost_center)
);

CREATE TABLE rollup_spreads (
  day bigint NOT NULL,
  by_what text COLLATE "C" NOT NULL,
  name text COLLATE "C" NOT NULL,
  spread text COLLATE "C" NOT NULL,
  bucket bigint NOT NULL,
  number bigint NOT NULL,
  PRIMARY KEY (by_what, day, name, spread, bucket)
);

CREATE TABLE spool_positions (
  owner text COLLATE "C" NOT NULL,
  segment text COLLATE "C" NOT NULL,
  "offset" bigint NOT NULL,
  damaged bigint NOT NULL,
  PRIMARY KEY (owner, segment)
);

CREATE INDEX decisions_at ON decisions (at);

CREATE INDEX decisions_team ON decisions (team, at);

CREATE INDEX decisions_key ON decisions (key, at);

CREATE INDEX attempts_decision ON attempts (decision);

CREATE INDEX settlements_decision ON settlements (decision);

CREATE INDEX settlements_at ON settlements (at);

CREATE INDEX receipts_chain ON receipts (instance, seq);

CREATE INDEX receipts_decision ON receipts (decision);

CREATE INDEX receipts_attempt ON receipts (attempt);

CREATE INDEX adjustments_attempt ON adjustments (attempt);

CREATE INDEX adjustments_decision ON adjustments (decision);

CREATE INDEX gpu_samples_at ON gpu_samples (at);

CREATE TABLE decisions_rest PARTITION OF decisions DEFAULT;

CREATE TABLE explanations_rest PARTITION OF explanations DEFAULT;

CREATE TABLE attempts_rest PARTITION OF attempts DEFAULT;

CREATE TABLE settlements_rest PARTITION OF settlements DEFAULT;

CREATE TABLE finished_rest PARTITION OF finished DEFAULT;

CREATE TABLE receipts_rest PARTITION OF receipts DEFAULT;

CREATE TABLE keys (
  id text COLLATE "C" NOT NULL,
  team text NOT NULL,
  name text NOT NULL,
  owner text NOT NULL,
  grants text NOT NULL,  -- JSON list
  sha256 text NOT NULL,
  created_at double precision NOT NULL,
  expires_at double precision,
  revoked_at double precision,
  PRIMARY KEY (id)
);

-- Servers ask for this one row every second, and read the keys only if it changed.
CREATE TABLE keys_version (number bigint NOT NULL);

INSERT INTO keys_version VALUES (0);
