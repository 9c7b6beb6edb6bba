-- grafana_name: under which names the results of a domain are filed: its own, and those
-- of its MX hosts, where Postfix and others put `tlsa` results.
--
-- An MX host may serve many domains. What is said about it is said of all of them: show
-- it beside a domain's own, never add it up over domains. What happens at a real host is
-- not said of a domain of the demo.
CREATE OR REPLACE VIEW grafana_name AS
SELECT domain, domain AS policy_domain, false AS is_mx_host
FROM grafana_domain
UNION
SELECT grafana_domain.domain, mx_host.mx_host, true
FROM grafana_domain
JOIN mx_host ON mx_host.policy_domain
    IN (CASE data WHEN 'real' THEN '' ELSE grafana_domain.domain END, grafana_domain.domain)
WHERE mx_host.mx_host <> grafana_domain.domain;
