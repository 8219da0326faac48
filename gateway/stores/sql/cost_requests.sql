-- Requests of a report, grouped: how many, how they ended, and what they would have cost on the reference.
-- Parameters: from_ns, to_ns. `{group}` is an expression over d and f, `{db}` the database, `{elsewhere}` the table of
-- the requests that are counted in the other database.
SELECT
  {group} AS name,
  count(*) AS requests,
  sum(f.decision IS NULL) AS running,
  coalesce(sum(f.error <> '' AND NOT f.client_closed), 0) AS errors,
  coalesce(sum(f.client_closed), 0) AS client_closed,
  coalesce(sum(f.target <> ''), 0) AS served,
  coalesce(sum(f.zone = 'local'), 0) AS served_local,
  coalesce(sum(f.reference), 0) AS reference,
  count(f.reference) AS referenced,
  coalesce(sum(d.would_drop > 0), 0) AS would_drop,
  spread(f.at - d.at) AS latency
FROM {db}.decisions d INDEXED BY decisions_at  -- the span counts, not the order of the groups
LEFT JOIN {db}.finished f ON f.decision = d.id
WHERE d.at >= :from_ns AND d.at < :to_ns AND d.id NOT IN {elsewhere}
GROUP BY 1
