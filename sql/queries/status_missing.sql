-- The same for domains that were never evaluated, or at a time later than $1, which a
-- clock that was wrong has left behind; and for what is no longer ours. Looks at every
-- domain: for once in a while.
INSERT INTO work (domain, kind, not_before, generation, attempts)
SELECT domain, 'evaluate', now(), 1, 0
FROM (SELECT coalesce(domain.domain, status.policy_domain) AS domain
      FROM domain FULL JOIN domain_status AS status
           ON status.policy_domain = domain.domain
      WHERE status.policy_domain IS NULL OR domain.domain IS NULL
         OR status.evaluated_at > $1
      ORDER BY 1) AS wanted
WHERE domain NOT LIKE '.%'
  AND NOT EXISTS (SELECT FROM work
                  WHERE work.domain = wanted.domain AND kind = 'evaluate')
LIMIT $2::bigint
ON CONFLICT (domain, kind) DO NOTHING
