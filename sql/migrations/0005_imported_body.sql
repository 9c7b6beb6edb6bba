-- 0005: files that an import has stored are known by their bytes.
-- Oldest program: 1
--
-- An archive is imported again: to be sure, or because new mails were added to it. What
-- an earlier import stored completely is then neither parsed nor kept again.
--
-- Locks: ACCESS EXCLUSIVE on receipt for a moment: a column that may be NULL rewrites
--        nothing.
-- Down:  none.

-- The receipt that keeps the very bytes of this one; NULL: they are kept under this one.
ALTER TABLE receipt ADD COLUMN same_bytes_as uuid;

-- About 100 bytes a file, its index entry included. A row whose receipt is gone, or was
-- read again and is different now, says nothing (sql/queries/receipts_all_stored.sql);
-- the next import of the file overwrites it.
CREATE TABLE imported_body (
    digest      uuid NOT NULL,  -- of the bytes, and of the domain that the file's name has
    receipt_id  uuid NOT NULL,
    received_on date NOT NULL,  -- receipt.received_on, to find it
    oldest_day  date NOT NULL,  -- the first `day` of its reports

    CONSTRAINT imported_body_pk PRIMARY KEY (digest)
);
