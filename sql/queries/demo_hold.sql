-- Domains of `tlsrptd demo`, held against everybody who would remove it or add to it until
-- the transaction ends.
SELECT domain, added_at FROM domain WHERE demo ORDER BY domain FOR UPDATE
