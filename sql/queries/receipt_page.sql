-- A page of receipts, the newest first, received on $1 to $2. $3: only this outcome;
-- $4: only this transport; NULL: all. $5, $6: the last row of the page before; NULL: the
-- first page. At most $7.
SELECT received_on, receipt_id, received_at, node, transport, peer, envelope_from,
       envelope_to, provenance, outcome, report_count, stored_count, duplicate_count,
       quarantined_count, reason, reason_detail, foreign_domains, quarantined_domains,
       cardinality(duplicate_keys) AS duplicate_key_count
FROM receipt
WHERE received_on BETWEEN $1::date AND least($2::date, coalesce($5::date, $2::date))
  AND ($3::smallint IS NULL OR outcome = $3::smallint)
  AND ($4::smallint IS NULL OR transport = $4::smallint)
  AND ($5::date IS NULL OR (received_on, receipt_id) < ($5::date, $6::uuid))
ORDER BY received_on DESC, receipt_id DESC
LIMIT $7::bigint
