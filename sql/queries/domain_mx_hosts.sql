-- The MX hosts of one domain, those of every domain included: but what happens at a real
-- host is not told of a domain of the demo. `is_domain`: the host is a domain of ours as
-- well, by name or below a wildcard, and what is filed under it is about that domain.
-- Wildcards begin with a dot; '/' is the character after it.
SELECT DISTINCT mx_host,
       EXISTS (SELECT FROM domain WHERE domain = mx_host)
       OR EXISTS (SELECT FROM domain
                  WHERE domain >= '.' AND domain < '/'
                    AND right(mx_host, length(domain)) = domain) AS is_domain
FROM mx_host
WHERE policy_domain = $1
   OR (policy_domain = '' AND NOT EXISTS (SELECT FROM domain WHERE domain = $1 AND demo))
ORDER BY mx_host
