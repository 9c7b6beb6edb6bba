-- The policy texts $2 that were reported for a domain.
SELECT policy_hash, policy_type, mode, max_age_seconds, mx_patterns, lines
FROM policy_text
WHERE policy_domain = $1 AND policy_hash = ANY ($2::uuid[])
ORDER BY policy_hash
