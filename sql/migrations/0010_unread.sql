-- 0010: what nobody has looked into holds a verdict back.
-- Oldest program: 1
--
-- A receipt with which the process died three times is kept unread, and nobody knows who
-- vouches for it. Readiness asked for vouched ones only, so a genuine report of failures
-- that tripped a bug of ours left its domain `ready`.
--
-- Locks: SHARE on receipt while the index is built, over the few rows it is about.
-- Down:  DROP INDEX receipt_unread.

CREATE INDEX receipt_unread ON receipt USING gin (quarantined_domains)
    WHERE quarantined_count > 0 AND provenance = 0 AND reason = 'crash';
