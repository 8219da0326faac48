-- What vendors served: facts and usage. Parameters: from_ns, to_ns.
SELECT
  d.id, d.at, d.team, e.facts, s.input_tokens, s.cached_input_tokens,
  s.cache_write_tokens, s.output_tokens, s.reasoning_tokens, s.cache_write_1h_tokens, s.audio_input_tokens,
  s.image_input_tokens, s.audio_output_tokens, s.web_searches, s.service_tier, s.cost, f.zone
FROM {db}.decisions d
JOIN {db}.finished f ON f.decision = d.id AND f.zone = 'closed'
JOIN {db}.settlements s ON s.decision = d.id AND s.outcome IN ('ok', 'client_closed')
JOIN {db}.explanations e ON e.decision = d.id
WHERE d.at >= :from_ns AND d.at < :to_ns AND d.id NOT IN {elsewhere}
