-- The settings of a domain as they stood at $2 (NULL: now), by name.
SELECT DISTINCT ON (plain_name) plain_name, name, value, set_at, set_by
FROM domain_setting
WHERE policy_domain = $1 AND ($2::timestamptz IS NULL OR set_at <= $2::timestamptz)
ORDER BY plain_name, set_at DESC
