"""Durable SMTP beside smtp-sink: the same client, the same mails, rounds interleaved.

For tlsrptd two figures: acknowledged per second (the client's clock stops at the last
250) and drained per second (until the last report is in PostgreSQL). smtp-sink throws
mail away, so it is the bound that SMTP itself sets.

  smtp_bench.py BUILD_FOLDER [ROUNDS] [MESSAGES] [--sign]

--sign: a signed and an unsigned round in turn, the key served by nsd on the loopback;
what verifying costs is the difference.
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


def cpu_us(pid):
    """CPU time of a process, and of all below it that are still there: the daemon's own
    and its PostgreSQL's. Unlike rates it says the same on a busy machine."""
    parents, times = {}, {}
    for folder in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            parents[int(folder.name)] = int(
                (folder / "stat").read_text().rsplit(")", 1)[1].split()[1])
            times[int(folder.name)] = sum(
                int(task.read_text().split()[0]) / 1000
                for task in folder.glob("task/*/schedstat"))
        except OSError:
            continue

    def is_below(child):
        while child in parents and child != pid:
            child = parents[child]
        return child == pid

    below = sum(times[child] for child in times if child != pid and is_below(child))
    return times[pid], below


def load(client, port, messages, seed, key=None):
    out = subprocess.run(
        [client, str(port), str(CONNECTIONS), str(messages), "tlsrpt@firm.example",
         str(seed)] + ([str(key)] if key else []), check=True, capture_output=True, text=True, timeout=600).stdout
    return float(out.split()[2]), float(out.split()[1])


def free_port():
    import socket
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def serve_key(folder):
    """A key to sign with, and a DNS server that has its public half."""
    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "system"))
    import zones
    nsd = zones.Nsd(folder)
    nsd.write_zone("google.com", {"bench._domainkey": zones.key_record()})
    path = folder / "key.pem"
    path.write_bytes(zones.private_key())
    return path, nsd.start()


def main():
    words = [word for word in sys.argv[1:] if word != "--sign"]
    build = pathlib.Path(words[0]).resolve()
    rounds = int(words[1]) if len(words) > 1 else 5
    messages = int(words[2]) if len(words) > 2 else 20000
    folder = pathlib.Path(tempfile.mkdtemp(prefix="tlsrptd-bench-"))
    folder.chmod(0o755)
    ports = folder / "ports.json"
    tlsrptd = str(build / "tlsrptd")
    data = ["--data-dir", str(folder / "data")]
    key, nsd = serve_key(folder) if "--sign" in sys.argv else (None, None)
    resolver = ["--resolver", nsd.address] if nsd else []
    server = subprocess.Popen(
        [tlsrptd, "serve", *data, "--smtp", "127.0.0.1:0", "--https", "",
         "--api", "127.0.0.1:0",
         "--domain", "firm.example", "--write-ports", str(ports), *resolver],
        stdout=subprocess.DEVNULL, stderr=open(folder / "log", "wb"),
        env=dict(os.environ, TLSRPTD_DNS_TRUST_ANCHOR=""))
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

    def measure(seed, signed_with):
        """Acknowledged and drained per second, and microseconds of CPU a message:
        tlsrptd's own and its PostgreSQL's."""
        before = cpu_us(server.pid)
        rate, took = load(str(build / "smtp_load"), port, messages, seed, signed_with)
        start = time.monotonic()
        while spool_depth() > 0:
            time.sleep(0.02)
        drained = messages / (took + time.monotonic() - start)
        own, postgres = ((now - then) / messages
                         for now, then in zip(cpu_us(server.pid), before))
        return rate, drained, own, postgres

    kinds = {"plain": None, **({"signed": key} if key else {})}
    sunk, figures = [], {kind: [] for kind in kinds}
    try:
        load(str(build / "smtp_load"), port, 2000, 1, key)  # caches warm, keys known
        while spool_depth() > 0:
            time.sleep(0.05)
        for number in range(rounds):
            rate, _ = load(str(build / "smtp_load"), sink_port, messages, 100 + number)
            sunk.append(rate)
            print(f"round {number + 1}: smtp-sink {rate:.0f}/s")
            for step, (kind, signed_with) in enumerate(kinds.items()):
                found = measure(200 + 1000 * step + number, signed_with)
                figures[kind].append(found)
                print("    %-7s acknowledged %.0f/s, drained %.0f/s; CPU a message: "
                      "tlsrptd %.0f us, PostgreSQL %.0f us" % (kind, *found), flush=True)
    finally:
        sink.terminate()
        server.terminate()
        sink.wait(20)
        server.wait(30)
        if nsd:
            nsd.end()
        shutil.rmtree(folder, ignore_errors=True)

    bound = statistics.median(sunk)
    print(f"smtp-sink     {bound:.0f}/s")
    for kind, rows in figures.items():
        acknowledged, drained, own, postgres = (
            statistics.median(column) for column in zip(*rows))
        print(f"{kind:13} acknowledged {acknowledged:.0f}/s, ratio "
              f"{acknowledged / bound:.2f}; drained {drained:.0f}/s, ratio "
              f"{drained / bound:.2f}; CPU a message: tlsrptd {own:.0f} us, "
              f"PostgreSQL {postgres:.0f} us")


if __name__ == "__main__":
    main()
