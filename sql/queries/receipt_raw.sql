-- The bytes of one receipt, as received.
SELECT body FROM receipt_raw WHERE received_on = $1::date AND receipt_id = $2::uuid
