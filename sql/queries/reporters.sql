-- Counted reporters that an administrator had added, or completed, by $1 (NULL: now).
SELECT reporter, name, signing_domains, from_addresses FROM reporter
WHERE $1::timestamptz IS NULL OR added_at <= $1::timestamptz
ORDER BY reporter
