-- A page of the domains whose verdict was $1, by name: those after $2, at most $3. $4: only
-- these; NULL: all. $5, $6: as fleet_page's $4 and $5. $7: only those that nothing
-- holds. $8: part of the name; '': any.
SELECT domain.domain, domain.source, domain.added_at, domain.demo,
       verdict, health, confidence, basis, ruleset, sentence, blocking, blocking_sentence,
       earliest_ready, evaluated_at, evaluated_for, next_evaluation, changed_at,
       evidence_digest, hold
FROM domain_status AS status
JOIN domain ON domain.domain = status.policy_domain
CROSS JOIN LATERAL (SELECT CASE
    WHEN EXISTS (SELECT FROM work WHERE kind = 'evaluate'
                 AND work.domain IN ('', policy_domain)) THEN 'evaluation_due'
    WHEN next_evaluation < $5 OR evaluated_at > $6 THEN 'overdue'
    ELSE '' END AS hold) AS held
WHERE verdict = $1 AND policy_domain > $2
  AND ($4::text[] IS NULL OR policy_domain = ANY ($4::text[]))
  AND ($8::text = '' OR position($8::text IN policy_domain) > 0)
  AND (NOT $7::boolean OR hold = '')
ORDER BY policy_domain
LIMIT $3::bigint
