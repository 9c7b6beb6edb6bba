-- The evidence on some names changed: $1 those that reports are filed under, $2 those of
-- them that something failed at. Evaluate the domains of ours among $1, and those that an
-- MX host in $2 serves, in $3 seconds; '' stands for every domain.
--
-- What waits already keeps its earlier time, so that a domain whose reports never end is
-- evaluated all the same. Its row is locked even where it stays as it is (that is how ON
-- CONFLICT works), and takers pass over locked rows: nobody reads the evidence before it
-- is committed and then forgets the request. What is in hand has to be done once more.
INSERT INTO work (domain, kind, not_before, generation, attempts)
SELECT domain, 'evaluate', now() + $3::bigint * interval '1 second', 1, 0
FROM (SELECT domain FROM domain
      WHERE domain = ANY ($1::text[]) AND domain NOT LIKE '.%'
      UNION
      SELECT policy_domain FROM mx_host WHERE mx_host = ANY ($2::text[])
      UNION
      -- Those with the pattern that stands for such a host, and those with a host that
      -- such a pattern stands for (evidence_names).
      SELECT policy_domain FROM mx_host
      WHERE mx_host = ANY (ARRAY (SELECT '*' || substr(failing, strpos(failing, '.'))
                                  FROM unnest($2::text[]) AS failing))
      UNION
      SELECT policy_domain FROM mx_host
      WHERE '*' || substr(mx_host, strpos(mx_host, '.')) = ANY ($2::text[])
      UNION
      SELECT '' WHERE '' = ANY ($1::text[])) AS wanted
ORDER BY domain
ON CONFLICT (domain, kind) DO UPDATE SET
    generation = work.generation + 1,
    not_before = CASE WHEN work.lease_until > now() THEN EXCLUDED.not_before
                      ELSE least(work.not_before, EXCLUDED.not_before) END
    WHERE work.lease_until IS NOT NULL OR work.not_before > EXCLUDED.not_before
