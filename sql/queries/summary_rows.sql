-- What each reporter said per day and policy type. Rows of two policy types are never
-- added up: they may tell of the same sessions. Of a report that is stored more than once,
-- unvouched too or under another signer, the row that counts (grafana_report).
-- Sums stop at 10^15: the most that strangers can say is more than a bigint.
-- $4: only vouched (or not); NULL: both.
SELECT policy_domain, day, reporter, vouched, policy_type,
       count(DISTINCT report_key)                     AS reports,
       least(sum(success_sessions), 1e15)::bigint     AS success_sessions,
       least(sum(failure_sessions), 1e15)::bigint     AS failure_sessions,
       least(sum(unexplained_sessions), 1e15)::bigint AS unexplained_sessions
FROM policy_result
JOIN grafana_report USING (policy_domain, day, report_key, reporter, vouched)
WHERE policy_domain = ANY ($1::text[]) AND day BETWEEN $2::date AND $3::date
  AND ($4::boolean IS NULL OR vouched = $4::boolean)
GROUP BY policy_domain, day, reporter, vouched, policy_type
ORDER BY day, policy_domain, reporter, vouched, policy_type
