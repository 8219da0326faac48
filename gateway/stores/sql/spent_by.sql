-- What keys have taken since `since_ns`, by when it settled: nano-dollars, adjusted, and tokens.
-- A charge whose attempt was lost to damage is taken for one to a vendor: dearer is safer for a budget.
SELECT team, key, zone, CAST(sum(cost) AS BIGINT) AS cost, CAST(sum(tokens) AS BIGINT) AS tokens
FROM (
  SELECT coalesce(a.team, d.team, '') AS team, coalesce(d.key, '') AS key, coalesce(a.zone, 'closed') AS zone,
    s.cost + coalesce((SELECT CAST(sum(x.amount) AS BIGINT) FROM {db}.adjustments x WHERE x.attempt = s.attempt), 0)
      AS cost,
    s.input_tokens + s.output_tokens AS tokens
  FROM {db}.settlements s
  LEFT JOIN {db}.attempts a ON a.id = s.attempt
  LEFT JOIN {db}.decisions d ON d.id = s.decision
  WHERE s.at >= :since_ns AND s.decision NOT IN {elsewhere}
) charges
GROUP BY team, key, zone
