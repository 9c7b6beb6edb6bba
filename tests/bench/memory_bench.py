"""Resident memory of tlsrptd: idle, under load, and after many reports; it must be flat.

  memory_bench.py BUILD_FOLDER [REPORTS]      1,000,000 unless said

RssAnon of the process alone (the heap and the stacks; PostgreSQL is a process of its own
whose memory its settings bound), in MB, looked at after each tenth of the reports, when the
spool is empty, and at its highest meanwhile.
"""

import pathlib
import re
import sys
import threading

from smtp_servers import Client, Tlsrptd


def resident_mb(pid):
    text = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"RssAnon:\s+(\d+) kB", text).group(1)) / 1024


class Highest:
    """The most while it runs."""

    def __init__(self, pid):
        self.pid, self.mb, self.stop = pid, 0.0, threading.Event()
        self.thread = threading.Thread(target=self.watch)

    def watch(self):
        while not self.stop.wait(0.1):
            self.mb = max(self.mb, resident_mb(self.pid))

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stop.set()
        self.thread.join()


def main():
    build = pathlib.Path(sys.argv[1]).resolve()
    reports = int(sys.argv[2]) if len(sys.argv) > 2 else 1_000_000
    client = Client(build)
    server = Tlsrptd(build, "--log-level", "warning")
    try:
        idle = resident_mb(server.pid)
        print(f"idle, just started: {idle:.1f} MB", flush=True)
        after = []
        for step in range(10):
            with Highest(server.pid) as highest:
                client.load(server.port, reports // 10, 7000 + step)
                server.drain()
            after.append(resident_mb(server.pid))
            print(f"after {(step + 1) * reports // 10:,} reports: {after[-1]:.1f} MB, "
                  f"highest meanwhile {highest.mb:.1f} MB", flush=True)
        stored = server.status()["reports_stored"]
        print(f"{stored:,} stored; the last tenth ends at "
              f"{after[-1] / after[0]:.2f} times the first")
    finally:
        server.end()


if __name__ == "__main__":
    main()
