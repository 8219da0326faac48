-- Attempts of some requests with their settlements, in order. Parameter: ids, a JSON list of decisions.
SELECT
  a.*,
  s.attempt IS NOT NULL AS is_settled, s.at AS settled_at, s.outcome, s.status, s.input_tokens, s.cached_input_tokens,
  s.cache_write_tokens, s.output_tokens, s.reasoning_tokens, s.estimated, s.finish, s.ttft, s.duration,
  s.response_model, s.response_id, s.cache_write_1h_tokens, s.audio_input_tokens, s.image_input_tokens,
  s.audio_output_tokens, s.web_searches, s.service_tier, s.price_source AS charged_by,
  s.cached_input_cost, s.cache_write_cost, s.output_cost, s.other_cost, s.cost AS settled_cost, s.discount,
  EXISTS (SELECT 1 FROM {db}.adjustments x WHERE x.attempt = a.id AND x.reason = 'gpu_hour') AS trued_up,
  s.cost + coalesce((SELECT CAST(sum(x.amount) AS BIGINT) FROM {db}.adjustments x WHERE x.attempt = a.id), 0) AS cost
FROM {db}.attempts a
LEFT JOIN {db}.settlements s ON s.attempt = a.id
WHERE a.decision IN {ids} AND a.decision NOT IN {elsewhere}
ORDER BY a.decision, a.number, a.id
