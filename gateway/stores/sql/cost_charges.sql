-- Charges of a report, grouped: tokens and money of each attempt. One without a settlement counts at its hold.
-- Parameters and braces as in cost_requests.sql; `{group}` may use a, too.
SELECT
  {group} AS name,
  count(*) AS attempts,
  sum(s.attempt IS NULL OR s.estimated) AS estimated,
  coalesce(sum(s.input_tokens), 0) AS input_tokens,
  coalesce(sum(s.cached_input_tokens), 0) AS cached_input_tokens,
  coalesce(sum(s.output_tokens), 0) AS output_tokens,
  coalesce(sum(CASE WHEN a.zone = 'local' THEN s.input_tokens + s.output_tokens END), 0) AS local_tokens,
  coalesce(sum(CASE WHEN a.zone = 'closed' THEN coalesce(s.cost + coalesce((SELECT sum(x.amount) FROM {db}.adjustments x WHERE x.attempt = a.id), 0), a.hold) END), 0) AS closed_cost,
  coalesce(sum(CASE WHEN a.zone = 'local' THEN coalesce(s.cost + coalesce((SELECT sum(x.amount) FROM {db}.adjustments x WHERE x.attempt = a.id), 0), a.hold) END), 0) AS local_cost,
  coalesce(sum(CASE WHEN f.reference IS NOT NULL THEN coalesce(s.cost + coalesce((SELECT sum(x.amount) FROM {db}.adjustments x WHERE x.attempt = a.id), 0), a.hold) END), 0) AS compared_cost,
  spread(CASE WHEN s.outcome IN ('ok', 'client_closed') THEN a.at - d.at + s.ttft END) AS ttft
FROM {db}.decisions d INDEXED BY decisions_at  -- the span counts, not the order of the groups
CROSS JOIN {db}.attempts a ON a.decision = d.id
LEFT JOIN {db}.settlements s ON s.attempt = a.id
LEFT JOIN {db}.finished f ON f.decision = d.id
WHERE d.at >= :from_ns AND d.at < :to_ns AND d.id NOT IN {elsewhere}
GROUP BY 1
