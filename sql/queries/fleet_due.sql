-- The evaluations whose time has come, those in hand included, and since when the oldest
-- has been waiting.
SELECT count(*) AS due,
       coalesce(extract(epoch FROM now() - min(not_before)), 0)::bigint AS oldest_seconds
FROM work
WHERE kind = 'evaluate' AND not_before <= now()
