-- Adds what requests are booked at to the sums that outlive them. Parameter: ids.
INSERT INTO pruned_calls
  (hour, target, zone, provider, model, attempts, cost, input_tokens, output_tokens, estimated, estimated_cost)
SELECT
  a.at / 3600000000000, a.target, a.zone, a.provider, a.model,
  CAST(count(*) AS BIGINT),
  CAST(sum(s.cost + coalesce((SELECT sum(x.amount) FROM adjustments x WHERE x.attempt = a.id), 0)) AS BIGINT),
  CAST(sum(s.input_tokens) AS BIGINT),
  CAST(sum(s.output_tokens) AS BIGINT),
  CAST(sum(s.estimated) AS BIGINT),
  CAST(sum(CASE WHEN s.estimated > 0 THEN s.cost ELSE 0 END) AS BIGINT)
FROM attempts a
JOIN settlements s ON s.attempt = a.id
WHERE a.decision IN {ids}
GROUP BY 1, 2, 3, 4, 5
ON CONFLICT (hour, target, zone, provider, model) DO UPDATE SET
  attempts = pruned_calls.attempts + excluded.attempts,
  cost = pruned_calls.cost + excluded.cost,
  input_tokens = pruned_calls.input_tokens + excluded.input_tokens,
  output_tokens = pruned_calls.output_tokens + excluded.output_tokens,
  estimated = pruned_calls.estimated + excluded.estimated,
  estimated_cost = pruned_calls.estimated_cost + excluded.estimated_cost
