-- Every policy text that was ever reported for a domain: a few, as policies change
-- rarely.
SELECT policy_hash, policy_type, mode, max_age_seconds, mx_patterns, lines
FROM policy_text
WHERE policy_domain = $1
ORDER BY policy_hash
