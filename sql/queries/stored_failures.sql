-- The failure details of the same.
SELECT policy_ix, result_type, result_type_text, receiving_mx, reason, failed_sessions
FROM failure_detail
WHERE policy_domain = $1 AND day = $2::date AND report_key = $3::uuid AND reporter = $4
  AND vouched
ORDER BY policy_ix, detail_ix
