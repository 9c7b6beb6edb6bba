-- Which of these bytes an import has stored, reports no older than $2.
SELECT digest, receipt_id, received_on
FROM imported_body
WHERE digest = ANY ($1::uuid[]) AND oldest_day >= $2::date
