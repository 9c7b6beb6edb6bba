-- Changes of the domain $1, the newest first: those before number $2 (NULL: all), at most
-- $3.
SELECT change_no, changed_at, old_verdict, old_health, old_confidence, new_verdict,
       new_health, new_confidence, basis, ruleset, settings::text AS settings,
       evidence_digest, evaluated_for, sentence, blocking
FROM state_change
WHERE policy_domain = $1 AND ($2::bigint IS NULL OR change_no < $2::bigint)
ORDER BY change_no DESC
LIMIT $3::bigint
