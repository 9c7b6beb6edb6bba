-- The longest due piece of work of the kinds $1 becomes $2's for $3 seconds. SKIP LOCKED:
-- two takers at once never wait for each other, nor get the same.
UPDATE work SET
    lease_until = now() + $3::bigint * interval '1 second',
    lease_node  = $2,
    attempts    = attempts + 1
WHERE (domain, kind) = (
    SELECT domain, kind FROM work
    WHERE kind = ANY ($1::text[]) AND not_before <= now()
      AND (lease_until IS NULL OR lease_until <= now())
    ORDER BY not_before, domain, kind
    LIMIT 1
    FOR UPDATE SKIP LOCKED)
RETURNING domain, kind, generation, attempts
