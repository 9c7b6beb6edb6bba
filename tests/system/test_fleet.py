"""How every domain stands, as reports arrive and days pass, and the log of its changes.

Domains are evaluated by their reports alone here: nobody looks at the live domain.
"""

import datetime

import pytest

import reports
from conftest import ENVIRONMENT, wait_until
from http_client import Api
from reports import days_ago, detail, sts, window

REPORTS_ONLY = dict(ENVIRONMENT, TLSRPTD_FLEET_REPORTS_ONLY="true")
COUNTED = ("google.com", "microsoft.com")


@pytest.fixture
def fleet(daemon):
    daemon.environment = REPORTS_ONLY
    daemon.domains = ("a.example", "b.example", "firm.example")
    daemon.start()
    wait_until("its domains are there", lambda: daemon.value(
        "SELECT count(*) FROM domain WHERE domain = ANY (%s)", list(daemon.domains)) == 3)
    return daemon.evaluated()


def load(daemon, files):
    daemon.cli("import", "--vouch", *reports.write_json(daemon.base / "files", files))


def fortnight(domain):
    return [reports.report(sts(domain, 50), day=day, reporter=reporter)
            for day in window(15) for reporter in COUNTED]


def refusal(domain, day=None):
    return reports.report(sts(domain, 50, 1, [detail("certificate-expired", 1,
                                                     f"mx1.{domain}")]),
                          day=day or days_ago(5))


def names(daemon, state):
    """The domains that the API lists in `state`."""
    return [one["domain"] for one in
            Api(daemon.ports["api"]).all_pages(f"/v1/domains?state={state}&limit=1")]


def log(daemon, domain):
    """Of the changes, the oldest first: verdict before and after."""
    return daemon.rows("SELECT old_verdict, new_verdict FROM state_change "
                       "WHERE policy_domain = %s ORDER BY change_no", domain)


def changed(*verdicts):
    return list(zip(("",) + verdicts, verdicts))


def logged(daemon):
    """What the daemon's log says of the same."""
    return [line for line in daemon.log_path.read_text().splitlines()
            if "state_changed" in line]


def test_a_status_follows_the_reports_without_a_restart(fleet):
    assert names(fleet, "insufficient_evidence") == ["a.example", "b.example",
                                                     "firm.example"]
    load(fleet, fortnight("a.example") + fortnight("b.example"))
    fleet.evaluated()
    assert names(fleet, "ready") == ["a.example", "b.example"]
    assert fleet.cli("domain", "list", "--state", "ready").split() == [
        "a.example", "settings", "b.example", "settings"]

    load(fleet, [refusal("a.example")])
    # From the moment it is stored, whenever it is looked at.
    assert names(fleet, "ready") == ["b.example"]
    assert "a.example" not in fleet.cli("domain", "list", "--state", "ready")
    fleet.evaluated()
    assert names(fleet, "not_ready") == ["a.example"]
    assert names(fleet, "ready") == ["b.example"]
    api = Api(fleet.ports["api"])
    states = api.json("/v1/fleet")["states"]
    assert (states["ready"], states["not_ready"], states["unknown"]) == (1, 1, 0)

    # Each change once, and in the log once; a further refusal changes nothing.
    load(fleet, [refusal("a.example", days_ago(4))])
    fleet.evaluated()
    assert log(fleet, "a.example") == changed("insufficient_evidence", "ready", "not_ready")
    assert log(fleet, "b.example") == changed("insufficient_evidence", "ready")
    # Written to the log once it is in the database.
    wait_until("the log has them", lambda: len(logged(fleet)) >= 6)
    assert len(logged(fleet)) == 6
    changes = api.all_pages("/v1/domains/a.example/changes?limit=1")
    assert [one["change"] for one in changes] == [3, 2, 1]
    assert [one["to"]["verdict"] for one in changes] == [
        "not_ready", "ready", "insufficient_evidence"]
    assert changes[0]["from"] == {"verdict": "ready", "health": None,
                                  "confidence": "normal"}
    assert changes[0]["blocking"] == ["no_refused_sessions"]
    assert changes[0]["basis"] == "reports" and changes[0]["settings"]["live"] is False
    assert changes[0]["evidence_digest"] != changes[1]["evidence_digest"]
    metrics = api.get("/metrics").body.decode()
    assert 'tlsrptd_state_changes_total{from="ready",to="not_ready"} 1' in metrics
    assert 'tlsrptd_fleet_domains{state="not_ready"} 1' in metrics
    assert "tlsrptd_evaluations_due 0" in metrics


