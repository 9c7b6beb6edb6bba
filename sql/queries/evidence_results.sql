-- What is said about some names ($1: a domain and its MX hosts) on the days $2 to $3, as
-- far as it was received by $4 (NULL: all of it), at most $5 rows. Read from the covering
-- primary key alone, and no further than $5 rows of it: whoever gets so many asks
-- evidence_results_of_many.
SELECT * FROM (
    SELECT policy_domain, day, report_key, reporter, vouched, policy_ix, policy_type,
           policy_hash, success_sessions, failure_sessions, unexplained_sessions,
           first_day, last_day, received_at, provenance
    FROM policy_result
    WHERE policy_domain = ANY ($1::text[])
      AND day BETWEEN $2::date AND $3::date
      AND received_at <= coalesce($4::timestamptz, 'infinity')
    LIMIT $5::bigint) AS few
ORDER BY day, reporter, report_key, vouched, policy_domain, policy_ix
