-- Who else has sent a report that is $1: the first of them comes first.
SELECT received_on, receipt_id, duplicate_keys::text[] AS duplicate_keys
FROM receipt
WHERE duplicate_keys && $1::uuid[] AND duplicate_keys <> '{}'
ORDER BY received_at, receipt_id
