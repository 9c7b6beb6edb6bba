"""The Dockerfile without Docker: its steps, one after the other, in Debians of their own;
then the program of the image, as the image's user, does its work.

Of what Docker does, this does COPY, RUN and the settings; no layers, no isolation. Root
only, among the long tests: it fetches packages and compiles the whole program.

  IMAGE_FOLDER   keeps the Debian and ccache's store there, for a second run
"""

import json
import os
import pathlib
import shutil
import signal
import smtplib
import subprocess

import pytest

import reports
from chroot import Chroot
from conftest import (ENVIRONMENT, SOURCE, START_SECONDS, STOP_SECONDS, Postgres, deliver,
                      make_base, wait_until)
from dockerfile import Dockerfile
from http_client import Api

DOCKERFILE = Dockerfile((SOURCE / "Dockerfile").read_text())
SUITES = {"debian:12.11-slim": "bookworm"}


def context():
    """The files that .dockerignore lets through: tracked ones below the names after its *."""
    lines = [line for line in (SOURCE / ".dockerignore").read_text().splitlines()
             if line and not line.startswith("#")]
    assert lines[0] == "*" and all(line.startswith("!") for line in lines[1:])
    names = [line[1:] for line in lines[1:]]
    for name in names:
        assert (SOURCE / name).exists(), name
    tracked = subprocess.run(["git", "-C", str(SOURCE), "ls-files", "-z", "--", *names],
                             check=True, capture_output=True).stdout.decode()
    return [name for name in tracked.split("\0") if name]


class Builder:
    """The stages of a Dockerfile, each a Debian in a folder."""

    def __init__(self, folder, kept):
        self.folder = folder
        self.kept = kept
        self.stages = {}

    def build(self):
        for number, steps in enumerate(DOCKERFILE.stages()):
            image, *alias = steps[0][1].split()
            name = alias[1] if alias else str(number)
            stage = self.base(SUITES[image]).copy_to(self.folder / name)
            self.stages[name] = stage
            self.run(stage, steps[1:])
        return stage

    def base(self, suite):
        made = self.kept / suite
        if not (self.kept / f"{suite}.made").exists():
            shutil.rmtree(made, ignore_errors=True)
            Chroot.make(suite, made)
            (self.kept / f"{suite}.made").touch()
        return Chroot(made)

    def run(self, stage, steps):
        workdir = "/"
        for name, rest in steps:
            print(name, rest[:100], flush=True)
            if name == "WORKDIR":
                workdir = rest
                (stage.root / rest.lstrip("/")).mkdir(parents=True, exist_ok=True)
            elif name == "COPY":
                self.copy(stage, workdir, rest.split())
            elif name == "RUN":
                self.with_ccache(stage, ["sh", "-c", rest], workdir)
            # USER comes after the last RUN; the rest are settings of the image.

    def with_ccache(self, stage, words, workdir):
        """As BuildKit's cache mount would: compiled once, however often it is run."""
        cache = stage.root / "root/.cache/ccache"
        cache.parent.mkdir(parents=True, exist_ok=True)
        store = self.kept / "ccache"
        store.mkdir(exist_ok=True)
        if store.stat().st_dev == cache.parent.stat().st_dev:
            store.rename(cache)
        try:
            stage.step(words, {"HOME": "/root", "DEBIAN_FRONTEND": "noninteractive"},
                       workdir)
        finally:
            if cache.exists():
                cache.rename(store)

    def copy(self, stage, workdir, words):
        if words[0].startswith("--from="):
            source, target = words[1:]
            origin = self.stages[words[0].removeprefix("--from=")].root
            to = stage.root / target.lstrip("/")
            to.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(origin / source.lstrip("/"), to)
            return
        source, target = words
        to = stage.root / workdir.lstrip("/")
        files = context()
        if source != ".":
            assert source in files and source == target, words
            files = [source]
        for name in files:
            (to / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(SOURCE / name, to / name)


pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="chroot is for root alone")


@pytest.fixture(scope="module")
def image():
    folder = make_base()
    kept = pathlib.Path(os.environ.get("IMAGE_FOLDER") or folder)
    kept.mkdir(exist_ok=True)
    try:
        yield Builder(folder, kept).build()
    finally:
        shutil.rmtree(folder)


USER = DOCKERFILE.last("USER")
PROGRAM = DOCKERFILE.words("ENTRYPOINT")


def inside(image, *words, **environment):
    made = dict(DOCKERFILE.environment, **environment)
    return subprocess.run(image.command(words, made, USER), timeout=START_SECONDS,
                          capture_output=True, text=True, env=ENVIRONMENT)


