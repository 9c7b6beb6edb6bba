-- Every token, for the API to compare with: a few rows, and no secret among them.
SELECT token_id, secret_hash, name, scope, domains, created_at FROM token ORDER BY token_id
