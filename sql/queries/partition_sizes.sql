-- Every partition of ours and what it takes on disk.
SELECT c.relname::text AS name, pg_total_relation_size(c.oid) AS bytes
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = 'tlsrptd' AND c.relispartition AND c.relkind = 'r'
ORDER BY c.relname
