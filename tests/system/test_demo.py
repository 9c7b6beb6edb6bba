"""`tlsrptd demo`: a verdict of each kind, marked everywhere, and gone without a trace."""

import contextlib
import datetime
import json
import re

import pytest
import yaml

import recount
import reports
from conftest import running, table, wait_until
from http_client import Api, check
from reports import days_ago, sts

# Domain, exit status, verdict, health.
VERDICTS = [
    ("ready.demo.example", 0, "ready", None),
    ("expired-certificate.demo.example", 1, "not_ready", None),
    ("too-few-reports.demo.example", 2, "insufficient_evidence", None),
    ("enforcing.demo.example", 4, "enforcing", "ok"),
    ("at-risk.demo.example", 5, "enforcing", "at_risk"),
]
NAMES = sorted(row[0] for row in VERDICTS)
# Written by a running server at any time.
MOVING = ("node", "work", "domain_status", "state_change")


@pytest.fixture(scope="module")
def shown(first_start):
    """A daemon with the demo beside a real domain that has a report."""
    # An MX host that every domain has.
    with running(first_start, "--mx-host", "mx.shared.example") as daemon:
        daemon.cli("import", "--vouch", *reports.write_json(
            daemon.base / "in", [reports.report(sts("firm.example"), day=days_ago(3))]))
        daemon.before = contents(daemon)
        daemon.printed = daemon.cli("demo")
        yield daemon


def contents(daemon):
    """Every row of every table, those apart that time changes by itself."""
    tables = [name for (name,) in daemon.rows(
        "SELECT relname FROM pg_class WHERE relnamespace = 'tlsrptd'::regnamespace "
        "AND relkind IN ('r', 'p') AND NOT relispartition ORDER BY relname")]
    assert set(MOVING) < set(tables)
    return {name: sorted(daemon.rows(f"SELECT t::text FROM {name} AS t"))
            for name in tables if name not in MOVING}


@table("domain, status, verdict, health", VERDICTS)
def test_verdict(shown, domain, status, verdict, health):
    got, answer = shown.readiness(domain)
    assert (got, answer["verdict"], answer["health"]) == (status, verdict, health), [
        one for one in answer["criteria"] if one["status"] not in ("pass", "off")]
    assert answer["demo"] is True
    assert answer["basis"] == "live"
    assert answer["confidence"] == ("normal" if verdict == "ready" else None)


@table("domain, status, verdict, health", VERDICTS)
def test_text_says_that_it_is_a_demo(shown, domain, status, verdict, health):
    assert shown.cli("readiness", domain, check=status).startswith("DEMO")


def test_what_stands_in_the_way(shown):
    def failing(domain):
        _, answer = shown.readiness(domain)
        return {one["id"] for one in answer["criteria"]
                if one["status"] == "fail" and one["severity"] == "blocking"}

    assert failing("expired-certificate.demo.example") == {"no_refused_sessions",
                                                           "mx_hosts_ready"}
    assert failing("at-risk.demo.example") == {"no_refused_sessions", "mx_hosts_ready"}
    assert failing("too-few-reports.demo.example") == set()


def test_the_api_marks_it(shown):
    api = Api(shown.ports["api"])
    domains = {one["domain"]: one["demo"] for one in api.all_pages("/v1/domains")}
    assert domains == {"firm.example": False, **{name: True for name in NAMES}}
    for name in NAMES:
        assert api.json("/v1/domains/" + name)["demo"] is True
        assert api.json(f"/v1/domains/{name}/readiness")["demo"] is True
        (report, *_) = api.all_pages(f"/v1/domains/{name}/reports")
        assert api.json("/v1/reports/" + report["id"])["demo"] is True
        assert api.json("/v1/receipts/" + report["receipt_id"])["node"] == "tlsrptd demo"
    (report, *_) = [one for one in api.all_pages("/v1/domains/ready.demo.example/reports")
                    if one["policy_domain"] == "mx1.ready.demo.example"]
    assert api.json("/v1/reports/" + report["id"])["demo"] is True
    assert api.json("/v1/domains/firm.example/readiness")["demo"] is False
    (report,) = api.all_pages("/v1/domains/firm.example/reports")
    assert api.json("/v1/reports/" + report["id"])["demo"] is False


