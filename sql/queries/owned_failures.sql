-- The failure details of what the receipts $1 own.
SELECT report.receipt_id, policy_domain, day, report_key, reporter, vouched, policy_ix,
       result_type, result_type_text, failed_sessions,
       coalesce(host(sending_mta_ip), '') AS sending_mta_ip,
       coalesce(host(receiving_ip), '') AS receiving_ip,
       receiving_mx, helo, reason, information
FROM report JOIN failure_detail
     USING (policy_domain, day, report_key, reporter, vouched)
WHERE report.receipt_id = ANY ($1::uuid[])
ORDER BY report.receipt_id, policy_domain, day, report_key, reporter, vouched, policy_ix,
         detail_ix
