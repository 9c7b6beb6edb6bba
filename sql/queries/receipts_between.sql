-- Receipts whose id begins as an administrator wrote it: all ids from $1 to $2, which
-- hold their time, so the days are known.
SELECT received_on, receipt_id
FROM receipt
WHERE received_on BETWEEN $3::date AND $4::date
  AND receipt_id BETWEEN $1::uuid AND $2::uuid
ORDER BY received_on, receipt_id
LIMIT 2
