-- The MX hosts of one domain, those of every domain included.
SELECT DISTINCT mx_host FROM mx_host WHERE policy_domain IN ('', $1) ORDER BY mx_host
