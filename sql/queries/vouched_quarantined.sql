-- Receipts in quarantine that somebody vouches for and that name a domain of ours, or
-- may be about any.
SELECT count(*) AS receipts
FROM receipt
WHERE quarantined_domains && ARRAY[$1::text, '*']
  AND quarantined_count > 0 AND provenance <> 0
