"""How long the API takes with a million policy results: p50 and p99 a route.

2,000 domains of rows.py, and 100,000 receipts. Filled by SQL, since what is measured is
reading. Requests go one after another over one connection, each about a domain at
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

import rows  # noqa: E402
from conftest import Daemon, make_base  # noqa: E402
from reports import days_ago  # noqa: E402

REQUESTS = int(sys.argv[2]) if len(sys.argv) > 2 else 300
DOMAINS = 2000


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
        rows.fill(connection, DOMAINS)
        rows.fill_receipts(connection)
        rows.settle(connection)
        connection.close()
        print(f"{DOMAINS * rows.ROWS_A_DOMAIN:,} policy results, filled in "
              f"{time.monotonic() - began:.0f} s; {REQUESTS} requests a route")
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
