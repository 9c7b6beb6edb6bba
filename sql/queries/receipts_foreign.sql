-- Receipts that hold something about one of the names $1, after the receipt ($2, $3).
SELECT received_on, receipt_id
FROM receipt
WHERE foreign_domains && $1::text[] AND foreign_domains <> '{}'
  AND (received_on, receipt_id) > ($2::date, $3::uuid)
ORDER BY received_on, receipt_id
LIMIT $4::bigint
