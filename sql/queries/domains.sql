-- What is ours: configured names and wildcards, and names that a wildcard brought.
SELECT domain, source, added_at, demo FROM domain ORDER BY domain
