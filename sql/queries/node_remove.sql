-- A node that is gone for good, unless it has been heard of since ($3).
DELETE FROM node
WHERE node = $1 AND spool_id = $2 AND heartbeat_at = $3
