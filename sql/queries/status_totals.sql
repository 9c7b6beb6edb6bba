-- The totals of /v1/status: cumulative counters, and what is held now. Without the demo,
-- whose reports nobody received (kDemoNode, store/model/demo.h).
SELECT coalesce((SELECT sum(value) FROM node_counter
                 WHERE name = 'reports_stored' AND node <> 'tlsrptd demo'), 0)::bigint
           AS reports_stored,
       coalesce((SELECT sum(value) FROM node_counter
                 WHERE name = 'reports_duplicate' AND node <> 'tlsrptd demo'), 0)::bigint
           AS reports_duplicate,
       coalesce((SELECT sum(quarantined_count) FROM receipt
                 WHERE quarantined_count > 0), 0)::bigint AS reports_quarantined
