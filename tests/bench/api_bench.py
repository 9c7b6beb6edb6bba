"""How long the API takes with a million policy results: p50 and p99 a route.

2,000 domains, 10 reporters, 50 days: a report, with one policy result, of each reporter
for each domain and day; one in twenty has a failure. Filled by SQL, since what is measured
is reading. Requests go one after another over one connection, each about a domain at
random.

  cold   the daemon and its PostgreSQL were just started (shared buffers are empty; the
         kernel's cache is not, and each of the worker's statements is not prepared yet)
  warm   the same requests again

  api_bench.py PROGRAM [REQUESTS]
"""

import http.client
import os
import pathlib
import random
import shutil
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "system"))
os.environ["TLSRPTD"] = str(pathlib.Path(sys.argv[1]).resolve())

from conftest import Daemon, make_base  # noqa: E402
from reports import days_ago  # noqa: E402

REQUESTS = int(sys.argv[2]) if len(sys.argv) > 2 else 300
DOMAINS, DAYS, REPORTERS = 2000, 50, 10

# One row of `one` is one report. Keys are digests, as real ones are: their order is none.
FILL = f"""
SET search_path = tlsrptd; SET timezone = 'UTC'; SET synchronous_commit = off;
CREATE TEMP TABLE one AS
SELECT 'd' || d || '.example' AS policy_domain, current_date - day AS day,
       (ARRAY['google.com', 'microsoft.com', 'mail.ru', 'comcast.net'])[least(r, 4)]
         || CASE WHEN r > 4 THEN r::text ELSE '' END AS reporter,
       md5(d || '/' || day || '/' || r)::uuid AS report_key,
       md5('receipt' || (d / 10) || '/' || day || '/' || r)::uuid AS receipt_id,
       (d * 31 + day * 7 + r) % 20 = 0 AS failing
FROM generate_series(1, {DOMAINS}) AS d, generate_series(1, {DAYS}) AS day,
     generate_series(1, {REPORTERS}) AS r;
INSERT INTO domain SELECT now(), 'd' || d || '.example', 'command'
FROM generate_series(1, {DOMAINS}) AS d;
INSERT INTO report SELECT now(), day, day + interval '23:59:59', report_key, receipt_id,
       current_date, day, day, day, 0, 1, 1, true, policy_domain, reporter, reporter,
       'id-' || report_key, 'contact@' || reporter, '{{}}' FROM one;
INSERT INTO policy_result SELECT 100, CASE WHEN failing THEN 2 ELSE 0 END, 0, now(),
       report_key, md5(policy_domain)::uuid, day, day, day, 0, 1, 1, true, policy_domain,
       reporter, '' FROM one;
INSERT INTO failure_detail SELECT 2, report_key, day, 0, 0, 3, 1, true, policy_domain,
       reporter, '', NULL, NULL, 'mx1.' || policy_domain, '', '', '' FROM one WHERE failing;
INSERT INTO policy_text SELECT 86400, md5('d' || d || '.example')::uuid, 1, 2,
       'd' || d || '.example', ARRAY['mx1.d' || d || '.example'],
       ARRAY['version: STSv1', 'mode: testing', 'mx: mx1.d' || d || '.example',
             'max_age: 86400'] FROM generate_series(1, {DOMAINS}) AS d;
INSERT INTO mx_host SELECT now(), 'd' || d || '.example', 'mx1.d' || d || '.example',
       'reported' FROM generate_series(1, {DOMAINS}) AS d;
INSERT INTO domain_day SELECT sum(100), sum(CASE WHEN failing THEN 2 ELSE 0 END), 0, 0, 0,
       0, count(*), 0, day, kind, policy_domain
FROM one, (VALUES (1), (9)) AS k(kind) GROUP BY policy_domain, day, kind;
INSERT INTO receipt SELECT now() - i * interval '1 second',
       (lpad(to_hex((extract(epoch FROM now())::bigint - i) * 1000), 12, '0')
        || '7000' || '8000' || lpad(to_hex(i), 12, '0'))::uuid,
       (now() - i * interval '1 second')::date, 1, 1, 0, 0, 1, 1, 3, 1, 'bench',
       '192.0.2.1:25', '', '{{}}', '', '', '{{}}', '{{}}'
FROM generate_series(1, 100000) AS i;
"""


def ask(connection, target):
    began = time.perf_counter()
    connection.request("GET", target)
    response = connection.getresponse()
    body = response.read()
    took = time.perf_counter() - began
    assert response.status == 200, (target, response.status, body[:300])
    return took, len(body)


def routes(domain, report):
    days = f"from={days_ago(30)}&to={days_ago(0)}"
    return {
        "/v1/status": "/v1/status",
        "/v1/domains, 50": f"/v1/domains?limit=50",
        "/v1/domains, 50 with verdicts": "/v1/domains?limit=50&verdicts=true",
        "/v1/domains/{domain}": f"/v1/domains/{domain}",
        "summary, 31 days": f"/v1/domains/{domain}/summary?{days}",
        "failures, 31 days": f"/v1/domains/{domain}/failures?{days}",
        "readiness": f"/v1/domains/{domain}/readiness",
        "reports, a page of 50": f"/v1/domains/{domain}/reports?{days}",
        "/v1/reports/{report}": f"/v1/reports/{report}",
        "receipts, a page of 50": "/v1/receipts",
        "quarantine": "/v1/quarantine",
    }


def measure(daemon, seed):
    """Route -> times in ms, sorted, and the size of the last answer."""
    rng = random.Random(seed)
    with_report = daemon.rows("SELECT policy_domain, day, reporter, report_key FROM report"
                              " WHERE policy_domain = 'd7.example' LIMIT 500")
    found = {}
    for name in routes("x", "x"):
        connection = http.client.HTTPConnection("127.0.0.1", daemon.ports["api"],
                                                timeout=120)
        times = []
        for _ in range(REQUESTS):
            domain = f"d{rng.randint(1, DOMAINS)}.example"
            report = "~".join(map(str, rng.choice(with_report)))
            took, size = ask(connection, routes(domain, report)[name])
            times.append(took * 1000)
        connection.close()
        found[name] = (sorted(times), size)
    return found


def main():
    base = make_base()
    daemon = Daemon(base)
    try:
        daemon.start("--log-level", "warning")
        connection = daemon.connect()
        began = time.monotonic()
        with connection, connection.cursor() as cursor:
            cursor.execute(FILL)
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
            cursor.execute("SELECT count(*) FROM tlsrptd.policy_result")
            (rows,) = cursor.fetchone()
        connection.close()
        print(f"{rows:,} policy results, filled in {time.monotonic() - began:.0f} s; "
              f"{REQUESTS} requests a route")
        assert daemon.stop() == 0
        daemon.start("--log-level", "warning")
        cold = measure(daemon, 1)
        warm = measure(daemon, 1)
        assert daemon.stop() == 0
        print("| route | cold p50 ms | cold p99 | warm p50 | warm p99 | bytes |")
        print("|---|---|---|---|---|---|")
        for name in cold:
            cells = []
            for times, _ in (cold[name], warm[name]):
                cells += [times[len(times) // 2], times[len(times) * 99 // 100]]
            print(f"| {name} | " + " | ".join(f"{cell:.1f}" for cell in cells)
                  + f" | {warm[name][1]:,} |")
    finally:
        daemon.clean_up()
        shutil.rmtree(base, ignore_errors=True)


main()
