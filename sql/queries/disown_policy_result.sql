-- The policy results of one report.
DELETE FROM policy_result
WHERE policy_domain = $1 AND day = $2::date AND report_key = $3::uuid
  AND reporter = $4 AND vouched = $5::boolean
