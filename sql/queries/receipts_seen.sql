-- Looked at by the parser $3, and nothing is different.
UPDATE receipt SET parser_version = $3
WHERE received_on = ANY ($1::date[]) AND receipt_id = ANY ($2::uuid[])
  AND parser_version < $3
