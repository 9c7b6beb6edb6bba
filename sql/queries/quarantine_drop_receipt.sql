-- Nothing of it is held any more; that something was stands in quarantine_drop.
UPDATE receipt SET
    report_count = report_count - quarantined_count,
    quarantined_count = 0,
    quarantined_domains = '{}'
WHERE received_on = $1::date AND receipt_id = $2::uuid
