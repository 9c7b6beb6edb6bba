"""What one domain's verdict costs while the tables grow: readiness over the API with a
million policy results, and with ten million.

500 policy results a domain of rows.py, so 2,000 domains and then 20,000; each request asks
about one at random, over one connection. The answer must not depend on what the others
have: the ratio of medians is the figure.

  cold   PostgreSQL was just started and the kernel's cache emptied (root only); every
         domain asked is one that nobody asked about
  warm   the same requests again

Beside it what PostgreSQL says of the largest query: pages read, and whether it was
answered by the index alone.

  evidence_bench.py PROGRAM [REQUESTS]
"""

import http.client
import os
import pathlib
import random
import re
import shutil
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "system"))
os.environ["TLSRPTD"] = str(pathlib.Path(sys.argv[1]).resolve())

import rows  # noqa: E402
from conftest import Daemon, Postgres, make_base  # noqa: E402

REQUESTS = int(sys.argv[2]) if len(sys.argv) > 2 else 100
SIZES = (2000, 20000)
QUERY = pathlib.Path(__file__).resolve().parents[2] / "sql/queries/evidence_results.sql"


def forget():
    """Nothing of the tables is in memory."""
    if os.geteuid() != 0:
        return False
    os.sync()
    pathlib.Path("/proc/sys/vm/drop_caches").write_text("3")
    return True


def ask(connection, domain):
    began = time.perf_counter()
    connection.request("GET", f"/v1/domains/{domain}/readiness")
    response = connection.getresponse()
    body = response.read()
    assert response.status == 200, (domain, response.status, body[:300])
    return 1000 * (time.perf_counter() - began)


def round_of(daemon, domains):
    connection = http.client.HTTPConnection("127.0.0.1", daemon.ports["api"], timeout=120)
    connection.connect()
    times = sorted(ask(connection, domain) for domain in domains)
    connection.close()
    return times[len(times) // 2], times[len(times) * 99 // 100]


def plan_of(daemon, domain):
    """What EXPLAIN says of the evidence's rows."""
    query = re.sub(r"\$1", "'{%s,mx1.%s}'" % (domain, domain), QUERY.read_text())
    query = query.replace("$2", "(current_date - 62)").replace("$3", "current_date")
    query = query.replace("$4", "NULL").replace("$5", "10001")
    lines = [line for (line,) in daemon.rows(
        "EXPLAIN (ANALYZE, BUFFERS, COSTS OFF, TIMING OFF) " + query)]
    ran = [line for line in lines  # an empty partition is scanned as it comes
           if "Scan" in line and "actual rows=" in line and "rows=0 " not in line]
    assert ran and all("Index Only Scan" in line for line in ran), lines
    fetches = sum(int(line.split()[-1]) for line in lines if "Heap Fetches" in line)
    pages = re.search(r"Buffers: shared ([^\n]*)", "\n".join(lines)).group(1)
    return f"{len(ran)} index-only scans, {fetches} heap fetches, pages: {pages}"


def measure(base, domain_count):
    folder = base / str(domain_count)
    folder.mkdir(mode=0o755)
    postgres = Postgres(folder).start()
    daemon = Daemon(folder, database=postgres.dsn)
    daemon.role = "api"
    daemon.domains = ()
    try:
        daemon.cli("migrate")
        began = time.monotonic()
        connection = daemon.connect()
        rows.fill(connection, domain_count)
        rows.settle(connection)
        connection.close()
        print(f"{domain_count * rows.ROWS_A_DOMAIN:,} policy results, filled in "
              f"{time.monotonic() - began:.0f} s", flush=True)
        rng = random.Random(7)
        asked = [f"d{rng.randint(1, domain_count)}.example" for _ in range(REQUESTS)]
        postgres.stop()
        emptied = forget()
        postgres.start()
        daemon.start()
        cold = round_of(daemon, asked)
        warm = round_of(daemon, asked)
        print("  " + plan_of(daemon, asked[0]))
        assert daemon.stop() == 0
    finally:
        daemon.clean_up()  # and whatever else runs in the folder: PostgreSQL
        shutil.rmtree(folder, ignore_errors=True)
    return cold, warm, emptied


def main():
    base = make_base()
    try:
        found = [measure(base, size) for size in SIZES]
    finally:
        shutil.rmtree(base, ignore_errors=True)
    print("| policy results | cold p50 ms | cold p99 | warm p50 | warm p99 |")
    print("|---|---|---|---|---|")
    for size, (cold, warm, _) in zip(SIZES, found):
        print(f"| {size * rows.ROWS_A_DOMAIN:,} | "
              + " | ".join(f"{time:.1f}" for time in (*cold, *warm)) + " |")
    small, large = found
    print(f"ratio of medians: cold {large[0][0] / small[0][0]:.2f}"
          + ("" if large[2] else " (the kernel's cache was not emptied: not root)")
          + f", warm {large[1][0] / small[1][0]:.2f}")


main()
