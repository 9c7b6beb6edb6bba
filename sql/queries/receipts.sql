-- The receipts $2 of the days $1.
SELECT received_on, receipt_id, received_at, node, transport, peer, envelope_from, envelope_to,
       provenance, reporter, outcome, report_count, stored_count, duplicate_count,
       quarantined_count, parser_version, reason, reason_detail, foreign_domains,
       quarantined_domains, dkim_results, duplicate_keys::text[] AS duplicate_keys
FROM receipt
WHERE received_on = ANY ($1::date[]) AND receipt_id = ANY ($2::uuid[])
