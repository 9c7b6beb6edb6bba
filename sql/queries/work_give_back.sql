-- Free again in $4 seconds; at once where somebody asked meanwhile. $6: it was done, and
-- the count of attempts begins anew.
UPDATE work SET
    lease_until = NULL,
    lease_node  = NULL,
    attempts    = CASE WHEN $6::boolean THEN 0 ELSE attempts END,
    not_before  = CASE WHEN generation = $5::bigint
                       THEN now() + $4::bigint * interval '1 second'
                       ELSE not_before END
WHERE domain = $1 AND kind = $2 AND lease_node = $3
