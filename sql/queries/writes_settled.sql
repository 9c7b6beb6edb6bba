-- A time by the database's clock: every report that says it was written until then can be
-- seen now. Waits for those who are writing (write_begin); who comes later waits for us.
SELECT clock_timestamp() AS settled_at, pg_advisory_xact_lock(1953264503)
