-- grafana_day: vouched sessions per policy domain, day and policy type, out of the sums
-- that are kept anyway: a year of 100,000 domains is read in seconds.
--
-- Rows of two policy types are never added up. What nobody vouches for is not here: the
-- kept sums cannot leave out what a vouched report repeats (grafana_result does).
CREATE OR REPLACE VIEW grafana_day AS
SELECT policy_domain, day, day::timestamp AT TIME ZONE 'UTC' AS day_start,
       (ARRAY['other', 'sts', 'tlsa', 'no-policy-found'])[kind + 1] AS policy_type,
       vouched_reports              AS reports,
       vouched_success_sessions     AS success_sessions,
       vouched_failure_sessions     AS failure_sessions,
       vouched_unexplained_sessions AS unexplained_sessions
FROM domain_day
WHERE kind <> 9 AND vouched_reports > 0;
