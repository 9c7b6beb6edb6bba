-- This node lives, and this is what waits in its spool. A row without a spool is what a
-- program before migration 0007 said of it.
WITH taken_over AS (
    DELETE FROM node
    WHERE node = $1 AND spool_id = '00000000-0000-0000-0000-000000000000'
)
INSERT INTO node (node, spool_id, heartbeat_at, started_at, version, spool_depth,
                  spool_waiting, spool_oldest_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (node, spool_id) DO UPDATE SET
    heartbeat_at    = EXCLUDED.heartbeat_at,
    started_at      = EXCLUDED.started_at,
    version         = EXCLUDED.version,
    spool_depth     = EXCLUDED.spool_depth,
    spool_waiting   = EXCLUDED.spool_waiting,
    spool_oldest_at = EXCLUDED.spool_oldest_at
