-- The failure details of one report.
DELETE FROM report_failure
WHERE policy_domain = $1 AND day = $2::date AND report_key = $3::uuid
  AND reporter = $4 AND vouched = $5::boolean
