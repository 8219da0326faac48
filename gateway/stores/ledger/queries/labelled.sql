-- Decisions with what was found, what was decided and what became of them. Parameters: from_ns, to_ns.
SELECT d.id, d.team, d.key, e.outcome, e.evidence, f.target, f.error
FROM {db}.decisions d
JOIN {db}.explanations e ON e.decision = d.id
LEFT JOIN {db}.finished f ON f.decision = d.id
WHERE d.at >= :from_ns AND d.at < :to_ns AND d.id NOT IN {elsewhere}
