-- Done, unless somebody asked again meanwhile.
DELETE FROM work
WHERE domain = $1 AND kind = $2 AND lease_node = $3 AND generation = $4
