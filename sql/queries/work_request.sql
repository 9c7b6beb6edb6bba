-- Somebody wants $1 done for each of the domains $2, in $3 seconds. A request for what is
-- waiting, or in hand, is one more generation of it.
INSERT INTO work (domain, kind, not_before, generation, attempts)
SELECT domain, $1, now() + $3::bigint * interval '1 second', 1, 0
FROM unnest($2::text[]) AS wanted (domain)
ORDER BY domain
ON CONFLICT (domain, kind) DO UPDATE SET
    generation = work.generation + 1,
    not_before = EXCLUDED.not_before
