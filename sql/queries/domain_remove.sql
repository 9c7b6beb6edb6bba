-- No longer ours. What is stored about it stays until its retention ends.
DELETE FROM domain WHERE domain = $1
