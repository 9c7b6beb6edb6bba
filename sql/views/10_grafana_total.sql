-- grafana_total: one row, the totals of /v1/status. The first two are cumulative and
-- survive retention; the third is what is held now. The demo is in none (kDemoNode,
-- store/model/demo.h).
CREATE OR REPLACE VIEW grafana_total AS
SELECT coalesce((SELECT sum(value) FROM node_counter
                 WHERE name = 'reports_stored' AND node <> 'tlsrptd demo'), 0)::bigint
           AS reports_stored,
       coalesce((SELECT sum(value) FROM node_counter
                 WHERE name = 'reports_duplicate' AND node <> 'tlsrptd demo'), 0)::bigint
           AS reports_duplicate,
       coalesce((SELECT sum(quarantined_count) FROM receipt
                 WHERE quarantined_count > 0), 0)::bigint AS reports_quarantined;
