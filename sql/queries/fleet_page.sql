-- A page of all domains by name: those after $1, at most $2, with their status if there is
-- one. $3: only these; NULL: all. $4, $5: a status that was to be made again before $4, or
-- that was made after $5, is overdue. $6: only those in state "unknown"; $7: intake is
-- behind, which makes that of every ready one. $8: part of the name; '': any.
SELECT domain.domain, domain.source, domain.added_at, domain.demo,
       verdict, health, confidence, basis, ruleset, sentence, blocking, blocking_sentence,
       earliest_ready, evaluated_at, evaluated_for, next_evaluation, changed_at,
       evidence_digest, hold
FROM domain
LEFT JOIN domain_status AS status ON status.policy_domain = domain.domain
CROSS JOIN LATERAL (SELECT CASE
    WHEN verdict IS NULL THEN 'never_evaluated'
    WHEN EXISTS (SELECT FROM work WHERE kind = 'evaluate'
                 AND work.domain IN ('', domain.domain)) THEN 'evaluation_due'
    WHEN next_evaluation < $4 OR evaluated_at > $5 THEN 'overdue'
    ELSE '' END AS hold) AS held
WHERE domain.domain > $1 AND ($3::text[] IS NULL OR domain.domain = ANY ($3::text[]))
  AND ($8::text = '' OR position($8::text IN domain.domain) > 0)
  AND (NOT $6::boolean
       OR (domain.domain NOT LIKE '.%'
           AND (verdict IS NULL OR (verdict = 'ready' AND (hold <> '' OR $7::boolean)))))
ORDER BY domain.domain
LIMIT $2::bigint
