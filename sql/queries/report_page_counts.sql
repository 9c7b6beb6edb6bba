-- What the reports of a page say, per policy type: those with a key of $4 about the names
-- $1, on the days $2 to $3.
SELECT policy_domain, day, report_key, reporter, vouched, policy_type,
       sum(success_sessions)::bigint     AS success_sessions,
       sum(failure_sessions)::bigint     AS failure_sessions,
       sum(unexplained_sessions)::bigint AS unexplained_sessions
FROM policy_result
WHERE policy_domain = ANY ($1::text[]) AND day BETWEEN $2::date AND $3::date
  AND report_key = ANY ($4::uuid[])
GROUP BY policy_domain, day, report_key, reporter, vouched, policy_type
ORDER BY policy_domain, day, report_key, reporter, vouched, policy_type
