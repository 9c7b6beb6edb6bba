-- grafana_domain: our domains. A wildcard entry (".example.net") is not one: no report is
-- about it. `data` is 'demo' for what `tlsrptd demo` made up, and 'real': never add up
-- both.
CREATE OR REPLACE VIEW grafana_domain AS
SELECT domain, CASE WHEN demo THEN 'demo' ELSE 'real' END AS data, source, added_at
FROM domain
WHERE NOT starts_with(domain, '.');
