-- Some domain was evaluated under another ruleset than $1, or on another basis than $2:
-- evaluate every domain, and list none as ready before that.
INSERT INTO work (domain, kind, not_before, generation, attempts)
SELECT '', 'evaluate', now(), 1, 0
WHERE EXISTS (SELECT FROM domain_status WHERE ruleset <> $1 OR basis <> $2)
ON CONFLICT (domain, kind) DO NOTHING
