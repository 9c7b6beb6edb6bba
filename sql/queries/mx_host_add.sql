-- An MX host of every domain of ours.
INSERT INTO mx_host (policy_domain, mx_host, added_at, source)
VALUES ('', $1, $2, 'configured')
ON CONFLICT (policy_domain, mx_host) DO NOTHING
