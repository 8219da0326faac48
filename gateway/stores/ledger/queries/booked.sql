-- What calls to vendors are booked at, by the day they began, target and model. Parameters: from_ns, to_ns.
--
-- Of pruned calls by their hours: for whole hours the result is the same as before.
SELECT
  day, target, provider, model,
  CAST(sum(cost) AS BIGINT) AS cost, CAST(sum(input_tokens) AS BIGINT) AS input_tokens,
  CAST(sum(output_tokens) AS BIGINT) AS output_tokens, CAST(sum(attempts) AS BIGINT) AS attempts,
  CAST(sum(estimated) AS BIGINT) AS estimated, CAST(sum(estimated_cost) AS BIGINT) AS estimated_cost
FROM (
  SELECT
    a.at / 86400000000000 AS day, a.target AS target, a.provider AS provider, a.model AS model,
    s.cost + coalesce(x.amount, 0) AS cost, s.input_tokens AS input_tokens, s.output_tokens AS output_tokens,
    1 AS attempts, s.estimated AS estimated, CASE WHEN s.estimated > 0 THEN s.cost ELSE 0 END AS estimated_cost
  FROM {db}.attempts a
  JOIN {db}.settlements s ON s.attempt = a.id
  LEFT JOIN (
    SELECT attempt, CAST(sum(amount) AS BIGINT) AS amount FROM {db}.adjustments GROUP BY attempt
  ) x ON x.attempt = a.id
  WHERE a.zone = 'closed' AND a.at >= :from_ns AND a.at < :to_ns AND a.decision NOT IN {elsewhere}
  UNION ALL
  SELECT hour / 24, target, provider, model, cost, input_tokens, output_tokens, attempts, estimated, estimated_cost
  FROM {db}.pruned_calls
  WHERE zone = 'closed' AND hour >= :from_ns / 3600000000000 AND hour * 3600000000000 < :to_ns
) calls
GROUP BY 1, 2, 3, 4
ORDER BY 1, 2, 3, 4
