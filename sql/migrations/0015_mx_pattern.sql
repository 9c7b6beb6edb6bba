-- 0015: the MX hosts that a pattern stands for.
-- Oldest program: 13
--
-- A domain whose policy names its MX hosts by a pattern alone is also told about by what is
-- filed under a host that another domain names. Both the verdict and who asks for one look
-- for those hosts by the pattern.
--
-- Locks: SHARE on mx_host while the index is built; some rows a domain.
-- Down:  DROP INDEX mx_host_by_pattern.

CREATE INDEX mx_host_by_pattern
    ON mx_host (('*' || substr(mx_host, strpos(mx_host, '.'))));
