-- MX hosts of the demo's domains, those below $1 alone: nothing else of them is the demo's.
SELECT DISTINCT mx_host
FROM mx_host
WHERE policy_domain IN (SELECT domain FROM domain WHERE demo)
  AND mx_host LIKE '%.' || $1
ORDER BY mx_host
