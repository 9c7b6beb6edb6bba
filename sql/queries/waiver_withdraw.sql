-- Somebody no longer accepts it. Never before it was made, whatever this node's clock says.
UPDATE waiver SET withdrawn_at = greatest($3::timestamptz, made_at), withdrawn_by = $4
WHERE policy_domain = $1 AND waiver_id = $2 AND withdrawn_at IS NULL
