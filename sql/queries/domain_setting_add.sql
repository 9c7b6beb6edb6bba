-- The newest row is in force, so this one is newer than the one before it, whatever this
-- node's clock says.
INSERT INTO domain_setting (policy_domain, plain_name, name, value, set_by, set_at)
SELECT $1, $2, $3, $4, $5,
       greatest($6::timestamptz, max(set_at) + interval '1 microsecond')
FROM domain_setting
WHERE policy_domain = $1 AND plain_name = $2
