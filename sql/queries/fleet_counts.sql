-- How many domains are in each state, and of these at risk. $1: only these; NULL: all.
-- $2, $3: as fleet_page's $4 and $5. $4: intake is behind.
SELECT CASE
           WHEN verdict IS NULL THEN 'unknown'
           WHEN verdict = 'ready'
                AND ($4::boolean OR next_evaluation < $2 OR evaluated_at > $3
                     OR due.domain IS NOT NULL
                     OR EXISTS (SELECT FROM work WHERE domain = '' AND kind = 'evaluate'))
               THEN 'unknown'
           ELSE verdict END AS state,
       count(*) AS domains,
       count(*) FILTER (WHERE health = 'at_risk') AS at_risk
FROM domain
LEFT JOIN domain_status AS status ON status.policy_domain = domain.domain
LEFT JOIN work AS due ON due.domain = domain.domain AND due.kind = 'evaluate'
WHERE domain.domain NOT LIKE '.%' AND NOT domain.demo  -- nobody's mail is at risk there
  AND ($1::text[] IS NULL OR domain.domain = ANY ($1::text[]))
GROUP BY 1
ORDER BY 1
