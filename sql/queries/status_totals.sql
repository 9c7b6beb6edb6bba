-- The totals of /v1/status: cumulative counters, and what is held now.
SELECT coalesce((SELECT sum(value) FROM node_counter
                 WHERE name = 'reports_stored'), 0)::bigint    AS reports_stored,
       coalesce((SELECT sum(value) FROM node_counter
                 WHERE name = 'reports_duplicate'), 0)::bigint AS reports_duplicate,
       coalesce((SELECT sum(quarantined_count) FROM receipt
                 WHERE quarantined_count > 0), 0)::bigint      AS reports_quarantined
