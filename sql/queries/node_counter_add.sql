-- A total goes up, or back down by what was earned before.
INSERT INTO node_counter AS total (node, name, value)
VALUES ($1, $2, greatest($3::bigint, 0))
ON CONFLICT (node, name) DO UPDATE SET value = total.value + $3::bigint
