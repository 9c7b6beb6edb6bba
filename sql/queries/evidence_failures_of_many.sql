-- As evidence_failures, of the results that evidence_results_of_many finds with the same $1
-- to $6; at most $5 and $6 of these in their turn. Which of a report that nobody vouches
-- for are left out is the same each time.
--
-- Those of each such result are looked up by their key, and OFFSET 0 keeps it so: as a
-- plain join PostgreSQL compares each with each where it has not counted the rows yet.
WITH unvouched AS MATERIALIZED (
    SELECT policy_domain, day, report_key, reporter, policy_ix
    FROM policy_result
    WHERE policy_domain = ANY ($1::text[]) AND day BETWEEN $2::date AND $3::date
      AND received_at <= coalesce($4::timestamptz, 'infinity') AND NOT vouched
    ORDER BY day DESC, report_key, reporter, policy_domain, policy_ix
    LIMIT $6::bigint
)
SELECT * FROM (
    (SELECT policy_domain, day, report_key, reporter, vouched, policy_ix,
            result_type, result_type_text, receiving_mx, reason,
            sum(failed_sessions)::bigint AS failed_sessions
     FROM failure_detail
     WHERE policy_domain = ANY ($1::text[]) AND day BETWEEN $2::date AND $3::date
       AND vouched
     GROUP BY policy_domain, day, report_key, reporter, vouched, policy_ix,
              result_type, result_type_text, receiving_mx, reason
     LIMIT $5::bigint)
    UNION ALL
    (SELECT u.policy_domain, u.day, u.report_key, u.reporter, false, u.policy_ix,
            d.result_type, d.result_type_text, d.receiving_mx, d.reason,
            d.failed_sessions
     FROM unvouched AS u
     CROSS JOIN LATERAL (
        SELECT result_type, result_type_text, receiving_mx, reason,
               sum(failed_sessions)::bigint AS failed_sessions
        FROM failure_detail
        WHERE policy_domain = u.policy_domain AND day = u.day
          AND report_key = u.report_key AND reporter = u.reporter AND NOT vouched
          AND policy_ix = u.policy_ix
        GROUP BY result_type, result_type_text, receiving_mx, reason
        OFFSET 0) AS d
     ORDER BY u.day DESC, u.report_key, u.reporter, u.policy_domain, u.policy_ix,
              d.result_type, d.result_type_text, d.receiving_mx, d.reason
     LIMIT $6::bigint)) AS failure
ORDER BY day, reporter, report_key, vouched, policy_domain, policy_ix,
         result_type, result_type_text, receiving_mx, reason