def test_nothing_real_is_told_of_it(shown):
    """What a report says of an MX host of every domain is said of no domain of the demo."""
    api = Api(shown.ports["api"])
    assert "mx.shared.example" in api.json("/v1/domains/firm.example")["mx_hosts"]
    for name in NAMES:
        hosts = [f"mx1.{name}", f"mx2.{name}"]
        assert api.json("/v1/domains/" + name)["mx_hosts"] == hosts
        assert shown.rows("SELECT policy_domain FROM grafana_name WHERE domain = %s "
                          "AND is_mx_host ORDER BY 1", name) == [(host,) for host in hosts]


def test_the_command_line_marks_it(shown):
    listed = dict(line.split("\t") for line in shown.cli("domain", "list").splitlines())
    assert listed == {"firm.example": "settings", **{name: "demo" for name in NAMES}}
    for name in NAMES:
        assert name in shown.printed
        assert "DEMO" in shown.cli("domain", "show", name)
        assert shown.cli("reporter", "list", "--on", name).startswith("DEMO")
        assert all(one["demo"] for one in json.loads(
            shown.cli("reporter", "list", "--json", "--on", name)) if one["reports"])
    assert "DEMO" not in shown.cli("domain", "show", "firm.example")


def test_the_list_of_reporters_has_only_real_ones(shown):
    """Else somebody to whom Microsoft never reported would see that it does."""
    listed = {one["reporter"]: one for one in json.loads(
        shown.cli("reporter", "list", "--json"))}
    assert {name for name, one in listed.items() if one["reports"]} == {"google.com"}
    assert listed["google.com"]["domains"] == ["firm.example"]
    assert "neighbour.example" not in listed


def test_views_mark_it(shown):
    assert sorted(shown.rows("SELECT data, domain FROM grafana_domain")) == sorted(
        [("real", "firm.example")] + [("demo", name) for name in NAMES])


def test_reports_are_of_several_senders_in_their_own_ways(shown):
    said = set(shown.rows("SELECT DISTINCT policy_domain, reporter, policy_type "
                          "FROM grafana_result"))
    ready = {(reporter, kind) for domain, reporter, kind in said
             if domain == "ready.demo.example"}
    assert ready == {("google.com", "sts"), ("microsoft.com", "sts"),
                     ("microsoft.com", "tlsa"), ("mail.ru", "sts"),
                     ("comcast.net", "sts"), ("(nobody)", "sts")}
    assert ("mx1.ready.demo.example", "neighbour.example", "tlsa") in said
    days = shown.value("SELECT count(DISTINCT day) FROM report "
                       "WHERE policy_domain = 'ready.demo.example'")
    assert days in (44, 45), "that of yesterday may still be on its way"
    # Microsoft's TLSA records are one string with JSON in it.
    assert shown.rows("SELECT DISTINCT reporter FROM report "
                      "WHERE anomalies <> '{}'") == [("microsoft.com",)]
    # Google and the others: a session of Microsoft's is one, whatever it is told under.
    twice = shown.value(
        "SELECT sum(success_sessions) FROM policy_result WHERE reporter = 'microsoft.com' "
        "AND policy_type = 2 AND policy_domain = 'ready.demo.example'")
    once = shown.value("SELECT sum(success_sessions) FROM grafana_result "
                       "WHERE policy_domain = 'ready.demo.example' "
                       "AND vouched AND policy_type <> 'tlsa'")
    assert twice > 0 and once == shown.value(
        "SELECT sum(success_sessions) FROM grafana_day_distinct "
        "WHERE policy_domain = 'ready.demo.example'")


def test_a_forged_report_is_shown_and_moves_nothing(shown):
    _, answer = shown.readiness("ready.demo.example")
    (said,) = [one for one in answer["criteria"] if one["id"] == "unvouched_failures"]
    assert (said["status"], said["severity"]) == ("unknown", "advisory"), said
    assert said["evidence"]
    (forged,) = Api(shown.ports["api"]).all_pages(
        "/v1/domains/ready.demo.example/reports?vouched=false")
    assert (forged["organisation"], forged["reporter"]) == ("Google Inc.", None)


