"""Grafana's dashboards against a real PostgreSQL: every panel shows the API's numbers.

Over the data of `tlsrptd demo`, and over an imported history beside it that has what the
demo lacks: copies under other signers, reports without a name, unknown types, failures
that nothing explains.
"""

import collections
import datetime
import re
import subprocess

import psycopg2
import pytest
import yaml

import grafana
import recount
import reports
from conftest import ENVIRONMENT, SOURCE, TLSRPTD, running
from http_client import OPENAPI, Api
from reports import days_ago, detail, policy, sts

UTC = datetime.timezone.utc
LAST = days_ago(1)
OVERVIEW = grafana.load(grafana.FOLDER / "overview.json")
DOMAIN = grafana.load(grafana.FOLDER / "domain.json")
POLICY_TYPES = ["sts", "tlsa", "no-policy-found", "other"]
RESULT_TYPES = OPENAPI["components"]["schemas"]["ResultType"]["enum"]


def history(domain):
    """What several senders say about `domain` on many days, each in its own way."""
    mx1, mx2 = f"mx1.{domain}", f"mx2.{domain}"
    both = [mx1, mx2]
    for n in range(2, 22):  # one day more than is asked for
        day = days_ago(n)
        failed = n % 5 == 0
        yield reports.report(
            sts(domain, 100 + n, 3 if failed else 0,
                [detail("certificate-expired", 2, mx2, reason="expired")] if failed
                else [], mx=both), day=day)
        # The same sessions twice, and no word on where they failed.
        yield reports.report(
            [sts(domain, 50, n % 2, [{"result-type": "validation-failure",
                                      "failed-session-count": 1}] if n % 2 else [],
                 mx=both),
             policy("tlsa", domain, 50 + n % 2)], day=day, reporter="microsoft.com")
        if n % 3 == 0:
            # More failed tries than failed sessions; an unknown result type.
            yield reports.report(
                [sts(domain, 9, 1, [detail("certificate-expired", 2, mx1),
                                    detail("moon-phase", 1, mx1)], mx=both),
                 policy("no-policy-found", domain, 4)], day=day, reporter="mail.ru")
        if n % 4 == 0:
            # Postfix files DANE under the MX host; a sender that gives no contact.
            yield {**reports.report(
                [policy("tlsa", mx1, 20, 1, [detail("tlsa-invalid", 1, mx1)],
                        **{"mx-host": [mx1]})], day=day, reporter="sender.example"),
                "contact-info": None}


@pytest.fixture(scope="module")
def filled(first_start):
    """A daemon with some weeks about two domains, unvouched reports and copies; and the
    demo."""
    domains = ("firm.example", "other.example", "quiet.example", ".wild.example")
    # One MX host is of every domain, the others become known through reported policies.
    with running(first_start, "--mx-host", "mx1.firm.example", domains=domains) as daemon:
        firm = list(history("firm.example"))
        other = list(history("other.example"))
        folder = daemon.base / "in"
        daemon.cli("import", "--vouch", *reports.write_json(folder, other[:1]))
        daemon.cli("import", "--vouch", *reports.write_json(folder, firm + other[1:]))
        # Copies: one under another signer, one that nobody vouches for.
        daemon.cli("import", "--vouch", *reports.write_json(folder, [
            {**firm[0], "contact-info": "postmaster@sender.example"}]))
        daemon.send(reports.mail(firm[0]))
        for n in (4, 9):
            daemon.send(reports.mail(reports.report(
                sts("firm.example", 70, 7, [detail("certificate-not-trusted", 7)]),
                day=days_ago(n))))
        daemon.cli("demo")
        daemon.drained().evaluated()
        assert recount.differences(daemon) == {}
        yield daemon


@pytest.fixture
def as_grafana(filled):
    """A connection with the rights of Grafana's login, and a time zone far from UTC."""
    connection = filled.connect()
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute("SET ROLE tlsrptd_grafana; SET timezone = 'Pacific/Auckland'; "
                       "SET search_path = public")
    yield connection
    connection.close()


