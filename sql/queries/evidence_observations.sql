-- The looks at a domain from day $2 to time $3, at most $4 of them. Of those that found
-- the same on one day the first and the last: they are chosen in the index alone, and
-- only their documents are read.
SELECT observed_at, document
FROM observation
WHERE policy_domain = $1
  AND observed_on BETWEEN $2::date AND ($3::timestamptz AT TIME ZONE 'UTC')::date
  AND observed_at = ANY (ARRAY(
    SELECT unnest(ARRAY[min(observed_at), max(observed_at)])
    FROM observation
    WHERE policy_domain = $1
      AND observed_on BETWEEN $2::date AND ($3::timestamptz AT TIME ZONE 'UTC')::date
      AND observed_at <= $3::timestamptz
    GROUP BY observed_on, content_hash))
ORDER BY observed_at
LIMIT $4::bigint
