-- A domain becomes ours. A name that a wildcard brought becomes the administrator's.
INSERT INTO domain (domain, added_at, source)
VALUES ($1, $2, $3)
ON CONFLICT (domain) DO UPDATE SET source = EXCLUDED.source
    WHERE domain.source = 'wildcard'