def first_day(variables):
    """Of the range of time, whose days are counted."""
    return LAST - datetime.timedelta(variables["days"] - 1)


def rows_of(connection, sql, variables):
    # Grafana's range begins and ends in the middle of a day; whole days are shown.
    noon = datetime.time(12, tzinfo=UTC)
    text = grafana.expand(sql, variables,
                          datetime.datetime.combine(first_day(variables), noon),
                          datetime.datetime.combine(LAST, noon))
    with connection.cursor() as cursor:
        cursor.execute(text)
        return cursor.fetchall()


def sql_of(dashboard, title):
    found = dict(grafana.queries(dashboard))
    assert title in found, f"no panel {title}"
    return found[title]


class ApiNumbers:
    """What the API says about the range, in the shapes of the panels."""

    def __init__(self, api, variables):
        self.api = api
        self.variables = variables
        self.domain = variables["domain"]
        self.first = first_day(variables)

    def json(self, domain, what, more=""):
        return self.api.json(f"/v1/domains/{domain}/{what}?from={self.first}&to={LAST}{more}")

    def keeps(self, row, *filters):
        reporter = row["reporter"] or ("(unnamed)" if row["vouched"] else "(nobody)")
        of = {"reporter": reporter, "policy_type": row["policy_type"],
              "result_type": row.get("result_type")}
        return all(of[name] in self.variables[name] for name in filters)

    def days(self, domain):
        return {day["day"]: day["vouched"]
                for day in self.json(domain, "summary")["days"]
                if day["vouched"]["reports"]}

    def rows(self, domain, vouched, *filters):
        return [row for row in self.json(domain, "summary")["rows"]
                if row["vouched"] == vouched and self.keeps(row, *filters)]

    def failures(self, domain, *filters):
        found = self.json(domain, "failures", "&vouched=true&limit=500")
        assert found["groups_left_out"] == 0
        return [row for row in found["items"] if self.keeps(row, *filters)]

    def failures_by_day(self, domain, *filters):
        """The API groups over the range: so day for day."""
        for n in range(self.variables["days"]):
            day = str(self.first + datetime.timedelta(n))
            found = self.api.json(f"/v1/domains/{domain}/failures?from={day}&to={day}"
                                  "&vouched=true&limit=500")["items"]
            for row in found:
                if self.keeps(row, *filters):
                    yield day, row

    def domains(self):
        return [one["domain"] for one in self.api.all_pages("/v1/domains")
                if not one["wildcard"]
                and one["demo"] == (self.variables["data"] == "demo")]


def start_of(day):
    return datetime.datetime.combine(datetime.date.fromisoformat(day), datetime.time(),
                                     UTC)


def summed(pairs):
    """[(key, (numbers))] added up by key; each key with its numbers as one tuple."""
    sums = collections.defaultdict(lambda: None)
    for key, numbers in pairs:
        sums[key] = (numbers if sums[key] is None
                     else tuple(a + b for a, b in zip(sums[key], numbers)))
    return [key + numbers for key, numbers in sums.items()]


def shown(value):
    return datetime.date.fromisoformat(value)


# --- what each panel must show, from the API --------------------------------------------


def failing(numbers, *columns):
    """Failure groups by some columns, with their days."""
    sums, days = collections.Counter(), collections.defaultdict(list)
    for row in numbers.failures(numbers.domain, "reporter", "policy_type", "result_type"):
        named = {**row, "receiving_mx": row["receiving_mx"] or "(not said)",
                 "reporter": row["reporter"] or "(unnamed)"}
        key = tuple(named[column] for column in columns)
        sums[key] += row["failed_sessions"]
        days[key] += [shown(row["first_day"]), shown(row["last_day"])]
    return [key + (n, min(days[key]), max(days[key])) for key, n in sums.items()]


def by_type(numbers, domains, count, *filters):
    return summed(((start_of(row["day"]), row["policy_type"]), (row[count],))
                  for domain in domains for row in numbers.rows(domain, True, *filters)
                  if row["policy_domain"] == domain)


