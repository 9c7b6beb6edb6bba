"""What the SMTP benches share: tlsrptd, smtp-sink, the client, and a look at CPU time."""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "system"))
import zones  # noqa: E402
from conftest import free_port  # noqa: E402

CONNECTIONS = 8
SMTP_SINK = shutil.which("smtp-sink") or "/usr/sbin/smtp-sink"


def threads_us(pid):
    """CPU time of each thread of a process, by its name."""
    found = {}
    for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
        try:
            name = (task / "comm").read_text().strip()
            spent = int((task / "schedstat").read_text().split()[0]) / 1000
        except OSError:
            continue  # it has ended
        found[name] = found.get(name, 0) + spent
    return found


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


class Client:
    """smtp_load: acknowledged per second, and the seconds it took."""

    def __init__(self, build):
        self.program = str(build / "smtp_load")

    def load(self, port, messages, seed, key=None, manner="reused"):
        out = subprocess.run(
            [self.program, str(port), str(CONNECTIONS), str(messages),
             "tlsrpt@firm.example", str(seed), str(key or "-"), manner],
            check=True, capture_output=True, text=True, timeout=1200).stdout
        return float(out.split()[2]), float(out.split()[1])


class Tlsrptd:
    """`serve` on an empty data directory, and its PostgreSQL."""

    def __init__(self, build, *flags):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="tlsrptd-bench-"))
        self.folder.chmod(0o755)
        self.program = str(build / "tlsrptd")
        self.data = ["--data-dir", str(self.folder / "data")]
        ports = self.folder / "ports.json"
        self.process = subprocess.Popen(
            [self.program, "serve", *self.data, "--smtp", "127.0.0.1:0", "--https", "",
             "--api", "127.0.0.1:0", "--domain", "firm.example", "--write-ports",
             str(ports), *flags],
            stdout=subprocess.DEVNULL, stderr=open(self.folder / "log", "wb"),
            env=dict(os.environ, TLSRPTD_DNS_TRUST_ANCHOR=""))
        self.pid = self.process.pid
        while not ports.exists():
            if self.process.poll() is not None:
                sys.exit((self.folder / "log").read_text())
            time.sleep(0.05)
        listening = json.loads(ports.read_text())
        self.port = listening["smtp"]
        self.metrics = f"http://127.0.0.1:{listening['api']}/metrics"

    def status(self):
        out = subprocess.run([self.program, "status", "--json", *self.data], check=True,
                             capture_output=True, text=True).stdout
        return json.loads(out)

    def spool_entries(self):
        """Asked of the daemon itself: a `status` would be a process and a connection to
        the database each time, which the drain would have to share the processors with."""
        with urllib.request.urlopen(self.metrics, timeout=10) as answer:
            text = answer.read().decode()
        return float(re.search(r"^tlsrptd_spool_entries (.+)$", text, re.MULTILINE)[1])

    def drain(self):
        while self.spool_entries() > 0:
            time.sleep(0.02)

    def end(self):
        self.process.terminate()
        self.process.wait(60)
        shutil.rmtree(self.folder, ignore_errors=True)


class SmtpSink:
    """Postfix's: it throws mail away."""

    def __init__(self):
        self.port = free_port()
        user = ["-u", "nobody"] if os.geteuid() == 0 else []  # it refuses to be root
        self.process = subprocess.Popen(
            [SMTP_SINK, *user, f"127.0.0.1:{self.port}", "1000"])
        self.pid = self.process.pid
        time.sleep(0.5)

    def end(self):
        self.process.terminate()
        self.process.wait(20)


def serve_key(folder):
    """A key to sign with, and a DNS server that has its public half."""
    nsd = zones.Nsd(folder)
    nsd.write_zone("google.com", {"bench._domainkey": zones.key_record()})
    path = folder / "key.pem"
    path.write_bytes(zones.private_key())
    return path, nsd.start()