def test_no_total_has_it(shown):
    assert shown.status()["reports_stored"] == 1, "that of firm.example"
    assert Api(shown.ports["api"]).json("/v1/status")["reports_stored"] == 1
    assert shown.rows("SELECT reports_stored FROM grafana_total") == [(1,)]
    api = Api(shown.ports["api"])
    assert api.json("/v1/fleet")["domains"] == 1
    described = yaml.safe_load(api.ask("GET", "/openapi.yaml").body)
    assert "`tlsrptd demo`" in described["paths"]["/v1/fleet"]["get"]["description"]
    metrics = api.ask("GET", "/metrics").body.decode()
    assert not re.search(r"demo\.example|microsoft", metrics)
    assert sum(float(line.rsplit(" ", 1)[1]) for line in metrics.splitlines()
               if line.startswith("tlsrptd_fleet_domains{")) == 1
    assert recount.differences(shown) == {}


def test_nobody_reports_on_it(shown):
    """Mail to it is refused, and a report about it is a stranger's."""
    wait_until("the server knows firm.example", lambda: shown.accepts(
        "tlsrpt@firm.example"))
    assert not shown.accepts("tlsrpt@ready.demo.example")
    path = reports.write_json(shown.base / "foreign", [
        reports.report(sts("ready.demo.example", 1, 1), day=days_ago(3)),
        reports.report(reports.policy("tlsa", "mx1.ready.demo.example"),
                       day=days_ago(3))])
    stored = json.loads(shown.cli("import", "--vouch", "--json", *path, check=1))
    assert (stored["reports_stored"], stored["reports_quarantined"]) == (0, 2)
    assert shown.readiness("ready.demo.example")[0] == 0


@table("why, words", [
    ("it would become real", ("domain", "add", "ready.demo.example")),
    ("its rows would stay behind", ("domain", "remove", "ready.demo.example"))])
def test_it_stays_a_demo(shown, why, words):
    done = shown.run(*words)
    assert done.returncode == 64, (done.returncode, done.stderr)
    assert b"demo --remove" in done.stderr
    assert shown.value("SELECT demo FROM domain WHERE domain = 'ready.demo.example'")


def test_the_api_says_how_it_goes(shown):
    """Not only that it does not go."""
    admin = Api(shown.ports["api"], shown.cli("token", "create", "--scope", "admin").strip())
    wait_until("the token opens", lambda: admin.ask("GET", "/v1/status").status == 200)
    try:
        for answer in (
                admin.ask("DELETE", "/v1/domains/ready.demo.example"),
                admin.ask("POST", "/v1/domains", json.dumps(
                    {"domain": "ready.demo.example"}), Content_Type="application/json")):
            check(answer)
            assert answer.status == 400
            assert "demo --remove" in answer.json()["detail"]
    finally:
        for line in shown.cli("token", "list").splitlines():
            shown.cli("token", "revoke", line.split("\t")[0])
        wait_until("reads are open again", lambda: Api(shown.ports["api"]).ask(
            "GET", "/v1/domains").status == 200)


def test_reprocess_leaves_it_alone(shown):
    shown.cli("reprocess", "--all")
    assert recount.differences(shown) == {}
    for domain, status, _, _ in VERDICTS:
        assert shown.readiness(domain)[0] == status


def test_again_is_the_same(shown):
    def told():
        return shown.rows("SELECT policy_domain, day, report_id, reporter, organisation "
                          "FROM report ORDER BY 1, 2, 3")
    before, domains = told(), shown.rows("SELECT domain, demo FROM domain ORDER BY 1")
    shown.cli("demo")
    after = told()
    assert set(before) <= set(after), "a report more may have come in meanwhile"
    assert len(after) == len(set(after))
    assert shown.rows("SELECT domain, demo FROM domain ORDER BY 1") == domains
    assert recount.differences(shown) == {}


def test_a_running_server_tells_it_further(shown):
    """As after a night: the looks of the last day are gone, and the work is due."""
    with contextlib.closing(shown.connect()) as connection, connection, \
            connection.cursor() as cursor:
        cursor.execute("DELETE FROM tlsrptd.observation WHERE node = 'tlsrptd demo' "
                       "AND observed_at > now() - interval '27 hours'")
        assert cursor.rowcount >= len(NAMES)
        cursor.execute("UPDATE tlsrptd.work SET not_before = now() WHERE kind = 'demo'")
        assert cursor.rowcount == 1
    wait_until("each was looked at", lambda: shown.value(
        "SELECT count(DISTINCT policy_domain) FROM observation "
        "WHERE observed_at > now() - interval '1 hour'") == len(NAMES))
    for domain, status, _, _ in VERDICTS:
        assert shown.readiness(domain)[0] == status
    assert recount.differences(shown) == {}


