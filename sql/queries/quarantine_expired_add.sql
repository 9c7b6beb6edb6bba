-- What is in quarantine and came from $2 to before $3 is let go of, as its bytes go.
INSERT INTO quarantine_drop (dropped_at, receipt_id, received_on, dropped_count,
                             provenance, dropped_by, why, reporter, reason,
                             quarantined_domains)
SELECT $1::timestamptz, receipt_id, received_on, quarantined_count, provenance,
       'tlsrptd worker', 'the retention of its bytes ended', reporter, reason,
       quarantined_domains
FROM receipt
WHERE received_on >= $2::date AND received_on < $3::date AND quarantined_count > 0
FOR UPDATE  -- a retry may be at one of them
