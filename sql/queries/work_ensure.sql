-- Work that is always there and comes again by itself.
INSERT INTO work (domain, kind, not_before, generation, attempts)
VALUES ('', $1, now(), 1, 0)
ON CONFLICT (domain, kind) DO NOTHING
