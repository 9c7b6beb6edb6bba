-- Domains of `tlsrptd demo`; a handful, or none.
SELECT domain FROM domain WHERE demo ORDER BY domain
