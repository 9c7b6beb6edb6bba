-- What is in quarantine: by reason, by reporter, not after $3, not before $4; the page
-- after the receipt ($5, $6). Walks the index of those in quarantine.
SELECT received_on, receipt_id, received_at, node, transport, peer, envelope_from, envelope_to,
       provenance, reporter, outcome, report_count, stored_count, duplicate_count,
       quarantined_count, parser_version, reason, reason_detail, foreign_domains,
       quarantined_domains, dkim_results, duplicate_keys::text[] AS duplicate_keys
FROM receipt
WHERE quarantined_count > 0
  AND ($1::text IS NULL OR reason = $1)
  AND ($2::text IS NULL OR reporter = $2)
  AND received_at <= $3::timestamptz AND received_at >= $4::timestamptz
  AND received_on <= ($3::timestamptz AT TIME ZONE 'UTC')::date
  AND received_on >= ($4::timestamptz AT TIME ZONE 'UTC')::date
  AND (received_on, receipt_id) > ($5::date, $6::uuid)
ORDER BY received_on, receipt_id
LIMIT $7::bigint
