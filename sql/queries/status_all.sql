-- Every domain is to be evaluated: something changed that concerns all of them.
INSERT INTO work (domain, kind, not_before, generation, attempts)
SELECT domain, 'evaluate', now(), 1, 0 FROM domain WHERE domain NOT LIKE '.%'
ORDER BY domain
ON CONFLICT (domain, kind) DO UPDATE SET
    generation = work.generation + 1,
    not_before = least(work.not_before, EXCLUDED.not_before)
    WHERE work.lease_until IS NOT NULL OR work.not_before > EXCLUDED.not_before
