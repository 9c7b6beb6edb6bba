-- Which of these receipts of one day still have their bytes, and stored every report in
-- them, as this version of the parser ($3) reads them, on that provenance.
SELECT r.receipt_id, r.report_count, r.reporter
FROM receipt r JOIN receipt_raw w USING (received_on, receipt_id)
WHERE r.received_on = $1::date
  AND r.receipt_id = ANY ($2::uuid[]) AND w.receipt_id = ANY ($2::uuid[])
  AND r.parser_version = $3 AND r.provenance = $4
  AND r.report_count > 0 AND r.stored_count = r.report_count
  AND r.quarantined_count = 0 AND r.foreign_domains = '{}'
