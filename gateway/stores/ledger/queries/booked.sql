-- What calls to vendors are booked at, by the day they began, target and model. Parameters: from_ns, to_ns.
SELECT
  a.at / 86400000000000 AS day, a.target AS target, a.provider AS provider, a.model AS model,
  CAST(sum(s.cost + coalesce(x.amount, 0)) AS BIGINT) AS cost,
  CAST(sum(s.input_tokens) AS BIGINT) AS input_tokens,
  CAST(sum(s.output_tokens) AS BIGINT) AS output_tokens,
  CAST(count(*) AS BIGINT) AS attempts,
  CAST(sum(s.estimated) AS BIGINT) AS estimated,
  CAST(sum(CASE WHEN s.estimated > 0 THEN s.cost ELSE 0 END) AS BIGINT) AS estimated_cost
FROM {db}.attempts a
JOIN {db}.settlements s ON s.attempt = a.id
LEFT JOIN (
  SELECT attempt, CAST(sum(amount) AS BIGINT) AS amount FROM {db}.adjustments GROUP BY attempt
) x ON x.attempt = a.id
WHERE a.zone = 'closed' AND a.at >= :from_ns AND a.at < :to_ns AND a.decision NOT IN {elsewhere}
GROUP BY 1, 2, 3, 4
ORDER BY 1, 2, 3, 4
