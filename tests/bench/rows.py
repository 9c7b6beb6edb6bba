"""A table full of reports, made by SQL: what the benches that read have to read.

10 reporters, 50 days: a report, with one policy result, of each reporter for each domain
and day; one in twenty has a failure. 500 policy results a domain.
"""

DAYS, REPORTERS = 50, 10
ROWS_A_DOMAIN = DAYS * REPORTERS

# One row of `one` is one report. Keys are digests, as real ones are: their order is none.
_REPORTS = """
SET search_path = tlsrptd; SET timezone = 'UTC'; SET synchronous_commit = off;
CREATE TEMP TABLE one ON COMMIT DROP AS
SELECT 'd' || d || '.example' AS policy_domain, current_date - day AS day,
       (ARRAY['google.com', 'microsoft.com', 'mail.ru', 'comcast.net'])[least(r, 4)]
         || CASE WHEN r > 4 THEN r::text ELSE '' END AS reporter,
       md5(d || '/' || day || '/' || r)::uuid AS report_key,
       md5('receipt' || (d / 10) || '/' || day || '/' || r)::uuid AS receipt_id,
       (d * 31 + day * 7 + r) % 20 = 0 AS failing
FROM generate_series({first}, {last}) AS d, generate_series(1, {days}) AS day,
     generate_series(1, {reporters}) AS r;
INSERT INTO domain SELECT now(), 'd' || d || '.example', 'command'
FROM generate_series({first}, {last}) AS d;
INSERT INTO report SELECT now(), day, day + interval '23:59:59', report_key, receipt_id,
       current_date, day, day, day, 0, 1, 1, true, policy_domain, reporter, reporter,
       'id-' || report_key, 'contact@' || reporter, '{{}}' FROM one;
INSERT INTO policy_result SELECT 100, CASE WHEN failing THEN 2 ELSE 0 END, 0, now(),
       report_key, md5(policy_domain)::uuid, day, day, day, 0, 1, 1, true, policy_domain,
       reporter, '' FROM one;
INSERT INTO report_failure SELECT report_key, day, true, policy_domain, reporter,
       ARRAY[(2, 0, 1, 3, '', NULL, NULL, 'mx1.' || policy_domain, '', '',
              '')::reported_failure] FROM one WHERE failing;
INSERT INTO policy_text SELECT 86400, md5('d' || d || '.example')::uuid, 1, 2,
       'd' || d || '.example', ARRAY['mx1.d' || d || '.example'],
       ARRAY['version: STSv1', 'mode: testing', 'mx: mx1.d' || d || '.example',
             'max_age: 86400'] FROM generate_series({first}, {last}) AS d;
INSERT INTO mx_host SELECT now(), 'd' || d || '.example', 'mx1.d' || d || '.example',
       'reported' FROM generate_series({first}, {last}) AS d;
INSERT INTO domain_day SELECT sum(100), sum(CASE WHEN failing THEN 2 ELSE 0 END), 0, 0, 0,
       0, count(*), 0, day, kind, policy_domain
FROM one, (VALUES (1), (9)) AS k(kind) GROUP BY policy_domain, day, kind;
"""

_RECEIPTS = """
SET search_path = tlsrptd; SET timezone = 'UTC';
INSERT INTO receipt SELECT now() - i * interval '1 second',
       (lpad(to_hex((extract(epoch FROM now())::bigint - i) * 1000), 12, '0')
        || '7000' || '8000' || lpad(to_hex(i), 12, '0'))::uuid,
       (now() - i * interval '1 second')::date, 1, 1, 0, 0, 1, 1, 3, 1, 'bench',
       '192.0.2.1:25', '', '{}', '', '', '{}', '{}'
FROM generate_series(1, 100000) AS i;
"""

# What one transaction adds: a million rows.
SLICE = 2000


def fill(connection, domains):
    """`domains` domains, d1.example and so on, and their reports."""
    for first in range(1, domains + 1, SLICE):
        with connection, connection.cursor() as cursor:
            cursor.execute(_REPORTS.format(first=first, last=min(first + SLICE - 1, domains),
                                           days=DAYS, reporters=REPORTERS))


def fill_receipts(connection):
    """100,000 receipts, one a second until now; no report is of them."""
    with connection, connection.cursor() as cursor:
        cursor.execute(_RECEIPTS)


def settle(connection):
    """As autovacuum would in its time: what is read is in the indexes alone."""
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
        cursor.execute("CHECKPOINT")
    connection.autocommit = False
