-- This node lives, and this is what waits in its spool.
INSERT INTO node (node, heartbeat_at, started_at, version, spool_depth, spool_waiting,
                  spool_oldest_at)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (node) DO UPDATE SET
    heartbeat_at    = EXCLUDED.heartbeat_at,
    started_at      = EXCLUDED.started_at,
    version         = EXCLUDED.version,
    spool_depth     = EXCLUDED.spool_depth,
    spool_waiting   = EXCLUDED.spool_waiting,
    spool_oldest_at = EXCLUDED.spool_oldest_at
