-- What evidence on a domain with the MX hosts $1 may be filed under besides: an MX host of
-- other domains, which a pattern among $1 stands for; and a pattern of other domains, which
-- stands for a host among $1: before that host was known, what was said of it came under
-- the pattern alone. `until`: that time, and ten minutes for who had not heard of it.
-- MxPatternFor() (store/model/own_domains.h) in SQL: '*' and what begins at the first dot.
SELECT DISTINCT mx_host AS name, NULL::timestamptz AS until
FROM mx_host
WHERE '*' || substr(mx_host, strpos(mx_host, '.')) = ANY ($1::text[])
  AND mx_host NOT LIKE '*%'
  AND mx_host <> ALL ($1::text[])
UNION ALL
SELECT pattern, max(known_at) + interval '10 minutes'
FROM (SELECT '*' || substr(mx_host, strpos(mx_host, '.')) AS pattern,
             min(added_at) AS known_at
      FROM mx_host
      WHERE mx_host = ANY ($1::text[]) AND mx_host NOT LIKE '*%'
      GROUP BY mx_host) AS host
WHERE EXISTS (SELECT FROM mx_host WHERE mx_host = pattern)
  AND pattern <> ALL ($1::text[])
GROUP BY pattern
