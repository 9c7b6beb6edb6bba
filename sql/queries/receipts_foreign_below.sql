-- The same for every name that ends in $1, ".example.net". "@> '{}'" is true of any
-- array, and lets the index say which receipts hold anything foreign at all.
SELECT received_on, receipt_id
FROM receipt
WHERE foreign_domains @> '{}' AND foreign_domains <> '{}'
  AND EXISTS (SELECT FROM unnest(foreign_domains) AS name
              WHERE right(name, length($1)) = $1)
  AND (received_on, receipt_id) > ($2::date, $3::uuid)
ORDER BY received_on, receipt_id
LIMIT $4::bigint
