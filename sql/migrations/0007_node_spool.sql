-- 0007: a node is known by its spool, not by its name alone.
-- Oldest program: 7
--
-- Two processes that were given one name shared one row, and the heartbeat of the one that
-- lived hid what the dead one had accepted and not stored: intake_settled could pass on
-- half of the evidence. What must not be forgotten is the spool, so it has the row.
--
-- Locks: ACCESS EXCLUSIVE on node, a table of a few rows, for a moment.
-- Down:  none.

ALTER TABLE node
    -- Zero: of a program that did not say it. The spool's own next heartbeat takes it over.
    ADD COLUMN spool_id uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000',
    DROP CONSTRAINT node_pk,
    ADD CONSTRAINT node_pk PRIMARY KEY (node, spool_id);
