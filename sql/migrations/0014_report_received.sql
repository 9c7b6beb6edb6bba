-- 0014: no index of reports by the time they were received.
-- Oldest program: 13
--
-- Nothing asks for it: "what came in lately" is asked of receipts. It cost PostgreSQL 1.3 us
-- a mail, of 13 for the row in all.
--
-- Locks: ACCESS EXCLUSIVE on report for the time of a DROP.
-- Down:  CREATE INDEX report_received ON report USING brin (received_at);

DROP INDEX report_received;
