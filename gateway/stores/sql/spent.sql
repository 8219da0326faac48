-- What teams have spent: settlements since `since_ns`, by when they settled, and open attempts at their hold.
-- What was adjusted counts when its attempt settled. A charge whose attempt was lost to damage is taken for one to a vendor: dearer is safer for a budget.
SELECT team, CAST(sum(cost) AS BIGINT) AS cost
FROM (
  SELECT coalesce(a.team, d.team, '') AS team, coalesce(a.zone, 'closed') AS zone,
    s.cost + coalesce((SELECT CAST(sum(x.amount) AS BIGINT) FROM {db}.adjustments x WHERE x.attempt = s.attempt), 0)
      AS cost
  FROM {db}.settlements s
  LEFT JOIN {db}.attempts a ON a.id = s.attempt
  LEFT JOIN {db}.decisions d ON d.id = s.decision
  WHERE s.at >= :since_ns AND s.decision NOT IN {elsewhere}
  UNION ALL
  SELECT a.team, a.zone, a.hold
  FROM {db}.unrolled u
  JOIN {db}.attempts a ON a.decision = u.decision
  LEFT JOIN {db}.settlements s ON s.attempt = a.id
  WHERE s.attempt IS NULL AND a.decision NOT IN {elsewhere}
) charges
WHERE :zone = 'all' OR zone = :zone
GROUP BY team