# The last of `shown`.
def test_removed_without_a_trace(shown):
    held = shown.rows("SELECT receipt_id FROM receipt WHERE quarantined_count > 0")
    for (receipt_id,) in held:  # what test_nobody_reports_on_it left behind
        shown.cli("quarantine", "drop", receipt_id, "--why", "a test")
    assert "5 domains" in shown.cli("demo", "--remove")
    after = contents(shown)
    for name, rows in shown.before.items():
        if name not in ("receipt", "receipt_raw", "imported_body", "node_counter",
                        "quarantine_drop"):
            assert after[name] == rows, name
    assert recount.differences(shown) == {}
    ours = "%demo.example%"
    for name, rows in after.items():
        if name not in ("receipt", "receipt_raw", "quarantine_drop"):
            assert not [row for row in rows if ours.strip("%") in row[0]], name
    assert shown.value("SELECT count(*) FROM receipt WHERE node = 'tlsrptd demo'") == 0
    assert shown.value("SELECT count(*) FROM receipt r FULL JOIN receipt_raw w "
                       "USING (received_on, receipt_id) "
                       "WHERE r.node IS NULL OR w.body IS NULL") == 0
    for name in MOVING:
        wait_until(f"no row of it is left in {name}", lambda: shown.value(
            f"SELECT count(*) FROM {name} AS t WHERE t::text LIKE %s", ours) == 0)
    assert shown.status()["reports_stored"] == 1
    for domain, *_ in VERDICTS:
        assert shown.run("readiness", domain).returncode == 66
    assert "no demo" in shown.cli("demo", "--remove"), "twice does no harm"


# --- what it does not touch -------------------------------------------------------------


def test_a_real_domain_of_that_name_is_left_alone(serving):
    serving.cli("domain", "add", "ready.demo.example")
    before = contents(serving)
    done = serving.run("demo")
    assert done.returncode == 64
    assert b"ready.demo.example is configured" in done.stderr
    assert contents(serving) == before, "nothing at all was written"
    serving.cli("demo", "--remove")
    assert contents(serving) == before
    # Reports of the time when it was real would count with the demo's.
    serving.cli("import", "--vouch", *reports.write_json(serving.base / "in", [
        reports.report(sts("ready.demo.example"), day=days_ago(3))]))
    serving.cli("domain", "remove", "ready.demo.example")
    done = serving.run("demo")
    assert done.returncode == 64
    assert b"reports about ready.demo.example" in done.stderr
    assert serving.value("SELECT count(*) FROM domain WHERE demo") == 0
    assert recount.differences(serving) == {}


def test_it_goes_on(daemon):
    """With the clock moved: nobody looks at those names, and the verdicts stay."""
    daemon.cli("demo")
    noon = datetime.datetime.now(reports.UTC).replace(microsecond=0)
    at = [(noon + datetime.timedelta(n)).isoformat().replace("+00:00", "Z")
          for n in (2, 3, 60)]
    assert daemon.readiness("ready.demo.example", "--as-of", at[0])[0] == 2, \
        "looks of the day before yesterday are too old"
    for when in at:
        printed = daemon.cli("worker", "--once", "--yes", "--as-of", when)
        assert "reports and looks of the demo" in printed
        for domain, status, verdict, _ in VERDICTS:
            got, answer = daemon.readiness(domain, "--as-of", when)
            assert (got, answer["verdict"]) == (status, verdict), [when, [
                one for one in answer["criteria"] if one["status"] not in ("pass", "off")]]
    # Nothing was told twice, and nothing twice a day.
    assert "of the demo" not in daemon.cli("worker", "--once", "--yes", "--as-of", at[-1])
    daemon.start()
    assert daemon.value("SELECT coalesce(sum(duplicate_count), 0) FROM receipt "
                        "WHERE node = 'tlsrptd demo'") == 0
    assert recount.differences(daemon) == {}
    daemon.cli("demo", "--remove")
    assert daemon.value("SELECT count(*) FROM receipt WHERE peer = 'demo'") == 0
    assert daemon.value("SELECT count(*) FROM observation") == 0


def test_without_a_server(daemon):
    """The PostgreSQL of its own is started for the call."""
    daemon.cli("demo")
    for domain, status, _, _ in VERDICTS:
        assert daemon.readiness(domain)[0] == status
    daemon.cli("demo", "--remove")
    assert daemon.run("readiness", "ready.demo.example").returncode == 66
