"""How long lists over 100,000 domains take, and what evaluating one costs.

The statuses are filled by SQL: one in ten is ready, one in a hundred has work waiting. The
lists are asked for over HTTP, one connection, one request after another. Then so many
domains as EVALUATED get a fortnight's reports of ten reporters, and `worker --once` makes
the status of each; CPU time of the worker and of PostgreSQL together, since both work in
turns.

  fleet_bench.py PROGRAM [REQUESTS]
"""

import http.client
import os
import pathlib
import shutil
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "system"))
os.environ["TLSRPTD"] = str(pathlib.Path(sys.argv[1]).resolve())

from conftest import Daemon, make_base  # noqa: E402
from smtp_bench import cpu_us  # noqa: E402

REQUESTS = int(sys.argv[2]) if len(sys.argv) > 2 else 300
DOMAINS, EVALUATED = 100_000, 2_000

FILL = f"""
SET search_path = tlsrptd; SET timezone = 'UTC'; SET synchronous_commit = off;
INSERT INTO domain SELECT now(), 'd' || n || '.example', 'command'
FROM generate_series(1, {DOMAINS}) AS n;
INSERT INTO domain_status
SELECT now(), now() + interval '20 hours', now(), gen_random_uuid(), current_date - 2, NULL,
       'd' || n || '.example', CASE WHEN n % 10 = 0 THEN 'ready' WHEN n % 10 = 1
       THEN 'enforcing' ELSE 'not_ready' END, CASE WHEN n % 10 = 1 THEN 'ok' ELSE '' END,
       CASE WHEN n % 10 = 0 THEN 'normal' ELSE '' END, 'reports', '2026-11',
       'A sentence of about the usual length, which says how the domain stands now.', '{{}}',
       '' FROM generate_series(1, {DOMAINS}) AS n;
INSERT INTO work SELECT now() + interval '1 day', NULL, 1, 0, 'd' || n * 100 || '.example',
       'evaluate', NULL FROM generate_series(1, {DOMAINS} / 100) AS n;
"""

REPORTS = f"""
SET search_path = tlsrptd; SET timezone = 'UTC'; SET synchronous_commit = off;
DELETE FROM work;
INSERT INTO policy_text SELECT 86400, md5('d' || d || '.example')::uuid, 1, 2,
       'd' || d || '.example', ARRAY['mx1.d' || d || '.example'],
       ARRAY['version: STSv1', 'mode: testing', 'mx: mx1.d' || d || '.example',
             'max_age: 86400'] FROM generate_series(1, {EVALUATED}) AS d;
INSERT INTO policy_result SELECT 100, 0, 0, now(), md5(d || '/' || day || '/' || r)::uuid,
       md5('d' || d || '.example')::uuid, current_date - day, current_date - day,
       current_date - day, 0, 1, 1, true, 'd' || d || '.example',
       (ARRAY['google.com', 'microsoft.com', 'mail.ru', 'comcast.net'])[least(r, 4)]
         || CASE WHEN r > 4 THEN r::text ELSE '' END, ''
FROM generate_series(1, {EVALUATED}) AS d, generate_series(1, 16) AS day,
     generate_series(1, 10) AS r;
INSERT INTO work SELECT now(), NULL, 1, 0, 'd' || n || '.example', 'evaluate', NULL
FROM generate_series(1, {EVALUATED}) AS n;
"""

TARGETS = {
    "?state=ready, first page of 50": "/v1/domains?state=ready",
    "?state=ready, a page in the middle": "/v1/domains?state=ready&cursor={middle}",
    "?state=ready, 500": "/v1/domains?state=ready&limit=500",
    "?state=unknown": "/v1/domains?state=unknown",
    "?verdicts=true": "/v1/domains?verdicts=true",
    "one domain": "/v1/domains/d4711.example",
    "/v1/fleet": "/v1/fleet",
}


def execute(daemon, sql):
    connection = daemon.connect()
    with connection, connection.cursor() as cursor:
        cursor.execute(sql)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    connection.close()


def ask(connection, target):
    began = time.perf_counter()
    connection.request("GET", target)
    response = connection.getresponse()
    body = response.read()
    took = (time.perf_counter() - began) * 1000
    assert response.status == 200, (target, response.status, body[:300])
    return took, len(body)


def lists(daemon):
    import base64
    middle = base64.urlsafe_b64encode(b'["domains","d5"]').decode().rstrip("=")
    print("| list | p50 ms | p99 ms | bytes |")
    print("|---|---|---|---|")
    for name, target in TARGETS.items():
        target = target.format(middle=middle)
        connection = http.client.HTTPConnection("127.0.0.1", daemon.ports["api"],
                                                timeout=120)
        times = []
        for _ in range(REQUESTS):
            took, size = ask(connection, target)
            times.append(took)
        connection.close()
        times.sort()
        print(f"| {name} | {times[len(times) // 2]:.1f} | {times[len(times) * 99 // 100]:.1f}"
              f" | {size:,} |")


def evaluations(daemon):
    """The daemon does them, with its rests; counted until none is left."""
    execute(daemon, REPORTS)
    began = time.monotonic()
    own, below = cpu_us(daemon.process.pid)
    while daemon.value("SELECT count(*) FROM work WHERE kind = 'evaluate'"):
        time.sleep(0.5)
    own_then, below_then = cpu_us(daemon.process.pid)
    took = time.monotonic() - began
    print(f"{EVALUATED} evaluations: {(own_then - own) / EVALUATED:.0f} us of tlsrptd and "
          f"{(below_then - below) / EVALUATED:.0f} us of PostgreSQL each; with rests "
          f"{EVALUATED / took:.0f} a second, 100,000 in {100_000 * took / EVALUATED / 60:.0f} "
          "minutes")


def main():
    base = make_base()
    daemon = Daemon(base, domains=())
    daemon.environment = dict(daemon.environment, TLSRPTD_FLEET_REPORTS_ONLY="true")
    try:
        daemon.start("--log-level", "warning")
        execute(daemon, FILL)
        print(f"{DOMAINS:,} domains, {REQUESTS} requests a list; load average "
              f"{os.getloadavg()[0]:.1f}")
        lists(daemon)
        evaluations(daemon)
        assert daemon.stop() == 0
    finally:
        daemon.clean_up()
        shutil.rmtree(base, ignore_errors=True)


main()
