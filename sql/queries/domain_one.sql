-- One domain of ours, or none.
SELECT domain, source, added_at, demo FROM domain WHERE domain = $1
