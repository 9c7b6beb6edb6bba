-- The MX hosts of one domain, those of every domain included: but what happens at a real
-- host is not told of a domain of the demo.
SELECT DISTINCT mx_host
FROM mx_host
WHERE policy_domain = $1
   OR (policy_domain = '' AND NOT EXISTS (SELECT FROM domain WHERE domain = $1 AND demo))
ORDER BY mx_host
