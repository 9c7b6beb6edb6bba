-- Whether, when and why a receipt was dropped from quarantine, the last time first.
SELECT dropped_at, withdrawn_at, dropped_count, dropped_by, why
FROM quarantine_drop
WHERE receipt_id = $1::uuid
ORDER BY dropped_at DESC
