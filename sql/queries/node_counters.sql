-- What one node has counted since the database began.
SELECT name, value FROM node_counter WHERE node = $1 ORDER BY name
