-- Of the same reports, those that somebody vouches for and that were written later than
-- $4, when the oldest waiver was made; at most $5. Not in the index, so it is asked only
-- where there is a waiver.
SELECT report_key, reporter, written_at
FROM report
WHERE policy_domain = ANY ($1::text[])
  AND day BETWEEN $2::date AND $3::date
  AND vouched AND written_at > $4::timestamptz
LIMIT $5::bigint
