"""Durable SMTP beside smtp-sink: the same client, the same mails, rounds interleaved.

For tlsrptd two figures: acknowledged per second (the client's clock stops at the last
250) and drained per second (until the last report is in PostgreSQL). smtp-sink throws
mail away, so it is the bound that SMTP itself sets.

  smtp_bench.py BUILD_FOLDER [ROUNDS] [MESSAGES]
"""

import json
import os
import pathlib
import pwd
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

CONNECTIONS = 8
SMTP_SINK = shutil.which("smtp-sink") or "/usr/sbin/smtp-sink"


def cpu_seconds(pid):
    """User and system time of a process and of its children that are still there."""
    ticks = os.sysconf("SC_CLK_TCK")
    total = 0
    for path in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        own = path.parent.name
        if int(own) == pid or int(fields[1]) == pid:
            total += int(fields[11]) + int(fields[12])
    return total / ticks


def load(client, port, messages, seed):
    out = subprocess.run(
        [client, str(port), str(CONNECTIONS), str(messages), "tlsrpt@firm.example",
         str(seed)], check=True, capture_output=True, text=True, timeout=600).stdout
    return float(out.split()[2]), float(out.split()[1])


def free_port():
    import socket
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def main():
    build = pathlib.Path(sys.argv[1]).resolve()
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 5
    messages = int(sys.argv[3]) if len(sys.argv) > 3 else 20000
    folder = pathlib.Path(tempfile.mkdtemp(prefix="tlsrptd-bench-"))
    folder.chmod(0o755)
    ports = folder / "ports.json"
    tlsrptd = str(build / "tlsrptd")
    data = ["--data-dir", str(folder / "data")]
    server = subprocess.Popen(
        [tlsrptd, "serve", *data, "--smtp", "127.0.0.1:0", "--https", "",
         "--domain", "firm.example", "--write-ports", str(ports)],
        stdout=subprocess.DEVNULL, stderr=open(folder / "log", "wb"))
    while not ports.exists():
        if server.poll() is not None:
            sys.exit((folder / "log").read_text())
        time.sleep(0.05)
    port = json.loads(ports.read_text())["smtp"]
    sink_port = free_port()
    user = ["-u", "nobody"] if os.geteuid() == 0 else []  # it refuses to be root
    sink = subprocess.Popen([SMTP_SINK, *user, f"127.0.0.1:{sink_port}", "1000"])
    time.sleep(0.5)

    def spool_depth():
        out = subprocess.run([tlsrptd, "status", "--json", *data], check=True,
                             capture_output=True, text=True).stdout
        return json.loads(out)["spool_depth"]

    acknowledged, drained, sunk, cpu = [], [], [], []
    try:
        load(str(build / "smtp_load"), port, 2000, 1)  # partitions touched, caches warm
        while spool_depth() > 0:
            time.sleep(0.05)
        for number in range(rounds):
            rate, _ = load(str(build / "smtp_load"), sink_port, messages, 100 + number)
            sunk.append(rate)
            before = cpu_seconds(server.pid)
            rate, took = load(str(build / "smtp_load"), port, messages, 200 + number)
            acknowledged.append(rate)
            start = time.monotonic()
            while spool_depth() > 0:
                time.sleep(0.02)
            drained.append(messages / (took + time.monotonic() - start))
            cpu.append((cpu_seconds(server.pid) - before) / messages * 1e6)
            print(f"round {number + 1}: smtp-sink {sunk[-1]:.0f}/s, acknowledged "
                  f"{acknowledged[-1]:.0f}/s, drained {drained[-1]:.0f}/s, "
                  f"tlsrptd's own CPU {cpu[-1]:.0f} us a message", flush=True)
    finally:
        sink.terminate()
        server.terminate()
        sink.wait(20)
        server.wait(30)
        shutil.rmtree(folder, ignore_errors=True)

    bound = statistics.median(sunk)
    print(f"smtp-sink     {bound:.0f}/s")
    print(f"acknowledged  {statistics.median(acknowledged):.0f}/s, ratio "
          f"{statistics.median(acknowledged) / bound:.2f}")
    print(f"drained       {statistics.median(drained):.0f}/s, ratio "
          f"{statistics.median(drained) / bound:.2f}")


if __name__ == "__main__":
    main()
