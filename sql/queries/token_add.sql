-- A token that was just made.
INSERT INTO token (token_id, secret_hash, name, scope, domains, created_at)
VALUES ($1, $2, $3, $4::smallint, $5::text[], $6)
