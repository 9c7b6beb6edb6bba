-- A token is revoked: it opens nothing any more.
DELETE FROM token WHERE token_id = $1
