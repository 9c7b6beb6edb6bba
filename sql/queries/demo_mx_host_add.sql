-- An MX host ($2) of a domain of the demo ($1).
INSERT INTO mx_host (policy_domain, mx_host, added_at, source)
VALUES ($1, $2, $3, 'configured')
