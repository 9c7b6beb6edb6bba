-- Which of these receipts of one day still have their bytes, and on that provenance ($4)
-- stored every report in them, as this version of the parser ($3) reads them, or hold
-- every one.
SELECT r.receipt_id, r.report_count, r.reporter, r.quarantined_count > 0 AS is_held
FROM receipt r JOIN receipt_raw w USING (received_on, receipt_id)
WHERE r.received_on = $1::date
  AND r.receipt_id = ANY ($2::uuid[]) AND w.receipt_id = ANY ($2::uuid[])
  AND r.provenance = $4 AND r.report_count > 0
  AND ((r.parser_version = $3 AND r.stored_count = r.report_count
        AND r.quarantined_count = 0 AND r.foreign_domains = '{}')
       OR (r.stored_count = 0 AND r.duplicate_count = 0
           AND r.quarantined_count = r.report_count))
