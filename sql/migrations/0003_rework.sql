-- 0003: looking at a receipt again.
-- Oldest program: 1
--
-- `reprocess` and `quarantine retry` take away what a receipt owns and insert it again.
-- For that a receipt has to say who vouched for it, and which of its reports were known
-- already: when the row that made them duplicates goes, one of them is the only copy left
-- and takes its place.
--
-- Locks: ACCESS EXCLUSIVE on receipt for moments: columns with a constant default rewrite
--        nothing. The three indexes are built under a lock that lets no receipt in; each
--        is partial and reads receipt once: about a minute for 10 million receipts, while
--        intake goes on into the spool.
-- Down:  drop what is added here.

-- The organisational domain that vouches for what is in it, as was found at receipt; ''
-- for nobody. A retry years later must not ask DNS again.
ALTER TABLE receipt ADD COLUMN reporter text COLLATE "C" NOT NULL DEFAULT '';
-- report_key of each of its reports that was there already, from another receipt.
ALTER TABLE receipt ADD COLUMN duplicate_keys uuid[] NOT NULL DEFAULT '{}';

-- Who else has sent the report of a row that goes? Only duplicates are in it.
CREATE INDEX receipt_duplicate_keys ON receipt USING gin (duplicate_keys)
    WHERE duplicate_keys <> '{}';
-- A domain was added: what is held for it? Only receipts that name others' domains.
CREATE INDEX receipt_foreign_domains ON receipt USING gin (foreign_domains)
    WHERE foreign_domains <> '{}';
-- `quarantine list --ordinary`. 4 is kOrdinary (store/model/vocabulary.h).
CREATE INDEX receipt_ordinary ON receipt (received_on, receipt_id) WHERE outcome = 4;

-- What was in quarantine and is no longer held: dropped by an administrator, or past the
-- retention of its bytes. The receipt stays, and with it this: who, when, why. Few rows,
-- kept for good.
CREATE TABLE quarantine_drop (
    dropped_at          timestamptz NOT NULL,
    withdrawn_at        timestamptz,           -- looked at again after all; NULL: stands
    receipt_id          uuid        NOT NULL,
    received_on         date        NOT NULL,
    dropped_count       integer     NOT NULL,  -- reports that were held
    provenance          smallint    NOT NULL,  -- of the receipt
    dropped_by          text COLLATE "C" NOT NULL,
    why                 text COLLATE "C" NOT NULL,
    reporter            text COLLATE "C" NOT NULL,
    reason              text COLLATE "C" NOT NULL,
    quarantined_domains text[] COLLATE "C" NOT NULL,  -- whose `ready` it held back

    CONSTRAINT quarantine_drop_pk    PRIMARY KEY (receipt_id, dropped_at),
    CONSTRAINT quarantine_drop_by    CHECK (dropped_by <> ''),
    CONSTRAINT quarantine_drop_why   CHECK (why <> ''),
    CONSTRAINT quarantine_drop_count CHECK (dropped_count >= 1)
);
