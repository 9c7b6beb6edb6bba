"""The administrator's certificate is renewed while the daemon runs, as certbot does it."""

import shutil
import signal
import smtplib
import socket
import ssl
import subprocess

import pytest

import posts
from conftest import AS_ROOT, wait_until

NAME = "mx.firm.example"
RENEWED, KEPT, UNWATCHED = (f" certificate_{how} " for how in ("renewed", "kept",
                                                              "unwatched"))


class Certbot:
    """Pairs in `archive`, and links to one of them in `live`."""

    def __init__(self, base):
        self.archive, self.live = base / "archive", base / "live"
        self.archive.mkdir()
        self.live.mkdir()
        self.certificate, self.key = self.live / "fullchain.pem", self.live / "privkey.pem"
        self.count = 0

    def make(self):
        """A pair that nothing leads to yet: its number."""
        self.count += 1
        key, pem = self.of(self.count)
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
             "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", f"/CN={NAME}",
             "-keyout", str(key), "-out", str(pem)], check=True, capture_output=True)
        for path in (key, pem):
            path.chmod(0o644)
        return self.count

    def of(self, number):
        return self.archive / f"privkey{number}.pem", self.archive / f"fullchain{number}.pem"

    def lead(self, link, path):
        """Whoever looks sees the one or the other."""
        (self.live / "new").symlink_to(path)
        (self.live / "new").rename(link)

    def renew(self, number):
        key, pem = self.of(number)
        self.lead(self.key, key)
        self.lead(self.certificate, pem)
        return self

    def shown(self, number):
        """What a client sees of that pair."""
        return ssl.PEM_cert_to_DER_cert(self.of(number)[1].read_text())


@pytest.fixture
def certbot(daemon):
    made = Certbot(daemon.base)
    made.renew(made.make())
    daemon.flags += ["--lmtp", "127.0.0.1:0", "--tls-certificate", str(made.certificate),
                     "--tls-key", str(made.key)]
    return made


def by_mail(make, port):
    with make("127.0.0.1", port, local_hostname="client.example", timeout=60) as client:
        client.starttls(context=posts.any_certificate())
        return client.sock.getpeercert(binary_form=True)


def seen(daemon):
    """The certificates of all ports."""
    with socket.create_connection(("127.0.0.1", daemon.ports["https"])) as plain:
        with posts.any_certificate().wrap_socket(plain) as tls:
            of_https = tls.getpeercert(binary_form=True)
    return {of_https, by_mail(smtplib.SMTP, daemon.port),
            by_mail(smtplib.LMTP, daemon.ports["lmtp"])}


def told(daemon, event, times=1):
    """Waits until the log has it; its last line."""
    def lines():
        return [line for line in daemon.log_path.read_text().splitlines() if event in line]
    wait_until(f"the log says{event}", lambda: len(lines()) >= times)
    assert len(lines()) == times, "once each"
    return lines()[-1]


def test_a_renewed_one_is_shown_at_every_port(daemon, certbot):
    daemon.start()
    assert seen(daemon) == {certbot.shown(1)}
    with daemon.smtp() as before:
        before.starttls(context=posts.any_certificate())
        certbot.renew(certbot.make())
        told(daemon, RENEWED)
        assert seen(daemon) == {certbot.shown(2)}
        assert before.noop()[0] == 250, "who has spoken TLS before goes on"
    assert KEPT not in daemon.log_path.read_text()
    assert UNWATCHED not in daemon.log_path.read_text()


def test_half_of_one_changes_nothing(daemon, certbot):
    daemon.start()
    key, pem = certbot.of(certbot.make())
    certbot.lead(certbot.certificate, pem)  # and its key is still to come
    assert f"key {certbot.key}: " in told(daemon, KEPT)
    assert seen(daemon) == {certbot.shown(1)}
    certbot.lead(certbot.key, key)
    told(daemon, RENEWED)
    assert seen(daemon) == {certbot.shown(2)}

    pem.write_text(pem.read_text()[:200])
    assert f"certificate {certbot.certificate}: " in told(daemon, KEPT, 2)
    pem.unlink()
    assert "the file must exist" in told(daemon, KEPT, 3)
    assert len(seen(daemon)) == 1 and seen(daemon) != {certbot.shown(1)}


def test_sighup_reads_it_at_once(daemon, certbot):
    daemon.start()
    for times in (1, 2):
        daemon.process.send_signal(signal.SIGHUP)
        told(daemon, RENEWED, times)
    assert seen(daemon) == {certbot.shown(1)}


def test_sighup_without_one_is_nothing(serving):
    before = serving.smtp()
    serving.process.send_signal(signal.SIGHUP)
    assert before.noop()[0] == 250
    assert serving.stop() == 0


@pytest.mark.skipif(not AS_ROOT, reason="what only root can do")
def test_a_key_for_root_alone(daemon, certbot):
    """As certbot leaves it: read at the start, and not when it is renewed."""
    certbot.live.chmod(0o700)
    daemon.start()
    line = told(daemon, UNWATCHED)
    assert str(certbot.certificate) in line and "Permission denied" in line
    certbot.renew(certbot.make())
    daemon.process.send_signal(signal.SIGHUP)
    assert "readable by the user" in told(daemon, KEPT)
    assert seen(daemon) == {certbot.shown(1)}

    # As docs/certificate.md says. From then on it is looked at.
    shutil.chown(certbot.live, group=daemon.data_dir.stat().st_gid)
    certbot.live.chmod(0o750)
    daemon.process.send_signal(signal.SIGHUP)
    told(daemon, RENEWED)
    certbot.renew(certbot.make())
    told(daemon, RENEWED, 2)
    assert seen(daemon) == {certbot.shown(3)}
