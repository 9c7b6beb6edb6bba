-- A total goes up, or back down by what was earned before; one that is full stays so.
INSERT INTO node_counter AS total (node, name, value)
VALUES ($1, $2, greatest($3::bigint, 0))
ON CONFLICT (node, name) DO UPDATE SET
    value = least(total.value::numeric + $3::bigint, 9223372036854775807)::bigint
