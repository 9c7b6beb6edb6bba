-- One report about one policy domain, by its key.
SELECT provenance, organisation, report_id, contact, period_start, period_end, first_day,
       last_day, received_at, receipt_id, receipt_on, report_ix, parser_version, anomalies,
       why_unvouched, from_known,
       EXISTS (SELECT FROM domain
               LEFT JOIN mx_host ON mx_host.policy_domain = domain.domain
               WHERE demo AND $1 IN (domain, mx_host)) AS demo
FROM report
WHERE policy_domain = $1 AND day = $2::date AND report_key = $3::uuid AND reporter = $4
  AND vouched = $5::boolean
