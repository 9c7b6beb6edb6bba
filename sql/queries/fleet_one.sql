-- One domain with its status if there is one. $2, $3: as fleet_page's $4 and $5.
SELECT domain.domain, domain.source, domain.added_at, domain.demo,
       verdict, health, confidence, basis, ruleset, sentence, blocking, blocking_sentence,
       earliest_ready, evaluated_at, evaluated_for, next_evaluation, changed_at,
       evidence_digest,
       CASE WHEN verdict IS NULL THEN 'never_evaluated'
            WHEN EXISTS (SELECT FROM work WHERE kind = 'evaluate'
                         AND work.domain IN ('', domain.domain)) THEN 'evaluation_due'
            WHEN next_evaluation < $2 OR evaluated_at > $3 THEN 'overdue'
            ELSE '' END AS hold
FROM domain
LEFT JOIN domain_status AS status ON status.policy_domain = domain.domain
WHERE domain.domain = $1
