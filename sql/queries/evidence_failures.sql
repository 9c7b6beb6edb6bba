-- The failure details of the same results, those that look alike as one, at most $4 rows.
SELECT policy_domain, day, report_key, reporter, vouched, policy_ix,
       result_type, result_type_text, receiving_mx, reason,
       sum(failed_sessions)::bigint AS failed_sessions
FROM failure_detail
WHERE policy_domain = ANY ($1::text[])
  AND day BETWEEN $2::date AND $3::date
GROUP BY policy_domain, day, report_key, reporter, vouched, policy_ix,
         result_type, result_type_text, receiving_mx, reason
ORDER BY day, reporter, report_key, vouched, policy_domain, policy_ix,
         result_type, result_type_text, receiving_mx, reason
LIMIT $4::bigint
