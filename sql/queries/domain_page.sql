-- A page of what is ours, by name: those after $1, at most $2. $3: only these; NULL: all.
SELECT domain, source, added_at, demo
FROM domain
WHERE domain > $1 AND ($3::text[] IS NULL OR domain = ANY ($3::text[]))
ORDER BY domain
LIMIT $2::bigint
