-- It is to be looked at again after all.
UPDATE quarantine_drop SET withdrawn_at = $2
WHERE receipt_id = $1::uuid AND withdrawn_at IS NULL
