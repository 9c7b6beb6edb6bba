-- Receipts of the day $1 after $2 that a parser below version $3 read; with $4, those
-- that may be about that domain.
SELECT received_on, receipt_id
FROM receipt
WHERE received_on = $1::date AND receipt_id > $2::uuid AND parser_version < $3::integer
  AND node <> 'tlsrptd demo'  -- `tlsrptd demo` writes it anew (store/model/demo.h)
  AND same_bytes_as IS NULL  -- another has its bytes, and is the one to look at
  AND ($4::text = ''
       OR $4 = ANY (foreign_domains) OR $4 = ANY (quarantined_domains)
       OR receipt_id IN (SELECT report.receipt_id FROM report
                         WHERE policy_domain = $4 AND receipt_on = $1::date)
       OR (duplicate_keys <> '{}'
           AND duplicate_keys && ARRAY (SELECT report_key FROM report
                                        WHERE policy_domain = $4)))
ORDER BY receipt_id
LIMIT $5::bigint