def distinct(numbers, domains):
    return summed(((start_of(day),), (sums["success_sessions"], sums["failure_sessions"]))
                  for domain in domains for day, sums in numbers.days(domain).items())


def coverage(numbers):
    rows = [row for row in numbers.rows(numbers.domain, True, "reporter", "policy_type")
            if row["policy_domain"] == numbers.domain]
    found = []
    for reporter, kind in {(row["reporter"], row["policy_type"]) for row in rows}:
        of = [row for row in rows if (row["reporter"], row["policy_type"])
              == (reporter, kind)]
        found.append((reporter or "(unnamed)", kind, len({row["day"] for row in of}),
                      shown(max(row["day"] for row in of)),
                      sum(row["success_sessions"] for row in of),
                      sum(row["failure_sessions"] for row in of)))
    return found


def overview_failures(numbers):
    sums, where = collections.Counter(), collections.defaultdict(set)
    for domain in numbers.domains():
        for row in numbers.failures(domain, "policy_type", "result_type"):
            if row["policy_domain"] == domain:
                key = (row["policy_type"], row["result_type"])
                sums[key] += row["failed_sessions"]
                where[key].add(domain)
    return [key + (n, len(where[key])) for key, n in sums.items()]


def worst_domains(numbers):
    found = []
    for domain in numbers.domains():
        total = numbers.json(domain, "summary")["total"]["vouched"]
        if total["failure_sessions"]:
            found.append((domain, total["failure_sessions"], total["success_sessions"]))
    return found


def standing(one):
    """State, what speaks against it, health and sentence of an item of
    /v1/domains?verdicts=true."""
    told = one["readiness"]
    return told["state"], told["stale"] or "", told["health"] or "", told["sentence"]


def states(numbers):
    listed = numbers.api.all_pages("/v1/domains?verdicts=true")
    return summed((standing(one)[:3], (1,)) for one in listed
                  if one["domain"] in numbers.domains())


def totals(numbers):
    status = numbers.api.json("/v1/status")
    return [(status["reports_stored"], status["reports_duplicate"],
             status["reports_quarantined"])]


def about(numbers):
    one = numbers.api.json("/v1/domains/" + numbers.domain)
    return [(one["domain"], "demo" if one["demo"] else "real", *standing(one))]


OWN = lambda n: [n.domain]  # noqa: E731
SHOWS = {
    (OVERVIEW["uid"], title): wanted for title, wanted in {
        "Verdicts": states,
        "Reports": totals,
        "Sessions by day": lambda n: distinct(n, n.domains()),
        "Successful sessions by policy type":
            lambda n: by_type(n, n.domains(), "success_sessions", "policy_type"),
        "Failed sessions by policy type":
            lambda n: by_type(n, n.domains(), "failure_sessions", "policy_type"),
        "Failures by type": overview_failures,
        "Domains with most failures": worst_domains,
        "variable data": lambda n: list({
            ("demo" if one["demo"] else "real",)
            for one in n.api.all_pages("/v1/domains")}),
    }.items()
} | {
    (DOMAIN["uid"], title): wanted for title, wanted in {
        "Verdict": about,
        "Sessions by day": lambda n: distinct(n, OWN(n)),
        "Successful sessions by policy type":
            lambda n: by_type(n, OWN(n), "success_sessions", "reporter", "policy_type"),
        "Failed sessions by policy type":
            lambda n: by_type(n, OWN(n), "failure_sessions", "reporter", "policy_type"),
        "Failures by type":
            lambda n: failing(n, "policy_domain", "policy_type", "result_type"),
        "Failures by MX":
            lambda n: failing(n, "policy_domain", "policy_type", "receiving_mx"),
        "Failures by reporter":
            lambda n: failing(n, "policy_domain", "policy_type", "reporter"),
        "Failures by day and type": lambda n: summed(
            ((start_of(day), row["policy_type"] + " " + row["result_type"]),
             (row["failed_sessions"],))
            for day, row in n.failures_by_day(n.domain, "reporter", "policy_type",
                                              "result_type")),
        "Coverage": coverage,
        "At the MX hosts": lambda n: summed(
            ((row["policy_domain"], row["policy_type"], row["reporter"] or "(unnamed)"),
             (row["success_sessions"], row["failure_sessions"]))
            for row in n.rows(n.domain, True, "reporter", "policy_type")
            if row["policy_domain"] != n.domain),
        "Not vouched for": lambda n: [
            (shown(row["day"]), row["policy_type"], row["reports"],
             row["success_sessions"], row["failure_sessions"])
            for row in n.rows(n.domain, False, "policy_type")],
        # Real ones and the demo's, to choose from.
        "variable domain": lambda n: [(one["domain"],)
                                      for one in n.api.all_pages("/v1/domains")
                                      if not one["wildcard"]],
        "variable reporter": lambda n: list({("(unnamed)",)} | {
            (row["reporter"] or "(unnamed)",) for row in n.rows(n.domain, True)}),
    }.items()
}

