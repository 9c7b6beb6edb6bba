-- Every process that takes reports in, as it last said it was.
SELECT node, spool_id, heartbeat_at, started_at, version, spool_depth, spool_oldest_at,
       spool_waiting
FROM node
ORDER BY node, spool_id
