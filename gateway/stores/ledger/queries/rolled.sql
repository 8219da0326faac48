-- Requests with their ends, as sums are made of them. Braces: `{which}` narrows them.
SELECT
  d.id, d.at, d.team, d.key, d.model, d.task, d.cost_center, d.would_drop,
  f.decision IS NOT NULL AS is_finished, f.at AS finished_at, f.error, f.client_closed, f.target, f.zone, f.reference,
  f.attempts
FROM {db}.decisions d
LEFT JOIN {db}.finished f ON f.decision = d.id
WHERE {which} AND d.id NOT IN {elsewhere}
