-- Those of the receipts $1 whose quarantined part was dropped, which still stands.
SELECT DISTINCT receipt_id FROM quarantine_drop
WHERE receipt_id = ANY ($1::uuid[]) AND withdrawn_at IS NULL
