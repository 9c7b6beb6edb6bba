-- The raw bytes of a receipt, or no row once their retention has ended.
SELECT body FROM receipt_raw WHERE received_on = $1::date AND receipt_id = $2::uuid
