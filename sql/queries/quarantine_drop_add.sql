-- Who let go of what, and why.
INSERT INTO quarantine_drop (dropped_at, receipt_id, received_on, dropped_count,
                             provenance, dropped_by, why, reporter, reason,
                             quarantined_domains)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
