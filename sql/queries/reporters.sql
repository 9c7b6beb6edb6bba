-- Counted reporters that an administrator added, or completed.
SELECT reporter, name, signing_domains, from_addresses FROM reporter ORDER BY reporter
