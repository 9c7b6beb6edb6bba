"""`scripts/run`: what somebody types first. The script as it stands and the real program,
on a clone that is built: what would compile is told apart, and called.
"""

import json
import os
import shutil
import subprocess

import pytest

from conftest import (ENVIRONMENT, SOURCE, START_SECONDS, STOP_SECONDS, TLSRPTD,
                      end_processes_in, make_base, wait_until)
from http_client import Api
from test_demo import NAMES

RECORDS = """#!/bin/sh
echo "$(basename "$0") $*" >> "$CALLS"
"""


@pytest.fixture
def clone():
    """The files of a clone that scripts/run uses, with the program in its place."""
    base = make_base()
    for name in ("scripts/run", "scripts/install-packages"):
        (base / name).parent.mkdir(exist_ok=True)
        shutil.copy(SOURCE / name, base / name)
    (base / "build/release").mkdir(parents=True)
    (base / "build/release/build.ninja").touch()
    (base / "build/release/tlsrptd").symlink_to(TLSRPTD)
    # What compiles, and what would change the machine.
    (base / "bin").mkdir()
    for name in ("cmake", "useradd"):
        (base / "bin" / name).write_text(RECORDS)
        (base / "bin" / name).chmod(0o755)
    try:
        yield base
    finally:
        end_processes_in(base)
        shutil.rmtree(base)


def test_demo(clone):
    environment = dict(ENVIRONMENT, CALLS=str(clone / "calls"),
                       PATH=f"{clone}/bin:{os.environ['PATH']}")
    ports = clone / "ports.json"
    flags = ["--smtp", "127.0.0.1:0", "--https=127.0.0.1:0", "--api", "127.0.0.1:0",
             "--domain", "firm.example", "--write-ports", str(ports)]
    with open(clone / "log", "wb") as log:
        process = subprocess.Popen(
            [clone / "scripts/run", "--data-dir", str(clone / "data"), "--demo", *flags],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment, cwd="/")
    printed = lambda: (clone / "log").read_text(errors="replace")  # noqa: E731
    try:
        wait_until("it listens", lambda: ports.exists() or process.poll() is not None,
                   START_SECONDS)
        assert process.poll() is None, printed()
        assert "cmake --build --preset release" in (clone / "calls").read_text()
        # The demo is there before the server is, and both are on one data directory.
        api = Api(json.loads(ports.read_text())["api"])
        domains = {one["domain"]: one["demo"] for one in api.all_pages("/v1/domains")}
        assert domains == {"firm.example": False, **{name: True for name in NAMES}}
        assert api.json("/v1/domains/ready.demo.example/readiness")["verdict"] == "ready"
        # What it says can be typed.
        program = clone / "build/release/tlsrptd"
        assert f"tlsrptd is {program}, and takes --data-dir {clone / 'data'}\n" in printed()
        words = [str(program), "demo", "--remove", "--data-dir", str(clone / "data")]
        done = subprocess.run(words, env=environment, capture_output=True, text=True,
                              timeout=START_SECONDS)
        assert "removed 5 domains" in done.stdout, done.stderr
        assert [one["domain"] for one in api.all_pages("/v1/domains")] == ["firm.example"]
        # The script became the server: what stops it stops that.
        process.terminate()
        assert process.wait(STOP_SECONDS) == 0, printed()
    finally:
        if process.poll() is None:
            process.kill()


def test_a_flag_that_is_none_is_said_before_it_is_served(clone):
    environment = dict(ENVIRONMENT, CALLS=str(clone / "calls"),
                       PATH=f"{clone}/bin:{os.environ['PATH']}")
    done = subprocess.run([clone / "scripts/run", "--data-dir", str(clone / "data"),
                           "--nonsense"], env=environment, capture_output=True, text=True,
                          timeout=START_SECONDS, cwd="/")
    assert done.returncode == 64 and "--nonsense" in done.stderr, done
    assert not (clone / "data").exists()
