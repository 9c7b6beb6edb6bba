"""A real DNS server on the loopback, with the zones a test needs, and keys to sign with.

nsd answers; ldns-signzone signs. A stopped process (SIGSTOP) is DNS that does not answer.
"""

import functools
import os
import pathlib
import signal
import socket
import subprocess
import time

import dkim

from conftest import STOP_SECONDS, end_processes_in, free_port, wait_until

NSD = "/usr/sbin/nsd"


@functools.lru_cache(maxsize=None)
def private_key(number=0, bits=2048):
    """PEM of an RSA key; the same one for the same number in this run."""
    return subprocess.run(["openssl", "genrsa", "-traditional", str(bits)], check=True,
                          capture_output=True).stdout


@functools.lru_cache(maxsize=None)
def public_text(key):
    """The text of p= for a private key."""
    pem = subprocess.run(["openssl", "rsa", "-pubout"], input=key, check=True,
                         capture_output=True).stdout.decode()
    return "".join(line for line in pem.splitlines() if not line.startswith("--"))


def key_record(key=None, tags=""):
    return f"v=DKIM1; k=rsa; {tags}p={public_text(key or private_key())}"


def sign(mail, domain, selector="sel", key=None, fields=(b"from", b"to", b"subject"),
         **options):
    """`mail` (bytes) with a signature of `domain` on top, made by python3-dkim."""
    field = dkim.sign(mail, selector.encode(), domain.encode(), key or private_key(),
                      canonicalize=(b"relaxed", b"relaxed"),
                      include_headers=list(fields), **options)
    return field + mail


def txt(text):
    """A TXT record's strings, of 255 bytes at most each."""
    return " ".join('"%s"' % text[at:at + 250].replace(";", "\\;")
                    for at in range(0, max(len(text), 1), 250))


class Nsd:
    """The server and its zones: {domain: {name: text}}."""

    def __init__(self, base):
        self.base = pathlib.Path(base) / "nsd"
        self.base.mkdir()
        self.zones = {}
        self.process = None
        self.port = free_port()
        self.serial = 1
        self.anchors = self.base / "anchors.key"
        self.anchors.write_text("")

    @property
    def address(self):
        return f"127.0.0.1:{self.port}"

    def write_zone(self, domain, records):
        """Without records: a zone that cannot be loaded, so SERVFAIL."""
        self.zones[domain] = records
        path = self.base / f"{domain}.zone"
        if records is None:
            path.unlink(missing_ok=True)
            return path
        self.serial += 1
        lines = [f"$ORIGIN {domain}.", "$TTL 60",
                 f"@ SOA ns hostmaster {self.serial} 3600 600 86400 1", "@ NS ns",
                 "ns A 127.0.0.1"]
        lines += [f"{name} TXT {txt(text)}" for name, text in records.items()]
        path.write_text("\n".join(lines) + "\n")
        return path

    def sign_zone(self, domain, break_it=False):
        """With a trust anchor of its own; broken: the records were changed afterwards."""
        path = self.base / f"{domain}.zone"
        made = subprocess.run(
            ["ldns-keygen", "-a", "ECDSAP256SHA256", "-k", "-r", "/dev/urandom", domain],
            check=True, capture_output=True, cwd=self.base).stdout.decode().strip()
        subprocess.run(["ldns-signzone", "-o", domain, str(path), made], check=True,
                       cwd=self.base, capture_output=True)
        signed = pathlib.Path(str(path) + ".signed").read_text()
        if break_it:
            signed = signed.replace("v=DKIM1\\;", "v=DKIM1\\; n=x\\;").replace(
                "v=DKIM1;", "v=DKIM1; n=x;")
        path.write_text(signed)
        with open(self.anchors, "a") as anchors:
            anchors.write((self.base / f"{made}.key").read_text() + "\n")

    def start(self):
        config = self.base / "nsd.conf"
        lines = ["server:", f"  ip-address: 127.0.0.1@{self.port}",
                 f'  zonesdir: "{self.base}"', '  username: ""', '  chroot: ""',
                 f'  pidfile: "{self.base}/nsd.pid"', f'  xfrdfile: "{self.base}/xfrd"',
                 f'  zonelistfile: "{self.base}/zone.list"', f'  xfrdir: "{self.base}"',
                 '  database: ""', f'  logfile: "{self.base}/nsd.log"', "  server-count: 1",
                 "remote-control:", "  control-enable: no"]
        for domain in self.zones:
            lines += ["zone:", f"  name: {domain}", f"  zonefile: {domain}.zone"]
        config.write_text("\n".join(lines) + "\n")
        # A group of its own, so that all of it can be stopped and ended.
        self.process = subprocess.Popen([NSD, "-d", "-c", str(config)],
                                        stdin=subprocess.DEVNULL,
                                        stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL, cwd=self.base,
                                        start_new_session=True)
        wait_until("nsd answers", self.answers)
        return self

    def answers(self):
        assert self.process.poll() is None, (self.base / "nsd.log").read_text()
        # id 1, a question about the root; whatever comes back is an answer.
        query = b"\0\1\0\0\0\1\0\0\0\0\0\0\0\0\2\0\1"
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
            client.settimeout(0.2)
            client.sendto(query, ("127.0.0.1", self.port))
            try:
                return bool(client.recv(4096))
            except OSError:
                time.sleep(0.02)
                return False

    def stop_answering(self):
        os.killpg(self.process.pid, signal.SIGSTOP)

    def go_on(self):
        os.killpg(self.process.pid, signal.SIGCONT)

    def restart(self):
        self.end()
        return self.start()

    def end(self):
        if self.process is None:
            return
        os.killpg(self.process.pid, signal.SIGCONT)
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(STOP_SECONDS)
        self.process = None
        end_processes_in(self.base)  # those below it hold the port, too


def flags_of(nsd):
    return ["--resolver", nsd.address]


def environment_of(nsd, environment, seconds=1):
    """Settings that have no flag."""
    return dict(environment, TLSRPTD_DNS_TRUST_ANCHOR=str(nsd.anchors),
                TLSRPTD_DNS_TIMEOUT=f"{seconds}s", TLSRPTD_DNS_RESOLVER=nsd.address)
