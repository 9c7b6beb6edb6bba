-- One domain of ours, or none.
SELECT domain, source, added_at FROM domain WHERE domain = $1
