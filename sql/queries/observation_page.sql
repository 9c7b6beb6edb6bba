-- A page of the looks at a domain, the newest first: those before $2, at most $3.
SELECT observed_at, node, document
FROM observation
WHERE policy_domain = $1 AND observed_at < $2::timestamptz
  AND observed_on <= ($2::timestamptz AT TIME ZONE 'UTC')::date
ORDER BY observed_on DESC, observed_at DESC
LIMIT $3::bigint
