"""The scripts of docs/examples, run as docs/pipelines.md says."""

import os
import re
import subprocess

import pytest

import looks
import reports
from conftest import SOURCE
from reports import days_ago, detail, sts, window

EXAMPLES = SOURCE / "docs/examples"


@pytest.fixture
def script(shared):
    """Runs one of them, with a `tlsrptd` in its PATH that finds the test's data."""
    folder = shared.base / "bin"
    folder.mkdir(exist_ok=True)
    words = shared.command()
    (folder / "tlsrptd").write_text(
        f"#!/bin/sh\nexec {words[0]} \"$@\" {' '.join(words[1:])}\n")
    (folder / "tlsrptd").chmod(0o755)

    def run(name, *words):
        return subprocess.run(
            [str(EXAMPLES / name), *map(str, words)], capture_output=True, text=True,
            cwd="/", env={**shared.environment, "PATH": f"{folder}:/usr/bin:/bin"})
    return run


@pytest.fixture
def ready(shared, domain):
    files = [reports.report(sts(domain, 50), day=day, reporter=reporter)
             for day in window(15) for reporter in ("google.com", "microsoft.com")]
    shared.cli("import", "--vouch", *reports.write_json(shared.base / "files", files))
    looks.insert(shared, domain, looks.look(domain))
    return domain


def break_it(daemon, domain):
    bad = reports.report(sts(domain, 5, 1, [detail("certificate-expired", 1)]),
                         day=days_ago(3))
    daemon.cli("import", "--vouch", *reports.write_json(daemon.base / "files", [bad]))


def test_a_job_goes_on_only_where_it_may(shared, ready, script):
    done = script("ci-gate.sh", ready)
    assert (done.returncode, done.stderr) == (0, "") and "ready" in done.stdout
    break_it(shared, ready)
    done = script("ci-gate.sh", ready)
    assert done.returncode == 1 and "certificate-expired" in done.stdout
    done = script("ci-gate.sh", "elsewhere.example")
    assert done.returncode == 2 and "ended with 66" in done.stderr
    assert script("ci-gate.sh", ready, "--no-such-word").returncode == 2


def test_a_zone_gets_its_record_only_where_it_may(shared, ready, script):
    folder = shared.base / "deploy"
    folder.mkdir()
    done = script("dns-gate.sh", ready, folder)
    assert (done.returncode, done.stderr) == (0, "")
    policy = (folder / "mta-sts.txt").read_bytes()
    assert policy == (b"version: STSv1\r\nmode: enforce\r\nmx: mx1.%s\r\nmax_age: 86400\r\n"
                      % ready.encode())
    record = (folder / "mta-sts.zone").read_text()
    assert re.fullmatch(rf'_mta-sts\.{re.escape(ready)}\. 300 IN TXT '
                        r'"v=STSv1; id=[0-9A-Za-z]+;"\n', record)
    assert "20260101T000000" not in record, "a fresh id"

    break_it(shared, ready)
    done = script("dns-gate.sh", ready, folder)
    assert done.returncode == 1 and done.stderr.strip()
    assert script("dns-gate.sh", "elsewhere.example", folder).returncode == 2
    assert (folder / "mta-sts.txt").read_bytes() == policy, "left as it was"
    assert sorted(os.listdir(folder)) == ["mta-sts.txt", "mta-sts.zone"]
