-- How a domain stands now.
INSERT INTO domain_status (policy_domain, verdict, health, confidence, basis, ruleset,
    sentence, blocking, blocking_sentence, earliest_ready, evaluated_at, evaluated_for,
    next_evaluation, changed_at, evidence_digest)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8::text[], $9, $10, $11, $12, $13, $14, $15)
ON CONFLICT (policy_domain) DO UPDATE SET
    verdict           = EXCLUDED.verdict,
    health            = EXCLUDED.health,
    confidence        = EXCLUDED.confidence,
    basis             = EXCLUDED.basis,
    ruleset           = EXCLUDED.ruleset,
    sentence          = EXCLUDED.sentence,
    blocking          = EXCLUDED.blocking,
    blocking_sentence = EXCLUDED.blocking_sentence,
    earliest_ready    = EXCLUDED.earliest_ready,
    evaluated_at      = EXCLUDED.evaluated_at,
    evaluated_for     = EXCLUDED.evaluated_for,
    next_evaluation   = EXCLUDED.next_evaluation,
    changed_at        = EXCLUDED.changed_at,
    evidence_digest   = EXCLUDED.evidence_digest
