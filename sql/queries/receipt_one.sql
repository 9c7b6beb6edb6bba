-- One receipt. Its id holds the time it was made at, so only the days around that ($2 to
-- $3) are looked into.
SELECT received_on, receipt_id, received_at, node, transport, peer, envelope_from,
       envelope_to, provenance, outcome, report_count, stored_count, duplicate_count,
       quarantined_count, reason, reason_detail, foreign_domains, quarantined_domains,
       cardinality(duplicate_keys) AS duplicate_key_count
FROM receipt
WHERE received_on BETWEEN $2::date AND $3::date AND receipt_id = $1::uuid
