"""Each report by several ways: stored once, and every sum exact."""

import itertools
import smtplib

import pytest

import posts
import reports
from conftest import table
from recount import differences

COPIES = 3
WAYS = ("smtp", "https", "lmtp")
# Each way alone, each two, and all three, in each order; each report COPIES times.
MIXES = sorted(set(itertools.product(WAYS, repeat=COPIES)))


@pytest.fixture(scope="module")
def reached(shared):
    """The daemon of the file, started again so that LMTP reaches it too."""
    assert shared.stop() == 0, shared.log_text()
    yield shared.start("--lmtp", "127.0.0.1:0")


def send(daemon, way, report, domain):
    if way == "smtp":
        daemon.send(reports.mail(report, domain), f"tlsrpt@{domain}")
    elif way == "https":
        posts.deliver(daemon, report)
    else:
        with smtplib.LMTP("127.0.0.1", daemon.ports["lmtp"]) as client:
            assert client.sendmail("sender@google.com", [f"tlsrpt@{domain}"],
                                   reports.mail(report, domain)) == {}


def counters(daemon):
    status = daemon.status()
    return [status["reports_" + name] for name in ("stored", "duplicate", "quarantined")]


@table("why, mix", [("-".join(mix), mix) for mix in MIXES])
def test_three_copies_count_once(reached, domain, why, mix):
    stored, duplicate, quarantined = counters(reached)
    report = reports.report(reports.sts(domain, 40, 2,
                                        [reports.detail("certificate-expired", 2)]))
    for way in mix:
        send(reached, way, report, domain)
    reached.drained()
    assert counters(reached) == [stored + 1, duplicate + COPIES - 1, quarantined]
    assert reached.value("SELECT count(*) FROM report WHERE report_id = %s",
                         report["report-id"]) == 1
    assert reached.rows("SELECT sum(unvouched_success_sessions),"
                        " sum(unvouched_failure_sessions) FROM domain_day"
                        " WHERE policy_domain = %s AND kind = 1", domain) == [(40, 2)]
    assert differences(reached) == {}


def test_all_ways_at_once(reached, domain, rng):
    """Many reports, every copy by a way of its own, in any order."""
    stored, duplicate, quarantined = counters(reached)
    made = [reports.report(reports.sts(domain, number)) for number in range(30)]
    deliveries = [(way, report) for report in made for way in WAYS]
    rng.shuffle(deliveries)
    for way, report in deliveries:
        send(reached, way, report, domain)
    reached.drained()
    assert counters(reached) == [stored + len(made), duplicate + 2 * len(made),
                                 quarantined]
    assert reached.value("SELECT sum(unvouched_success_sessions) FROM domain_day"
                         " WHERE policy_domain = %s AND kind = 1", domain) == sum(
                             range(len(made)))
    assert differences(reached) == {}
