-- The same of reports that nobody vouches for. From the results, since the sums of
-- domain_day cannot leave out a copy that a vouched report repeats. Distinct sessions of
-- a report are no-policy-found + other + max(sts, tlsa).
-- Sums stop at 10^15: the most that strangers can say is more than a bigint.
WITH per_type AS (
    SELECT policy_domain, day, report_key, policy_type,
           sum(success_sessions + failure_sessions) AS n, sum(failure_sessions) AS f,
           sum(unexplained_sessions) AS u
    FROM policy_result AS r
    WHERE policy_domain = ANY ($1::text[]) AND day BETWEEN $2::date AND $3::date
      AND NOT vouched
      AND NOT EXISTS (SELECT FROM policy_result AS v
                      WHERE v.policy_domain = r.policy_domain AND v.day = r.day
                        AND v.report_key = r.report_key AND v.vouched)
    GROUP BY policy_domain, day, report_key, policy_type
), per_report AS (
    SELECT policy_domain, day, report_key,
           coalesce(sum(n) FILTER (WHERE policy_type IN (0, 3)), 0)
           + coalesce(max(n) FILTER (WHERE policy_type IN (1, 2)), 0) AS n,
           coalesce(sum(f) FILTER (WHERE policy_type IN (0, 3)), 0)
           + coalesce(max(f) FILTER (WHERE policy_type IN (1, 2)), 0) AS f,
           coalesce(sum(u) FILTER (WHERE policy_type IN (0, 3)), 0)
           + coalesce(max(u) FILTER (WHERE policy_type IN (1, 2)), 0) AS u
    FROM per_type
    GROUP BY policy_domain, day, report_key
)
SELECT policy_domain, day, count(*) AS reports,
       least(sum(n - f), 1e15)::bigint AS success_sessions,
       least(sum(f), 1e15)::bigint     AS failure_sessions,
       least(sum(u), 1e15)::bigint     AS unexplained_sessions
FROM per_report
GROUP BY policy_domain, day
ORDER BY day, policy_domain
