-- As evidence_results, where that finds more than it may. At most $5 rows that somebody
-- vouches for, and of those that nobody does the newest $6: there is no end to what
-- strangers may send. It takes several times as long to plan.
SELECT * FROM (
    (SELECT policy_domain, day, report_key, reporter, vouched, policy_ix, policy_type,
            policy_hash, success_sessions, failure_sessions, unexplained_sessions,
            first_day, last_day, received_at, provenance
     FROM policy_result
     WHERE policy_domain = ANY ($1::text[]) AND day BETWEEN $2::date AND $3::date
       AND received_at <= coalesce($4::timestamptz, 'infinity') AND vouched
     LIMIT $5::bigint)
    UNION ALL
    (SELECT policy_domain, day, report_key, reporter, vouched, policy_ix, policy_type,
            policy_hash, success_sessions, failure_sessions, unexplained_sessions,
            first_day, last_day, received_at, provenance
     FROM policy_result
     WHERE policy_domain = ANY ($1::text[]) AND day BETWEEN $2::date AND $3::date
       AND received_at <= coalesce($4::timestamptz, 'infinity') AND NOT vouched
     ORDER BY day DESC, report_key, reporter, policy_domain, policy_ix
     LIMIT $6::bigint)) AS result
ORDER BY day, reporter, report_key, vouched, policy_domain, policy_ix
