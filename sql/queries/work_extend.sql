-- Still at it.
UPDATE work SET lease_until = now() + $4::bigint * interval '1 second'
WHERE domain = $1 AND kind = $2 AND lease_node = $3
