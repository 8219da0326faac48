-- The newest requests with their ends. `{which}` narrows them; parameters: limit, and those of `{which}`.
SELECT
  d.*,
  f.decision IS NOT NULL AS is_finished, f.at AS finished_at, f.status, f.error, f.target, f.zone,
  f.reason AS final_reason, f.rule AS final_rule, f.attempts, f.cost, f.dearest, f.reference, f.reference_target,
  f.client_closed, f.method, f.user_agent
FROM (
  SELECT * FROM {db}.decisions d
  WHERE {which} AND d.id NOT IN {elsewhere}
  ORDER BY d.at DESC, d.id DESC
  LIMIT :limit
) d
LEFT JOIN {db}.finished f ON f.decision = d.id
ORDER BY d.at DESC, d.id DESC
