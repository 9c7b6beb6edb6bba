-- Before a transaction writes reports, in a statement of its own: written_at is the time
-- of a later one, and writes_settled waits until this transaction has ended. The number
-- is "tlsw" in ASCII, and means nothing else in this database.
SELECT pg_advisory_xact_lock_shared(1953264503)