REAL = {"data": "real", "domain": "firm.example", "policy_type": POLICY_TYPES,
        "result_type": RESULT_TYPES, "days": 20,
        "reporter": ["(unnamed)", "google.com", "mail.ru", "microsoft.com"]}
DEMO = {**REAL, "data": "demo", "domain": "ready.demo.example", "days": 45,
        "reporter": ["(unnamed)", "comcast.net", "google.com", "mail.ru", "microsoft.com",
                     "neighbour.example"]}
# The domains of the demo, each with the panels that have nothing to show of it: where all
# is well nothing fails, DANE is not everywhere, and one forged report is enough.
FAILURES = {"Failures by type", "Failures by MX", "Failures by reporter",
            "Failures by day and type"}
EMPTY = {
    "ready.demo.example": set(),
    "expired-certificate.demo.example": {"Not vouched for"},
    "too-few-reports.demo.example": FAILURES | {"At the MX hosts", "Not vouched for"},
    "enforcing.demo.example": FAILURES | {"At the MX hosts", "Not vouched for"},
    "at-risk.demo.example": {"At the MX hosts", "Not vouched for"},
}
CHOICES = [
    ("everything", REAL),
    ("one policy type", REAL | {"policy_type": ["sts"]}),
    ("one reporter", REAL | {"reporter": ["microsoft.com"]}),
    ("one result type", REAL | {"result_type": ["certificate-expired"]}),
    ("another domain", REAL | {"domain": "other.example"}),
    ("a domain without a report", REAL | {"domain": "quiet.example"}),
    *[(domain, DEMO | {"domain": domain}) for domain in EMPTY],
    ("the demo, one policy type", DEMO | {"policy_type": ["tlsa"]}),
    ("the demo, one reporter", DEMO | {"reporter": ["neighbour.example"]}),
    ("the demo, one result type", DEMO | {"result_type": ["sts-policy-fetch-error"]}),
]
# Of the overview no domain can be chosen.
ASKED = [(why, chosen, uid, title) for why, chosen in CHOICES for uid, title in SHOWS
         if uid == DOMAIN["uid"] or chosen["domain"] in (REAL["domain"], DEMO["domain"])]


@pytest.mark.parametrize("why, chosen, uid, title", ASKED,
                         ids=[f"{why}-{uid}-{title}" for why, _, uid, title in ASKED])
def test_panel_shows_the_apis_numbers(filled, as_grafana, why, chosen, uid, title):
    dashboard = OVERVIEW if uid == OVERVIEW["uid"] else DOMAIN
    got = rows_of(as_grafana, sql_of(dashboard, title), chosen)
    wanted = SHOWS[uid, title](ApiNumbers(Api(filled.ports["api"]), chosen))
    assert sorted(got) == sorted(wanted)
    if why == "everything":
        assert got, "nothing to compare"
    if why in EMPTY:
        assert bool(got) == (uid == OVERVIEW["uid"] or title not in EMPTY[why])


