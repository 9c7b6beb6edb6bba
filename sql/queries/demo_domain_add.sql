-- A domain of the demo, which is not there.
INSERT INTO domain (domain, added_at, source, demo) VALUES ($1, $2, 'command', true)
