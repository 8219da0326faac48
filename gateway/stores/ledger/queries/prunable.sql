-- Requests that arrived and ended before a moment and can be removed, in their order. Parameters: before, at, id (those of
-- the last one that was seen), limit. Left out are those that are not in the sums, those with a call to a vendor that has
-- no receipt, and those with a receipt that never came: of them nobody knows whether they were sent.
SELECT d.id, d.at FROM {db}.decisions d
WHERE d.at < :before AND d.at >= :at AND (d.at > :at OR d.id > :id)
AND d.id NOT IN (SELECT decision FROM {db}.unrolled)
AND NOT EXISTS (SELECT 1 FROM {db}.finished f WHERE f.decision = d.id AND f.at >= :before)
AND NOT EXISTS (SELECT 1 FROM {db}.settlements s WHERE s.decision = d.id AND s.at >= :before)
AND NOT EXISTS (
  SELECT 1 FROM {db}.attempts a WHERE a.decision = d.id AND a.zone = 'closed'
  AND NOT EXISTS (SELECT 1 FROM {db}.receipts r WHERE r.attempt = a.id)
)
AND NOT EXISTS (
  SELECT 1 FROM {db}.receipts r
  WHERE r.decision = d.id AND r.hash = '' AND r.seq = 0 AND r.outcome IN ('no_answer', 'no_receipt')
  AND NOT EXISTS (SELECT 1 FROM {db}.receipts o WHERE o.id = r.ticket AND o.id <> r.id)
)
ORDER BY d.at, d.id
LIMIT :limit