# What speaks against a status, and how it goes away. The work is due in an hour, so that
# the worker leaves it; a status of the future it looks for every ten minutes.
HELD = [
    ("evaluation_due",
     "INSERT INTO work (not_before, generation, attempts, domain, kind) "
     "VALUES (now() + interval '1 hour', 1, 0, '', 'evaluate')",
     "DELETE FROM work WHERE domain = '' AND kind = 'evaluate'"),
    ("overdue",
     "UPDATE domain_status SET evaluated_at = evaluated_at + interval '1 day'",
     "UPDATE domain_status SET evaluated_at = evaluated_at - interval '1 day'"),
    ("intake_behind",
     "INSERT INTO node (heartbeat_at, started_at, spool_depth, spool_waiting, node, "
     "version) VALUES (now() + interval '2 hours', now(), 0, 0, 'ahead', '0.1.0')",
     "DELETE FROM node WHERE node = 'ahead'"),
]


@pytest.mark.parametrize("stale, sql, back", HELD, ids=[stale for stale, _, _ in HELD])
def test_what_speaks_against_a_status_is_shown_as_in_the_api(filled, as_grafana, stale,
                                                             sql, back):
    with filled.connect() as admin, admin.cursor() as cursor:
        cursor.execute("SET search_path = tlsrptd; " + sql)
        admin.commit()
        try:
            api = Api(filled.ports["api"])
            numbers = {why: ApiNumbers(api, chosen) for why, chosen in (
                ("ready", DEMO), ("enforcing", DEMO | {"domain": "enforcing.demo.example"}))}
            got = {why: rows_of(as_grafana, sql_of(DOMAIN, "Verdict"), of.variables)
                   for why, of in numbers.items()}
            assert got == {why: about(of) for why, of in numbers.items()}
            # domain, data, state, stale, ...
            assert got["ready"][0][2:4] == ("unknown", stale)
            assert got["enforcing"][0][2:4] == ("enforcing", stale)
            assert "ready" not in got["ready"][0][-1]
            fleet = rows_of(as_grafana, sql_of(OVERVIEW, "Verdicts"), DEMO)
            assert sorted(fleet) == sorted(states(numbers["ready"]))
        finally:
            cursor.execute(back)
            admin.commit()


def test_all_of_the_demo_is_compared(filled):
    assert set(EMPTY) == {one["domain"] for one in
                          Api(filled.ports["api"]).all_pages("/v1/domains") if one["demo"]}


def test_the_demo_is_marked_and_in_no_sum_with_real_data(filled, as_grafana):
    for domain in EMPTY:
        ((_, data, *_),) = rows_of(as_grafana, sql_of(DOMAIN, "Verdict"),
                                   DEMO | {"domain": domain})
        assert data == "demo"
    for title, _ in grafana.queries(OVERVIEW):
        sql = sql_of(OVERVIEW, title)
        assert title in ("Reports", "variable data") or "WHERE data = ${data" in sql, title


def test_every_query_is_held_against_the_api():
    asked = {(dashboard["uid"], title) for dashboard in (OVERVIEW, DOMAIN)
             for title, _ in grafana.queries(dashboard)}
    assert asked == set(SHOWS)
    assert len(grafana.FILES) == 2, "a dashboard that this file does not know"


# --- what holds for every dashboard ------------------------------------------------------


@pytest.mark.parametrize("path", grafana.FILES, ids=lambda path: path.name)
def test_rules_of_the_house(path):
    dashboard = grafana.load(path)
    assert dashboard["timezone"] == "utc", "days are UTC days"
    ids = [panel["id"] for panel in grafana.panels(dashboard)]
    assert len(ids) == len(set(ids))
    for panel in grafana.panels(dashboard):
        assert len(panel["description"]) > 40, panel["title"]
        assert panel["datasource"]["uid"] == "tlsrptd", panel["title"]
    for variable in dashboard["templating"]["list"]:
        assert variable["description"], variable["name"]
    for title, sql in grafana.queries(dashboard):
        # A bar is a day however wide the panel is.
        for macro in ("$__interval", "timeGroup", "EpochGroup", "$__range"):
            assert macro not in sql, (title, macro)
        for source in re.findall(r"\b(?:FROM|JOIN)\s+(\S+)", sql):
            assert re.fullmatch(r"tlsrptd\.grafana_\w+", source), (title, source)


