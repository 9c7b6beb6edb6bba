-- Receipts since the day $2 that somebody vouches for and that hold, as about somebody
-- else's, something about one of $1, a domain and its MX hosts: it became ours since, and
-- nobody has looked at them again yet. What comes later stays foreign when it is looked
-- at: a policy of an MX host's own. A day, for nodes that had not heard of the name yet.
SELECT count(*) AS receipts
FROM receipt
WHERE foreign_domains && $1::text[] AND foreign_domains <> '{}'
  AND provenance <> 0
  AND received_on >= $2::date
  AND EXISTS (SELECT FROM (SELECT domain AS name, added_at FROM domain
                           UNION ALL
                           SELECT mx_host, added_at FROM mx_host) AS ours
              WHERE name = ANY ($1::text[]) AND name = ANY (foreign_domains)
                AND received_at < added_at + interval '1 day')
