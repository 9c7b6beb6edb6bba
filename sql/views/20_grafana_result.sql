-- grafana_result: what each reporter said per policy domain, day and policy type.
--
-- Rows of two policy types are never added up: they may tell of the same sessions.
-- `reporter` is '(nobody)' where nobody vouches and '(unnamed)' where an operator does
-- for a report that names no sender: a Grafana variable cannot hold an empty string.
-- Sums stop at 10^15: the most that strangers can say is more than a bigint.
CREATE OR REPLACE VIEW grafana_result AS
SELECT policy_domain, day, day::timestamp AT TIME ZONE 'UTC' AS day_start, vouched,
       CASE WHEN NOT vouched THEN '(nobody)' WHEN reporter = '' THEN '(unnamed)'
            ELSE reporter END AS reporter,
       -- By code, from 0 (store/model/vocabulary.h).
       (ARRAY['other', 'sts', 'tlsa', 'no-policy-found'])[policy_type + 1] AS policy_type,
       count(DISTINCT report_key)                     AS reports,
       least(sum(success_sessions), 1e15)::bigint     AS success_sessions,
       least(sum(failure_sessions), 1e15)::bigint     AS failure_sessions,
       least(sum(unexplained_sessions), 1e15)::bigint AS unexplained_sessions
FROM policy_result
JOIN grafana_report USING (policy_domain, day, report_key, reporter, vouched)
GROUP BY policy_domain, day, reporter, vouched, policy_type;