def test_uids_are_what_links_and_bookmarks_know():
    assert {grafana.load(path)["uid"] for path in grafana.FILES} == {
        "tlsrptd-overview", "tlsrptd-domain"}
    for path in grafana.FILES:
        for uid in re.findall(r"/d/([\w-]+)", path.read_text()):
            assert uid in ("tlsrptd-overview", "tlsrptd-domain"), (path, uid)


def test_lists_to_choose_from_are_whole():
    for dashboard in (OVERVIEW, DOMAIN):
        chosen = {variable["name"]: variable["query"].split(",")
                  for variable in dashboard["templating"]["list"]
                  if variable["type"] == "custom"}
        assert sorted(chosen["policy_type"]) == sorted(POLICY_TYPES)
        assert sorted(chosen["result_type"]) == sorted(RESULT_TYPES)


def test_grafana_reads_its_views_and_no_table(filled, as_grafana):
    names = {name for (name,) in filled.rows(
        "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p', 'v') "
        "AND relnamespace = 'tlsrptd'::regnamespace")}
    views = {name for name in names if name.startswith("grafana_")}
    assert views and {"report", "failure_detail"} <= names
    for name in names - views:
        with pytest.raises(psycopg2.errors.InsufficientPrivilege), \
                as_grafana.cursor() as cursor:
            cursor.execute(f"SELECT FROM tlsrptd.{name} LIMIT 1")
    for name in views:
        with as_grafana.cursor() as cursor:
            cursor.execute(f"SELECT * FROM tlsrptd.{name} LIMIT 1")
        with pytest.raises(psycopg2.Error), as_grafana.cursor() as cursor:
            cursor.execute(f"DELETE FROM tlsrptd.{name}")


# --- provisioning and Prometheus ---------------------------------------------------------


def test_provisioning_names_what_the_dashboards_use():
    folder = grafana.FOLDER / "provisioning"
    sources_ = yaml.safe_load((folder / "datasources/tlsrptd.yaml").read_text())
    (source,) = sources_["datasources"]
    assert source["uid"] == "tlsrptd"
    for path in grafana.FILES:
        for panel in grafana.panels(grafana.load(path)):
            assert panel["datasource"]["type"] == source["type"]
    providers = yaml.safe_load((folder / "dashboards/tlsrptd.yaml").read_text())
    (provider,) = providers["providers"]
    assert provider["type"] == "file"


def promtool(*words):
    done = subprocess.run(["promtool", *words], capture_output=True, text=True,
                          timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_promtool_is_content():
    folder = grafana.FOLDER / "prometheus"
    assert "0 rules found" not in promtool("check", "rules", str(folder / "alerts.yml"))
    promtool("check", "config", str(folder / "prometheus.yml"))
    promtool("test", "rules", str(SOURCE / "tests/system/alerts_test.yml"))


def test_alerts_ask_for_metrics_that_exist():
    known = subprocess.run([TLSRPTD, "--help-metrics"], env=ENVIRONMENT,
                           capture_output=True, text=True).stdout
    rules = yaml.safe_load((grafana.FOLDER / "prometheus/alerts.yml").read_text())
    alerts = [rule for group in rules["groups"] for rule in group["rules"]]
    assert len({alert["alert"] for alert in alerts}) == len(alerts)
    tested = yaml.safe_load((SOURCE / "tests/system/alerts_test.yml").read_text())
    fires = {check["alertname"] for test in tested["tests"]
             for check in test["alert_rule_test"] if check.get("exp_alerts")}
    for alert in alerts:
        assert alert["annotations"]["summary"] and alert["annotations"]["description"]
        assert alert["labels"]["severity"] in ("warning", "critical")
        assert alert["alert"] in fires, "no test in which it fires"
        for name in re.findall(r"\btlsrptd_\w+", alert["expr"]):
            assert f"\n{name} " in known, name
