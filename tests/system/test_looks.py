"""Looks at the live domain in the database, and what they do to the verdict."""

import datetime

import pytest

import looks
import reports
from conftest import table
from http_client import Api
from reports import days_ago, detail, sts, window

READY, NOT_READY, INSUFFICIENT = range(3)
HOUR = datetime.timedelta(hours=1)


def criterion(verdict, wanted):
    (found,) = [one for one in verdict["criteria"] if one["id"] == wanted]
    return found


@pytest.fixture
def clean(shared, domain):
    """A domain whose reports are clean."""
    files = [reports.report(sts(domain, 50), day=day, reporter=reporter)
             for day in window(15) for reporter in ("google.com", "microsoft.com")]
    shared.cli("import", "--vouch", *reports.write_json(shared.base / "files", files))
    return domain


def test_a_clean_domain_that_was_looked_at_is_ready(shared, clean):
    status, verdict = shared.readiness(clean)
    assert (status, criterion(verdict, "mx_hosts_ready")["status"]) == (
        INSUFFICIENT, "unknown")
    looks.insert(shared, clean, looks.look(clean))
    status, verdict = shared.readiness(clean)
    assert (status, verdict["verdict"], verdict["basis"]) == (READY, "ready", "live"), (
        verdict["sentence"])
    assert verdict["plan"]["policy_file"].startswith("version: STSv1\r\nmode: enforce")
    (seen,) = criterion(verdict, "mx_hosts_ready")["evidence"]
    assert seen.startswith(clean + "/observation/")


@table("why, members, bad, want", [
    ("no STARTTLS", {"addresses": lambda d: [{
        "mx": f"mx1.{d}", "address": "192.0.2.1", "outcome": "starttls_missing"}]},
     "mx_hosts_ready", NOT_READY),
    ("an MX that no pattern covers", {"mx": lambda d: {
        "state": "found", "hosts": [{"name": f"mx1.{d}"}, {"name": f"mx2.{d}"}]}},
     "policy_served", NOT_READY),
    ("no TLS report record", {"smtp_tls": lambda d: {"state": "absent"}},
     "dns_records_valid", NOT_READY),
    ("the name servers do not answer", {"mta_sts": lambda d: {"state": "failed"}},
     "dns_records_valid", INSUFFICIENT),
    ("no MX was reached", {"addresses": lambda d: []}, "mx_hosts_ready", INSUFFICIENT),
])
def test_what_is_wrong_live_stands_in_the_way(shared, clean, why, members, bad, want):
    looks.insert(shared, clean, looks.look(
        clean, **{name: of(clean) for name, of in members.items()}))
    status, verdict = shared.readiness(clean)
    assert status == want, (why, verdict["sentence"])
    assert criterion(verdict, bad)["status"] in ("fail", "unknown"), why


def test_an_old_look_says_nothing_about_now(shared, clean):
    looks.insert(shared, clean, looks.look(clean, looks.now() - 30 * HOUR))
    assert shared.readiness(clean)[0] == INSUFFICIENT


def test_a_look_counts_from_when_it_was_made(shared, clean):
    looks.insert(shared, clean, looks.look(clean, looks.now() - 2 * HOUR))
    assert shared.readiness(clean)[0] == READY
    before = (looks.now() - 3 * HOUR).strftime("%Y-%m-%dT%H:%M:%SZ")
    status, verdict = shared.readiness(clean, "--as-of", before)
    assert criterion(verdict, "policy_served")["status"] == "unknown"
    assert status == INSUFFICIENT


@table("why, text", [
    ("no look at all", "{}"),
    ("a word that nobody knows", '{"observed_at": %d, "mx": {"state": "fine"}}'),
    ("half of one", '{"observed_at": %d, "addresses": 7}'),
    ("another time than its row's", '{"observed_at": 1}'),
])
def test_a_look_that_cannot_be_read_is_an_error_and_no_verdict(shared, clean, why, text):
    looks.insert(shared, clean, looks.look(clean, looks.now() - HOUR))
    assert shared.readiness(clean)[0] == READY
    at = looks.now()
    looks.insert(shared, clean, text % looks.micros(at) if "%" in text else text, at)
    for words in ([], ["--reports-only"]):
        done = shared.run("readiness", clean, *words)
        assert done.returncode == 70 and done.stdout == b"", why
        assert b"cannot be read" in done.stderr and clean.encode() in done.stderr
    api = Api(shared.ports["api"])
    answer = api.get(f"/v1/domains/{clean}/readiness", 500)
    assert "cannot be read" not in answer.body.decode(), "the log says more"


def test_a_settled_failure_at_an_mx_needs_a_look_of_every_address(shared, clean):
    bad = reports.report(reports.policy("tlsa", f"mx1.{clean}", 5, 1, [
        detail("certificate-expired", 1, f"mx1.{clean}")]), day=days_ago(4))
    own = reports.report([sts(clean, 5), bad["policies"][0]], day=days_ago(4))
    shared.cli("import", "--vouch", *reports.write_json(shared.base / "files", [own]))
    looks.insert(shared, clean, looks.look(clean, complete=False))
    status, verdict = shared.readiness(clean)
    assert (status, criterion(verdict, "failures_at_mx")["status"]) == (
        INSUFFICIENT, "unknown")
    looks.insert(shared, clean, looks.look(clean))
    status, verdict = shared.readiness(clean)
    assert (status, criterion(verdict, "failures_at_mx")["status"]) == (READY, "pass")
