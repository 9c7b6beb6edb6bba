-- MX hosts of ours; policy_domain '' for one of every domain.
SELECT policy_domain, mx_host, source FROM mx_host ORDER BY policy_domain, mx_host
