-- grafana_day_failure: vouched failed sessions per policy domain, day, policy type and
-- result type, out of the sums that are kept. By MX, reason and reporter: grafana_failure.
CREATE OR REPLACE VIEW grafana_day_failure AS
SELECT policy_domain, day, day::timestamp AT TIME ZONE 'UTC' AS day_start,
       (ARRAY['other', 'sts', 'tlsa', 'no-policy-found'])[kind + 1] AS policy_type,
       CASE result_type WHEN 100 THEN 'unexplained' ELSE
           (ARRAY['other', 'starttls-not-supported', 'certificate-host-mismatch',
                  'certificate-expired', 'certificate-not-trusted', 'validation-failure',
                  'tlsa-invalid', 'dnssec-invalid', 'dane-required',
                  'sts-policy-fetch-error', 'sts-policy-invalid',
                  'sts-webpki-invalid'])[result_type + 1] END AS result_type,
       vouched_failed_sessions AS failed_sessions
FROM domain_day_failure
WHERE kind <> 9 AND vouched_failed_sessions > 0;
