-- Failed sessions, those that look alike as one group, the largest first; at most $5.
-- What the summaries count and no detail explains is the result type 100. Of a report that
-- is stored more than once, the row that counts (grafana_report).
-- $1: a domain and its MX hosts; $2 to $3: days; $4: only vouched (or not), NULL: both.
-- Sums stop at 10^15: the most that strangers can say is more than a bigint.
WITH failure AS (
    SELECT policy_domain, policy_type, result_type, result_type_text, receiving_mx,
           reason, reporter, vouched, day, report_key, failed_sessions
    FROM failure_detail
    WHERE policy_domain = ANY ($1::text[]) AND day BETWEEN $2::date AND $3::date
    UNION ALL
    SELECT policy_domain, policy_type, 100, '', '', '', reporter, vouched, day,
           report_key, unexplained_sessions
    FROM policy_result
    WHERE policy_domain = ANY ($1::text[]) AND day BETWEEN $2::date AND $3::date
      AND unexplained_sessions > 0
)
SELECT policy_domain, policy_type, result_type, result_type_text, receiving_mx, reason,
       reporter, vouched, least(sum(failed_sessions), 1e15)::bigint AS failed_sessions,
       count(DISTINCT report_key) AS reports, min(day) AS first_day, max(day) AS last_day,
       count(*) OVER () AS groups
FROM failure
JOIN grafana_report USING (policy_domain, day, report_key, reporter, vouched)
WHERE $4::boolean IS NULL OR vouched = $4::boolean
GROUP BY policy_domain, policy_type, result_type, result_type_text, receiving_mx, reason,
         reporter, vouched
ORDER BY failed_sessions DESC, last_day DESC, policy_domain, policy_type, result_type,
         result_type_text, receiving_mx, reason, reporter, vouched
LIMIT $5::bigint
