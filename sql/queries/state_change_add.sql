-- The next change of a domain.
INSERT INTO state_change (policy_domain, change_no, changed_at, old_verdict, old_health,
    old_confidence, new_verdict, new_health, new_confidence, basis, ruleset, settings,
    evidence_digest, evaluated_for, sentence, blocking)
SELECT $1, coalesce(max(change_no), 0) + 1, $2::timestamptz, $3, $4, $5, $6, $7, $8, $9,
       $10, $11::jsonb, $12::uuid, $13::date, $14, $15::text[]
FROM state_change WHERE policy_domain = $1
