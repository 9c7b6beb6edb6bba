-- 0012: when a row was written, beside when its report was received.
-- Oldest program: 1
--
-- A waiver accepted what had been received when it was made. What was in quarantine then,
-- or held for a domain or an MX host that was not ours, and was stored later had been
-- received before as well: it was accepted unseen, and its domain was `ready`.
--
-- Locks: ACCESS EXCLUSIVE on report for moments: a column without a default, and a default
--        for new rows only, rewrite nothing.
-- Down:  ALTER TABLE report DROP COLUMN written_at.

-- NULL: before this was kept. Apart from the default, so that the rows that are there stay
-- so. A default, so that a program that does not know the column writes it as well; by the
-- clock that the time of a waiver is held against. Not now(), which is that of BEGIN: a
-- writer may have waited for its turn since. Nor clock_timestamp(), with which COPY writes
-- row by row.
ALTER TABLE report ADD COLUMN written_at timestamptz;
ALTER TABLE report ALTER COLUMN written_at SET DEFAULT statement_timestamp();
