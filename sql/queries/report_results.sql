-- The policy results of one report, with the policy text each was judged by.
SELECT r.policy_ix, r.policy_type, r.policy_type_text, r.success_sessions,
       r.failure_sessions, r.unexplained_sessions, t.mode, t.max_age_seconds,
       t.mx_patterns, t.lines
FROM policy_result AS r
LEFT JOIN policy_text AS t
       ON t.policy_domain = r.policy_domain AND t.policy_hash = r.policy_hash
WHERE r.policy_domain = $1 AND r.day = $2::date AND r.report_key = $3::uuid
  AND r.reporter = $4 AND r.vouched = $5::boolean
ORDER BY r.policy_ix
