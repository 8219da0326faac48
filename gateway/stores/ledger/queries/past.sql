-- Decisions with what they were made of, and the usage of the attempt that served. Parameters: from_ns, to_ns.
SELECT
  d.id, d.at, d.team, e.facts, e.outcome, s.attempt IS NOT NULL AS is_served, s.input_tokens, s.cached_input_tokens,
  s.cache_write_tokens, s.output_tokens, s.reasoning_tokens, s.cache_write_1h_tokens, s.audio_input_tokens,
  s.image_input_tokens, s.audio_output_tokens, s.web_searches, s.service_tier, s.cost, a.zone
FROM {db}.decisions d
JOIN {db}.explanations e ON e.decision = d.id
LEFT JOIN {db}.settlements s ON s.decision = d.id AND s.outcome IN ('ok', 'client_closed')
LEFT JOIN {db}.attempts a ON a.id = s.attempt
WHERE d.at >= :from_ns AND d.at < :to_ns AND d.id NOT IN {elsewhere}
