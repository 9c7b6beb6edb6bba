-- As work_take, up to $4 pieces of the kind $1 at once.
WITH due AS MATERIALIZED (
    SELECT domain, kind FROM work
    WHERE kind = $1 AND not_before <= now()
      AND (lease_until IS NULL OR lease_until <= now())
    ORDER BY not_before, domain
    LIMIT $4::bigint
    FOR UPDATE SKIP LOCKED)
UPDATE work SET
    lease_until = now() + $3::bigint * interval '1 second',
    lease_node  = $2,
    attempts    = attempts + 1
FROM due
WHERE work.domain = due.domain AND work.kind = due.kind
RETURNING work.domain, work.kind, generation, attempts
