-- Who reported on what since $1, and how that was vouched for; $2 narrows it to one
-- domain, '' for all but the demo: nobody reported on that. Sessions of a day as one
-- report counts them: sts and tlsa are the same sessions. Sums stop at 10^15: the most
-- that strangers can say is more than a bigint.
WITH of_demo AS (
    SELECT unnest(ARRAY[domain.domain, mx_host]) AS policy_domain
    FROM domain LEFT JOIN mx_host ON mx_host.policy_domain = domain.domain
    WHERE demo AND $2 = ''
), sessions AS (
    SELECT policy_domain, reporter, vouched, day,
           coalesce(sum(success_sessions + failure_sessions)
                    FILTER (WHERE policy_type IN (0, 3)), 0)
           + greatest(coalesce(sum(success_sessions + failure_sessions)
                               FILTER (WHERE policy_type = 1), 0),
                      coalesce(sum(success_sessions + failure_sessions)
                               FILTER (WHERE policy_type = 2), 0)) AS sessions
    FROM policy_result
    WHERE day >= $1::date AND ($2 = '' OR policy_domain = $2)
      AND NOT EXISTS (SELECT FROM of_demo
                      WHERE of_demo.policy_domain = policy_result.policy_domain)
    GROUP BY policy_domain, reporter, vouched, day
), most AS (
    SELECT policy_domain, reporter, vouched, sum(sessions) AS sessions,
           max(sessions) AS most_sessions
    FROM sessions
    GROUP BY policy_domain, reporter, vouched
), told AS (
    SELECT policy_domain, reporter, vouched,
           array_agg(DISTINCT provenance::integer ORDER BY provenance::integer)
               AS provenances,
           count(*) AS reports, count(DISTINCT day) AS days,
           count(*) FILTER (WHERE NOT from_known) AS from_unknown,
           max(day) AS last_day, max(received_at) AS last_received_at,
           bool_or(dnssec) AS dnssec,
           min(key_bits) FILTER (WHERE algorithm LIKE 'rsa-%') AS rsa_bits,
           max(why_unvouched) AS why
    FROM report
    WHERE day >= $1::date AND ($2 = '' OR policy_domain = $2)
      AND NOT EXISTS (SELECT FROM of_demo
                      WHERE of_demo.policy_domain = report.policy_domain)
    GROUP BY policy_domain, reporter, vouched
)
SELECT told.policy_domain, told.reporter, told.vouched,
       told.provenances::text[] AS provenances, told.reports, told.days,
       told.from_unknown, told.last_day, told.last_received_at, told.dnssec,
       coalesce(told.rsa_bits, 0) AS rsa_bits, told.why,
       least(coalesce(most.sessions, 0), 1e15)::bigint AS sessions,
       least(coalesce(most.most_sessions, 0), 1e15)::bigint AS most_sessions
FROM told LEFT JOIN most USING (policy_domain, reporter, vouched)
ORDER BY told.reporter, told.vouched, told.policy_domain
