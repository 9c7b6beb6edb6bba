-- Every waiver of a domain that was ever made, the oldest first: what was answered with
-- one must be told later.
SELECT waiver_id, reporter, result_type, mx, reason, who, why, made_at, withdrawn_at,
       withdrawn_by, until, max_sessions
FROM waiver
WHERE policy_domain = $1
ORDER BY made_at, waiver_id
