-- 0011: what nobody could verify holds a verdict back, as what nobody has looked into.
-- Oldest program: 1
--
-- A report that is signed as a counted reporter, and for whose key DNS gave no answer in
-- three days, was stored as one that nobody vouches for. A temporary failure is neither
-- pass nor fail: its refusals counted no longer, and nothing said so. It is held now,
-- for the reason `key`.
--
-- Locks: SHARE on receipt while the index is built, over the few rows it is about.
-- Down:  DROP INDEX receipt_unread, and as in 0010.

DROP INDEX receipt_unread;
CREATE INDEX receipt_unread ON receipt USING gin (quarantined_domains)
    WHERE quarantined_count > 0 AND provenance = 0 AND reason IN ('crash', 'key');
