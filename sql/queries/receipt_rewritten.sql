-- A receipt was looked at again: what became of it now. Who sent it stays as it was found,
-- and so does who vouched for it, unless that was asked again.
UPDATE receipt SET
    report_count = $3, stored_count = $4, duplicate_count = $5, quarantined_count = $6,
    parser_version = $7, outcome = $8, reporter = $9, reason = $10, reason_detail = $11,
    foreign_domains = $12, quarantined_domains = $13, duplicate_keys = $14::uuid[],
    provenance = $15::smallint, dkim_results = $16::text[]
WHERE received_on = $1::date AND receipt_id = $2::uuid
