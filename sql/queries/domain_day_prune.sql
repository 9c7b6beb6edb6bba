-- A sum of no report is no row.
DELETE FROM domain_day
WHERE policy_domain = $1 AND day = $2::date AND kind = $3::smallint
  AND vouched_reports = 0 AND unvouched_reports = 0
