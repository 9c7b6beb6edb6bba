-- grafana_failure: failed sessions per policy domain, day, reporter and what went wrong.
--
-- Failures in a summary that no detail explains are the result type 'unexplained'. One
-- session may be in several failure details: these sums may exceed failure_sessions.
-- Sums stop at 10^15: the most that strangers can say is more than a bigint.
CREATE OR REPLACE VIEW grafana_failure AS
WITH failure AS (
    SELECT policy_domain, day, report_key, reporter, vouched, policy_type, result_type,
           result_type_text, receiving_mx, reason, failed_sessions
    FROM failure_detail
    UNION ALL
    SELECT policy_domain, day, report_key, reporter, vouched, policy_type, 100, '', '', '',
           unexplained_sessions
    FROM policy_result
    WHERE unexplained_sessions > 0
)
SELECT policy_domain, day, day::timestamp AT TIME ZONE 'UTC' AS day_start, vouched,
       CASE WHEN NOT vouched THEN '(nobody)' WHEN reporter = '' THEN '(unnamed)'
            ELSE reporter END AS reporter,
       (ARRAY['other', 'sts', 'tlsa', 'no-policy-found'])[policy_type + 1] AS policy_type,
       CASE result_type WHEN 100 THEN 'unexplained' ELSE
           (ARRAY['other', 'starttls-not-supported', 'certificate-host-mismatch',
                  'certificate-expired', 'certificate-not-trusted', 'validation-failure',
                  'tlsa-invalid', 'dnssec-invalid', 'dane-required',
                  'sts-policy-fetch-error', 'sts-policy-invalid',
                  'sts-webpki-invalid'])[result_type + 1] END AS result_type,
       result_type_text,  -- as sent, where result_type is 'other'
       CASE receiving_mx WHEN '' THEN '(not said)' ELSE receiving_mx END AS receiving_mx,
       reason,
       count(DISTINCT report_key) AS reports,
       least(sum(failed_sessions), 1e15)::bigint AS failed_sessions
FROM failure
JOIN grafana_report USING (policy_domain, day, report_key, reporter, vouched)
GROUP BY policy_domain, day, reporter, vouched, failure.policy_type, failure.result_type,
         result_type_text, failure.receiving_mx, reason;
