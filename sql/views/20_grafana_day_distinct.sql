-- grafana_day_distinct: vouched sessions per policy domain and day, each session once:
-- for each report no-policy-found + other + the larger of sts and tlsa. The one count
-- that is over all policy types.
CREATE OR REPLACE VIEW grafana_day_distinct AS
SELECT policy_domain, day, day::timestamp AT TIME ZONE 'UTC' AS day_start,
       vouched_reports              AS reports,
       vouched_success_sessions     AS success_sessions,
       vouched_failure_sessions     AS failure_sessions,
       vouched_unexplained_sessions AS unexplained_sessions
FROM domain_day
WHERE kind = 9 AND vouched_reports > 0;
