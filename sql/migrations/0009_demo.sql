-- 0009: domains of `tlsrptd demo`.
-- Oldest program: 1
--
-- A demo shows what the verdicts look like, so its reports bear the names of real
-- reporters. What keeps it apart: its domains are marked here and lie below demo.example,
-- which nobody can own (RFC 2606, 3). Intake takes nothing for a marked domain, and a
-- mark on any other name is refused here, whoever writes it.
--
-- Locks: ACCESS EXCLUSIVE on domain, for moments: 100,000 rows are read once.
-- Down:  drop the column, after `tlsrptd demo --remove`.

ALTER TABLE domain
    ADD COLUMN demo boolean NOT NULL DEFAULT false,
    ADD CONSTRAINT domain_demo CHECK (NOT demo OR domain LIKE '%.demo.example');