def test_image_holds_what_runs_and_no_more(image):
    assert inside(image, *PROGRAM, "--version").returncode == 0
    assert "Usage" in inside(image, *PROGRAM, *DOCKERFILE.words("CMD")).stdout
    assert "not found" not in inside(image, "ldd", "/usr/local/bin/tlsrptd").stdout
    for name in ("g++", "cmake", "postgres", "curl"):
        assert inside(image, "sh", "-c", f"command -v {name}").returncode != 0, name
    assert not (image.root / "src").exists() and not (image.root / "tmp/packages").exists()
    data = (image.root / "var/lib/tlsrptd").stat()
    assert (data.st_uid, data.st_gid, data.st_mode & 0o777) == (
        *map(int, USER.split(":")), 0o700)
    assert inside(image, "test", "-r", "/usr/share/dns/root.key").returncode == 0


class Container:
    """A role in the image, as docker-compose.yml would start it."""

    def __init__(self, image, role, *flags, **environment):
        self.image = image
        self.ports = image.root / f"var/lib/tlsrptd/{role}.json"
        made = dict(DOCKERFILE.environment, TLSRPTD_HEALTH_LISTEN="0.0.0.0:0",
                    TLSRPTD_WRITE_PORTS=f"/var/lib/tlsrptd/{role}.json", **environment)
        self.process = subprocess.Popen(
            image.command([*PROGRAM, role, "--node", role, *flags], made, USER),
            env=ENVIRONMENT)

    def port(self, what):
        wait_until("it listens", lambda: self.ports.exists() or not self.runs())
        return json.loads(self.ports.read_text())[what]

    def runs(self):
        return self.process.poll() is None

    def healthy(self):
        """By the image's own check."""
        check = json.loads(DOCKERFILE.last("HEALTHCHECK").split("CMD", 1)[1])
        at = f"0.0.0.0:{self.port('health')}"
        wait_until("it is healthy", lambda: inside(
            self.image, *check, TLSRPTD_HEALTH_LISTEN=at).returncode == 0)
        return self

    def stop(self):
        """As Docker does."""
        self.process.send_signal(getattr(signal, DOCKERFILE.last("STOPSIGNAL")))
        assert self.process.wait(STOP_SECONDS) == 0


def test_image_does_its_work(image):
    """The roles apart on one database; a report by SMTP; the demo, and the page over it."""
    postgres = Postgres(image.root / "tmp").start()
    dsn = "host=/tmp/own-postgres port=5432 user=postgres dbname=postgres"
    roles = []

    def tlsrptd(*words, check=0):
        done = inside(image, *PROGRAM, *words, TLSRPTD_DATABASE=dsn)
        assert done.returncode == check, (words, done.returncode, done.stdout, done.stderr)
        return done.stdout

    try:
        tlsrptd("migrate")
        tlsrptd("domain", "add", "firm.example")
        for role, *flags in (("ingest", "--smtp", "0.0.0.0:0", "--https", "0.0.0.0:0"),
                             ("api", "--api", "127.0.0.1:0"), ("worker",)):
            roles.append(Container(image, role, *flags, TLSRPTD_DATABASE=dsn))
        ingest, api, _ = [role.healthy() for role in roles]
        with smtplib.SMTP("127.0.0.1", ingest.port("smtp"), timeout=START_SECONDS) as client:
            wait_until("it takes the domain's mail", lambda: takes(client, "firm.example"))
            deliver(client, reports.mail(reports.report(reports.sts("firm.example"))))
        tlsrptd("demo")
        wait_until("it is stored", lambda: json.loads(
            tlsrptd("status", "--json"))["reports_stored"] == 1)
        assert tlsrptd("readiness", "ready.demo.example").startswith("DEMO")
        tlsrptd("readiness", "expired-certificate.demo.example", check=1)
        asked = Api(api.port("api"))
        assert b"<title>" in asked.ask("GET", "/").body
        assert asked.ask("GET", "/page/chart.js").status == 200
        listed = {one["domain"]: one["demo"] for one in asked.all_pages("/v1/domains")}
        assert listed.pop("firm.example") is False and all(listed.values())
        # The worker is another process: it evaluates what the others wrote.
        wait_until("a verdict", lambda: "ready.demo.example" in [
            one["domain"] for one in asked.all_pages("/v1/domains?state=ready")])
        assert "removed 5 domains" in tlsrptd("demo", "--remove")
        while roles:
            roles.pop().stop()
    finally:
        for role in roles:
            role.process.kill()
        postgres.stop()


def takes(client, domain):
    client.ehlo()
    client.mail("sender@google.com")
    code, _ = client.rcpt("tlsrpt@" + domain)
    client.rset()
    return code == 250
