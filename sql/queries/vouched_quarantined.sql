-- Receipts in quarantine that name one of $1 - a domain, its MX hosts, and '*' for what may
-- be about any: those somebody vouches for, and those of which nobody knows, since the
-- process died of them or DNS gave no key.
SELECT (SELECT count(*) FROM receipt
        WHERE quarantined_domains && $1::text[]
          AND quarantined_count > 0 AND provenance <> 0)
     + (SELECT count(*) FROM receipt
        WHERE quarantined_domains && $1::text[]
          AND quarantined_count > 0 AND provenance = 0 AND reason IN ('crash', 'key')) AS receipts
