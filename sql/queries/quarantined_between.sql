-- How many receipts from $1 to before $2 are in quarantine.
SELECT count(*) AS receipts FROM receipt
WHERE received_on >= $1::date AND received_on < $2::date AND quarantined_count > 0
