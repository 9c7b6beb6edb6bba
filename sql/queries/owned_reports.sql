-- What the receipts $1 own.
SELECT receipt_id, policy_domain, day, report_key, reporter, vouched, provenance,
       organisation, report_id, contact, period_start, period_end, first_day, last_day,
       report_ix, parser_version, anomalies, from_address, from_known, signing_domain,
       selector, algorithm, key_bits, dnssec, tlsrpt_key, why_unvouched, written_at
FROM report
WHERE receipt_id = ANY ($1::uuid[])
ORDER BY receipt_id, policy_domain, day, report_key, reporter, vouched
