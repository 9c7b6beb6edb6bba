-- The policy results of what the receipts $1 own.
SELECT report.receipt_id, policy_domain, day, report_key, reporter, vouched, policy_ix,
       policy_type, policy_type_text, policy_hash, success_sessions, failure_sessions,
       unexplained_sessions
FROM report JOIN policy_result
     USING (policy_domain, day, report_key, reporter, vouched)
WHERE report.receipt_id = ANY ($1::uuid[])
ORDER BY report.receipt_id, policy_domain, day, report_key, reporter, vouched, policy_ix
