-- Ordinary mail, not after $1, not before $2; the page after the receipt ($3, $4). 4 is
-- kOrdinary, and the index has nothing else.
SELECT received_on, receipt_id, received_at, node, transport, peer, envelope_from, envelope_to,
       provenance, reporter, outcome, report_count, stored_count, duplicate_count,
       quarantined_count, parser_version, reason, reason_detail, foreign_domains,
       quarantined_domains, dkim_results, duplicate_keys::text[] AS duplicate_keys
FROM receipt
WHERE outcome = 4
  AND received_at <= $1::timestamptz AND received_at >= $2::timestamptz
  AND received_on <= ($1::timestamptz AT TIME ZONE 'UTC')::date
  AND received_on >= ($2::timestamptz AT TIME ZONE 'UTC')::date
  AND (received_on, receipt_id) > ($3::date, $4::uuid)
ORDER BY received_on, receipt_id
LIMIT $5::bigint
