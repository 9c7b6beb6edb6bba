-- The totals of /v1/status: cumulative counters, and what is held now (sql/views).
SELECT reports_stored, reports_duplicate, reports_quarantined FROM grafana_total
