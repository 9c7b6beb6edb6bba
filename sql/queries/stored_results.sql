-- What one vouched row of `report` counts, to take it out of the sums or put it back.
SELECT policy_ix, policy_type, success_sessions, failure_sessions, unexplained_sessions
FROM policy_result
WHERE policy_domain = $1 AND day = $2::date AND report_key = $3::uuid AND reporter = $4
  AND vouched
ORDER BY policy_ix