def test_strangers_keep_nobody_off_the_list(fleet):
    load(fleet, fortnight("a.example"))
    fleet.evaluated()
    fleet.send(reports.mail(refusal("a.example"), domain="a.example"),
               to="tlsrpt@a.example")
    fleet.drained()
    assert fleet.value("SELECT count(*) FROM report WHERE NOT vouched") == 1
    assert names(fleet, "ready") == ["a.example"]


def test_a_node_that_is_silent_makes_nobody_ready(fleet):
    load(fleet, fortnight("a.example"))
    fleet.evaluated()
    assert names(fleet, "ready") == ["a.example"]
    with fleet.connect() as connection, connection.cursor() as cursor:
        cursor.execute("INSERT INTO tlsrptd.node (heartbeat_at, started_at, spool_depth, "
                       "spool_waiting, node, version) VALUES (now() - interval '1 hour', "
                       "now() - interval '1 day', 0, 0, 'dead', '0.1.0')")
    assert names(fleet, "ready") == []
    (held,) = Api(fleet.ports["api"]).json("/v1/domains?state=unknown")["items"]
    assert held["domain"] == "a.example"
    assert held["readiness"]["stale"] == "intake_behind"
    assert held["readiness"]["verdict"] is None
    assert Api(fleet.ports["api"]).json("/v1/fleet")["intake_behind"] is True
    # It is no change of the domain.
    assert log(fleet, "a.example") == changed("insufficient_evidence", "ready")


def test_a_domain_that_is_removed_is_in_no_list(fleet):
    load(fleet, fortnight("b.example"))
    fleet.evaluated()
    fleet.cli("domain", "remove", "b.example")
    assert names(fleet, "ready") == []
    fleet.evaluated()
    assert fleet.rows("SELECT 1 FROM domain_status WHERE policy_domain = 'b.example'") == []
    fleet.cli("domain", "add", "b.example")
    fleet.evaluated()
    assert names(fleet, "ready") == ["b.example"], "what is stored is evidence still"


def test_days_pass(fleet):
    """The clock is moved by `worker --as-of`; nothing comes in meanwhile."""
    load(fleet, fortnight("a.example"))
    fleet.evaluated()
    assert fleet.stop() == 0

    for days in (1, 1, 5):
        day = reports.today() + datetime.timedelta(days=days)
        fleet.cli("worker", "--once", "--yes", "--as-of", f"{day}T02:00:00Z")
    # Nobody believes a status from the future: here and now it is made again.
    fleet.start()
    wait_until("it is ready again", lambda: names(fleet, "ready") == ["a.example"])
    assert log(fleet, "a.example") == changed("insufficient_evidence", "ready",
                                              "insufficient_evidence", "ready")
    # The next day's window ended yesterday, and nobody had reported that day yet; on the
    # fifth it was the same still.
    assert fleet.rows(
        "SELECT (changed_at AT TIME ZONE 'UTC')::date, evaluated_for FROM state_change "
        "WHERE policy_domain = 'a.example' AND change_no = 3") == [
        (days_ago(-1), days_ago(1))]


def test_killed_amid_an_evaluation(fleet):
    """The lease ends, another takes it, and the change is logged once."""
    lock = fleet.connect()
    with lock.cursor() as cursor:  # evaluations stop just before they write
        cursor.execute("LOCK TABLE tlsrptd.domain_status IN SHARE MODE")
    load(fleet, fortnight("a.example"))
    wait_until("it is in hand, and waits to be written", lambda: fleet.rows(
        "SELECT 1 FROM pg_locks WHERE NOT granted "
        "AND relation = 'tlsrptd.domain_status'::regclass"))
    fleet.kill()
    lock.close()
    fleet.start()
    assert names(fleet, "ready") == [], "what died with it was not looked at"
    assert fleet.rows("SELECT domain FROM work WHERE kind = 'evaluate' "
                      "AND lease_until IS NOT NULL") == [("a.example",)]
    fleet.evaluated()
    assert names(fleet, "ready") == ["a.example"]
    assert log(fleet, "a.example") == changed("insufficient_evidence", "ready")
