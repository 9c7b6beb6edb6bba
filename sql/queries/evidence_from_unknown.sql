-- Of the same reports, those whose mail is not from an address that its reporter reports
-- from, at most $4. Read from the partial index report_from_unknown alone, which is nearly
-- empty.
SELECT report_key, reporter
FROM report
WHERE policy_domain = ANY ($1::text[])
  AND day BETWEEN $2::date AND $3::date
  AND vouched AND NOT from_known
LIMIT $4::bigint
