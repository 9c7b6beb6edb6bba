-- Distinct sessions (kind 9) of vouched reports, per name ($1: a domain and its MX hosts)
-- and day, $2 to $3.
SELECT policy_domain, day, vouched_reports AS reports,
       vouched_success_sessions     AS success_sessions,
       vouched_failure_sessions     AS failure_sessions,
       vouched_unexplained_sessions AS unexplained_sessions
FROM domain_day
WHERE policy_domain = ANY ($1::text[]) AND day BETWEEN $2::date AND $3::date
  AND kind = 9 AND vouched_reports > 0
ORDER BY day, policy_domain
