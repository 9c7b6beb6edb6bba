-- The same receipts hold nothing any more.
UPDATE receipt SET
    report_count = report_count - quarantined_count,
    quarantined_count = 0,
    quarantined_domains = '{}'
WHERE received_on >= $1::date AND received_on < $2::date AND quarantined_count > 0
