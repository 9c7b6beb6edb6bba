-- The failure details of one report, in its order.
SELECT policy_ix, result_type, result_type_text, failed_sessions,
       host(sending_mta_ip) AS sending_mta_ip, host(receiving_ip) AS receiving_ip,
       receiving_mx, helo, reason, information
FROM failure_detail
WHERE policy_domain = $1 AND day = $2::date AND report_key = $3::uuid AND reporter = $4
  AND vouched = $5::boolean
ORDER BY policy_ix, detail_ix
