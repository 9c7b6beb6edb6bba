-- Every process that takes reports in, as it last said it was.
SELECT node, heartbeat_at, spool_depth, spool_waiting, spool_oldest_at
FROM node
ORDER BY node
