-- Receipts since the day $2 that somebody vouches for and that hold, as about somebody
-- else's, something about one of $1, a domain and its MX hosts: it became ours since, and
-- nobody has looked at them again yet.
SELECT count(*) AS receipts
FROM receipt
WHERE foreign_domains && $1::text[] AND foreign_domains <> '{}'
  AND provenance <> 0
  AND received_on >= $2::date
