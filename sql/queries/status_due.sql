-- Domains whose time has come by the clock $1 become work, at most $2 of them: so many
-- that a worker has something to do until it looks again, and no more, since a domain that
-- waits is not listed as ready.
INSERT INTO work (domain, kind, not_before, generation, attempts)
SELECT policy_domain, 'evaluate', now(), 1, 0
FROM (SELECT policy_domain FROM domain_status
      WHERE next_evaluation <= $1
        AND NOT EXISTS (SELECT FROM work
                        WHERE work.domain = policy_domain AND kind = 'evaluate')
      ORDER BY next_evaluation
      LIMIT $2::bigint) AS due
ORDER BY policy_domain
ON CONFLICT (domain, kind) DO NOTHING
