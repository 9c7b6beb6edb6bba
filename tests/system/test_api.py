"""The API over HTTP: what it answers, to whom, and what it refuses.

Every answer of a route is held against api/rest/openapi.yaml by http_client.check.
"""

import base64
import datetime
import gzip
import io
import json
import subprocess
import threading
import types
import urllib.parse
import uuid
import zipfile

import pytest

import looks
import posts
import reports
from conftest import (ENVIRONMENT, TLSRPTD, Daemon, Postgres, copy_of, running, table,
                      wait_until)
from http_client import CHECKED, METHODS, OPENAPI, Api, check
from reports import days_ago, detail, sts

DAY = days_ago(5)


def quoted(text):
    return urllib.parse.quote(text, safe="")


def failing(domain, day, n=2, reporter="google.com"):
    return reports.report(sts(domain, 100, n, [detail("certificate-expired", n,
                                                      f"mx1.{domain}")]),
                          day=day, reporter=reporter)


@pytest.fixture(scope="module")
def filled(first_start):
    """One daemon with reports of two domains, a quarantined mail and an ordinary one."""
    domains = ("firm.example", "other.example", "bücher.example")
    with running(first_start, domains=domains) as daemon:
        first = failing("firm.example", days_ago(3))
        paths = reports.write_json(daemon.base / "in", [first] + [
            failing("firm.example", days_ago(n)) for n in range(4, 9)] + [
            reports.report(sts("other.example", 7), day=DAY, reporter="microsoft.com"),
            reports.report([sts("firm.example", 90, 1), sts("other.example", 3)], day=DAY,
                           reporter="mail.ru"),
            reports.report([reports.policy("tlsa", "firm.example", 50),
                            sts("firm.example", 60)], day=days_ago(4),
                           reporter="microsoft.com")])
        daemon.cli("import", "--vouch", *paths)
        # Nobody vouches for these: a copy of the first, and one of its own.
        daemon.send(reports.mail(first))
        daemon.unvouched = daemon.send(reports.mail(failing("firm.example", DAY, 1)))
        daemon.bad = daemon.send(reports.mail([], payloads=[b"{"]))
        daemon.ordinary = daemon.send(reports.plain_mail(), to="postmaster@firm.example")
        daemon.drained().evaluated()
        yield daemon


@pytest.fixture
def api(filled):
    return Api(filled.ports["api"])


@pytest.fixture
def tokens(filled):
    """Makes tokens; afterwards there are none."""
    made = []

    def make(*words):
        token = filled.cli("token", "create", *words).strip()
        made.append(token)
        # Known to the running server two seconds later at most.
        wait_until("the token opens", lambda: Api(filled.ports["api"], token).ask(
            "GET", "/v1/status").status == 200)
        return token

    yield make
    for line in filled.cli("token", "list").splitlines():
        filled.cli("token", "revoke", line.split("\t")[0])
    wait_until("reads are open again", lambda: Api(filled.ports["api"]).ask(
        "GET", "/v1/domains").status == 200)


def receipt_path(receipt_id):
    return "/v1/receipts/" + receipt_id


# --- what is answered ---------------------------------------------------------------


def test_status(filled, api):
    status = api.json("/v1/status")
    assert status == filled.status(), "the same as `tlsrptd status --json`"
    assert (status["database"], status["reports_stored"]) == ("ok", 11)
    assert (status["reports_duplicate"], status["reports_quarantined"]) == (0, 1)


def test_domains(api):
    page = api.json("/v1/domains?verdicts=true")
    assert [(one["domain"], one["readiness"]["verdict"]) for one in page["items"]] == [
        ("firm.example", "not_ready"), ("other.example", "insufficient_evidence"),
        ("xn--bcher-kva.example", "insufficient_evidence")]
    assert page["next_cursor"] is None
    assert [one["domain"] for one in api.all_pages("/v1/domains?limit=1")] == [
        "firm.example", "other.example", "xn--bcher-kva.example"]
    assert "readiness" not in api.json("/v1/domains")["items"][0]
    assert [one["domain"] for one in api.json("/v1/domains?search=BER")["items"]] == []
    assert [one["domain"] for one in api.json("/v1/domains?search=BCHER")["items"]] == [
        "xn--bcher-kva.example"]
    one = api.json("/v1/domains/firm.example")
    assert one["mx_hosts"] == ["mx1.firm.example"]
    assert one["readiness"] == page["items"][0]["readiness"]
    assert one["readiness"]["blocking"][0] == "no_refused_sessions"
    verdict = api.json("/v1/domains/firm.example/readiness")
    for name in ("verdict", "health", "confidence", "basis", "sentence", "earliest_ready"):
        assert one["readiness"][name] == verdict[name], name


def test_fleet(api):
    """By state; test_fleet.py has how they change."""
    assert api.json("/v1/fleet")["states"] == {
        "ready": 0, "not_ready": 1, "insufficient_evidence": 2, "enforcing": 0,
        "not_applicable": 0, "unknown": 0}
    assert [(one["domain"], one["readiness"]["state"])
            for one in api.json("/v1/domains?state=not_ready")["items"]] == [
        ("firm.example", "not_ready")]
    assert [one["domain"] for one in api.all_pages(
        "/v1/domains?state=insufficient_evidence&limit=1")] == [
        "other.example", "xn--bcher-kva.example"]
    assert api.json("/v1/domains?state=ready")["items"] == []
    (change,) = api.json("/v1/domains/other.example/changes")["items"]
    assert (change["change"], change["from"], change["to"]["verdict"]) == (
        1, None, "insufficient_evidence")
    assert change["settings"]["window_days"] == 14


@table("why, path", [
    ("U-label", "/v1/domains/" + quoted("bücher.example")),
    ("upper case and a dot at the end", "/v1/domains/" + quoted("BÜCHER.example.")),
    ("A-label", "/v1/domains/xn--bcher-kva.example")])
def test_any_spelling_is_taken_and_a_labels_answered(api, why, path):
    assert api.json(path)["domain"] == "xn--bcher-kva.example"


def test_summary(filled, api):
    range_ = f"?from={days_ago(10)}&to={days_ago(0)}"
    summary = api.json("/v1/domains/firm.example/summary" + range_)
    by_day = {day["day"]: day for day in summary["days"]}
    # Two vouched reports (google, mail.ru) and one that nobody vouches for.
    assert by_day[str(DAY)]["vouched"] == {
        "reports": 2, "success_sessions": 190, "failure_sessions": 3,
        "unexplained_sessions": 1}
    assert by_day[str(DAY)]["unvouched"]["success_sessions"] == 100
    # Microsoft: the same sessions twice.
    assert by_day[str(days_ago(4))]["vouched"]["success_sessions"] == 100 + 60
    # The copy that a vouched report repeats is nowhere.
    assert by_day[str(days_ago(3))]["unvouched"]["reports"] == 0
    assert {(row["policy_type"], row["reporter"]) for row in summary["rows"]
            if row["day"] == str(days_ago(4))} == {
        ("sts", "google.com"), ("sts", "microsoft.com"), ("tlsa", "microsoft.com")}
    total = summary["total"]["vouched"]
    for name in total:
        assert total[name] == sum(day["vouched"][name] for day in summary["days"])
    # Vouched days are the rollup's, which the writer keeps and recount.py checks.
    assert total["success_sessions"] == filled.value(
        "SELECT sum(vouched_success_sessions)::bigint FROM domain_day"
        " WHERE policy_domain = 'firm.example' AND kind = 9")

    only = api.json("/v1/domains/firm.example/summary" + range_ + "&vouched=true")
    assert only["total"]["unvouched"] is None
    assert all(row["vouched"] for row in only["rows"])
    none = api.json("/v1/domains/firm.example/summary?from=2026-01-01&to=2026-01-02")
    assert (none["days"], none["rows"]) == ([], [])


def test_failures(api):
    found = api.json(f"/v1/domains/firm.example/failures?from={days_ago(10)}&vouched=true")
    first = found["items"][0]
    assert (first["result_type"], first["receiving_mx"], first["failed_sessions"],
            first["reports"]) == ("certificate-expired", "mx1.firm.example", 12, 6)
    assert [one["result_type"] for one in found["items"]] == ["certificate-expired",
                                                              "unexplained"]
    cut = api.json("/v1/domains/firm.example/failures?limit=1")
    assert len(cut["items"]) == 1 and cut["groups_left_out"] >= 1


def test_readiness_is_what_the_command_line_says(filled, api):
    verdict = api.json("/v1/domains/firm.example/readiness?live=false")
    _, same = filled.readiness("firm.example", "--reports-only")
    for one in (verdict, same):
        del one["as_of"]
    assert verdict == same
    assert api.json("/v1/domains/firm.example/readiness")["basis"] != verdict["basis"]


def test_readiness_as_of(api):
    verdict = api.json(f"/v1/domains/firm.example/readiness?as_of={days_ago(20)}")
    assert verdict["as_of"].startswith(str(days_ago(20)))
    assert verdict["verdict"] == "insufficient_evidence"


def test_a_longer_window_asks_for_more(api):
    usual = api.json("/v1/domains/firm.example/readiness")
    longer = api.json("/v1/domains/firm.example/readiness?window_days=28")
    assert longer["window"]["last_day"] == usual["window"]["last_day"]
    assert longer["window"]["first_day"] == str(days_ago(29))
    api.get("/v1/domains/firm.example/readiness?window_days=13", 400)


def test_evidence_of_a_verdict_leads_to_its_reports(api):
    verdict = api.json("/v1/domains/firm.example/readiness")
    refused = next(one for one in verdict["criteria"] if one["id"] == "no_refused_sessions")
    assert refused["evidence"]
    for report_id in refused["evidence"]:
        assert api.json("/v1/reports/" + report_id)["id"] == report_id


def test_a_report_and_the_bytes_it_came_in(filled, api):
    listed = [one for one in api.all_pages("/v1/domains/firm.example/reports")
              if one["receipt_id"] == filled.unvouched]
    assert len(listed) == 1 and listed[0]["provenance"] == "none"
    path = "/v1/reports/" + listed[0]["id"]
    report = api.json(path)
    result = report["policy_results"][0]
    assert (result["success_sessions"], result["failure_sessions"]) == (100, 1)
    assert result["failure_details"][0]["receiving_mx"] == "mx1.firm.example"
    assert result["policy"]["mode"] == "testing"
    raw = api.get(path + "/raw")
    assert raw.body == bytes(filled.value(
        "SELECT body FROM receipt_raw WHERE receipt_id = %s", filled.unvouched))
    assert raw.headers["content-type"] == "application/octet-stream"
    assert raw.headers["content-disposition"].startswith("attachment")
    assert raw.headers["x-content-type-options"] == "nosniff"


def test_reports_by_pages_and_filters(api):
    base = f"/v1/domains/firm.example/reports?from={days_ago(10)}"
    everything = api.all_pages(base)
    assert len(everything) == 10
    assert api.all_pages(base + "&limit=3") == everything
    assert [one["day"] for one in everything] == sorted(
        (one["day"] for one in everything), reverse=True)
    assert {one["vouched"] for one in api.all_pages(base + "&vouched=false")} == {False}
    assert [one["repeats_vouched"] for one in everything].count(True) == 1
    assert {(one["vouched"], one["why_unvouched"], one["from_known"])
            for one in everything} == {(True, None, True),
                                       (False, "no DKIM signature", True)}
    assert {one["reporter"] for one in api.all_pages(base + "&reporter=GOOGLE.com")} == {
        "google.com"}


def test_pages_are_stable_while_reports_come_in(filled, api):
    target = f"/v1/domains/other.example/reports?from={days_ago(10)}&limit=1"
    before = {one["id"] for one in api.all_pages(target)}

    def send():
        for _ in range(40):
            filled.send(reports.mail(reports.report(sts("other.example", 1), day=DAY),
                                     domain="other.example"), to="tlsrpt@other.example")

    sender = threading.Thread(target=send)
    sender.start()
    try:
        while sender.is_alive():
            seen = [one["id"] for one in api.all_pages(target)]
            assert len(seen) == len(set(seen)), "none twice"
            assert before <= set(seen), "none left out"
    finally:
        sender.join()
    filled.drained()
    assert len(api.all_pages(target)) == len(before) + 40


def test_receipts_and_quarantine(filled, api):
    receipts = api.all_pages("/v1/receipts?limit=4")
    assert [one["id"] for one in receipts] == sorted(
        (one["id"] for one in receipts), reverse=True), "the newest first"
    assert {one["id"]: one["outcome"] for one in receipts}[filled.ordinary] == "ordinary"
    assert {one["transport"] for one in api.all_pages("/v1/receipts?transport=import")} == {
        "import"}
    quarantine = api.json("/v1/quarantine")["items"]
    assert [one["id"] for one in quarantine] == [filled.bad]
    assert (quarantine[0]["reason"], quarantine[0]["quarantined_count"]) == ("parse", 1)
    assert api.json("/v1/quarantine?reason=unpack")["items"] == []
    refused = api.ask("GET", "/v1/quarantine?reason=keys")
    check(refused)
    assert refused.status == 400 and "reason=keys" in refused.json()["detail"]
    assert "foreign_domain" in refused.json()["detail"]
    assert api.json("/v1/quarantine?vouched=true")["items"] == []
    assert api.json(receipt_path(filled.bad)) == quarantine[0]
    assert b"multipart/report" in api.get(receipt_path(filled.bad) + "/raw").body


def test_strings_of_strangers_stay_strings(filled, api):
    hostile = '"><script>alert(1)</script>\u202e\u0000\ud7ff'
    one = reports.report(sts("other.example", 1, 1, [dict(
        detail("validation-failure", 1), **{"failure-reason-code": hostile,
                                            "additional-information": hostile})]),
        day=days_ago(6), **{"organization-name": hostile})
    # Bytes that are no UTF-8, inside a string.
    text = json.dumps(one).encode().replace(b"mx1.firm.example", b"mx1.\xff\xfe.example", 1)
    path = filled.base / "hostile.json"
    path.write_bytes(text)
    path.chmod(0o644)
    filled.cli("import", "--vouch", str(path))
    listed = [one for one in api.all_pages("/v1/domains/other.example/reports")
              if "script" in (one["organisation"] or "")]
    assert len(listed) == 1
    whole = api.json("/v1/reports/" + listed[0]["id"])
    found = whole["policy_results"][0]["failure_details"][0]
    assert found["reason"] == '"><script>alert(1)</script>\u202e\ufffd\ud7ff'
    api.get("/v1/domains/other.example/failures")
    api.get("/v1/domains/other.example/readiness")


# --- what is refused ----------------------------------------------------------------


@table("why, target, status", [
    ("no such path", "/v1/nothing", 404),
    ("a slash too many", "/v1/domains/", 400),
    ("dots", "/v1/../v1/status", 400),
    ("half an escape", "/v1/domains/%4", 400),
    ("a domain that is not ours", "/v1/domains/unknown.example", 404),
    ("its summary", "/v1/domains/unknown.example/summary", 404),
    ("no domain name at all", "/v1/domains/" + quoted("a b"), 400),
    ("an address", "/v1/domains/192.0.2.1", 400),
    ("a parameter nobody knows", "/v1/domains?limits=5", 400),
    ("a parameter twice", "/v1/domains?limit=5&limit=6", 400),
    ("limit 0", "/v1/domains?limit=0", 400),
    ("limit past its bound", "/v1/domains?limit=501", 400),
    ("no state", "/v1/domains?state=perhaps", 400),
    ("a cursor of another list", "/v1/domains/firm.example/changes?cursor=WyJkb21haW5zIiwi"
     "YSJd", 400),
    ("no date", "/v1/domains/firm.example/summary?from=last-week", 400),
    ("from after to", "/v1/domains/firm.example/summary?from=2026-02-02&to=2026-02-01",
     400),
    ("too many days", "/v1/domains/firm.example/summary?from=2020-01-01&to=2026-01-01",
     400),
    ("no boolean", "/v1/domains/firm.example/summary?vouched=1", 400),
    ("no cursor", "/v1/domains?cursor=!!", 400),
    ("an empty cursor", "/v1/receipts?cursor=", 400),
    ("no outcome", "/v1/receipts?outcome=lost", 400),
    ("no transport", "/v1/receipts?transport=pigeon", 400),
    ("no report id", "/v1/reports/x", 404),
    ("no report of that id", "/v1/reports/firm.example~2026-11-20~google.com~"
     "00112233-4455-6677-8899-aabbccddeeff", 404),
    ("no receipt id", "/v1/receipts/x", 404),
    ("no receipt of that id", "/v1/receipts/019abcde-0000-7000-8000-000000000000", 404),
    ("the future: reports of its last days are still on their way",
     f"/v1/domains/firm.example/readiness?as_of={days_ago(-1)}", 400),
    ("a time in no form", "/v1/domains/firm.example/readiness?as_of=now", 400)])
def test_refused(api, why, target, status):
    answer = api.ask("GET", target)
    assert answer.status == status, answer.body
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == status and problem["detail"] and problem["title"]


def test_cursor_of_another_list(api):
    cursor = api.json("/v1/receipts?limit=1")["next_cursor"]
    assert cursor
    api.get("/v1/quarantine?cursor=" + cursor, 400)
    # Altered, it is a cursor of something else or none; never an error of ours.
    for i in range(0, len(cursor), 5):
        other = cursor[:i] + ("A" if cursor[i] != "A" else "B") + cursor[i + 1:]
        assert api.ask("GET", "/v1/receipts?cursor=" + other).status in (200, 400)


def test_methods_are_those_of_the_description(api):
    for path, item in OPENAPI["paths"].items():
        target = path.replace("{domain}", "firm.example").replace("{report}", "x").replace(
            "{receipt}", "x")
        answer = api.ask("BREW", target)
        assert answer.status == 405, path
        want = {method.upper() for method in METHODS if method in item}
        want |= {"HEAD"} if "GET" in want else set()
        assert set(answer.headers["allow"].split(", ")) == want, path


def test_head_is_get_without_a_body(api):
    get, head = api.ask("GET", "/v1/domains"), api.ask("HEAD", "/v1/domains")
    assert (head.status, head.body) == (200, b"")
    assert head.headers["etag"] == get.headers["etag"]
    assert head.headers["content-length"] == get.headers["content-length"]


# --- on the wire --------------------------------------------------------------------


def test_etag(api):
    first = api.ask("GET", "/v1/domains")
    tag = first.headers["etag"]
    assert tag.startswith('"')
    again = api.ask("GET", "/v1/domains", If_None_Match=f'"x", {tag}')
    assert (again.status, again.body, again.headers["etag"]) == (304, b"", tag)
    assert api.ask("GET", "/v1/domains?limit=1", If_None_Match=tag).status == 200


def test_gzip(api):
    plain = api.ask("GET", "/openapi.yaml")
    packed = api.ask("GET", "/openapi.yaml", Accept_Encoding="br, gzip;q=0.5")
    assert packed.unpacked() == plain.body
    assert packed.headers["etag"] != plain.headers["etag"]
    assert "Accept-Encoding" in packed.headers["vary"]
    assert "content-encoding" not in api.ask(
        "GET", "/openapi.yaml", Accept_Encoding="gzip;q=0").headers
    assert api.ask("GET", "/openapi.yaml", Accept_Encoding="gzip",
                   If_None_Match=packed.headers["etag"]).status == 304


def test_compressed_by_curl(api):
    done = subprocess.run(
        ["curl", "--silent", "--fail", "--compressed", "--noproxy", "*",
         f"http://127.0.0.1:{api.port}/v1/domains/firm.example/summary"],
        capture_output=True, timeout=60, check=True)
    assert json.loads(done.stdout)["domain"] == "firm.example"


@table("why, host, status", [
    ("by name", "localhost", 200),
    ("with its port", "127.0.0.1:{port}", 200),
    ("DNS rebinding: a page's own name that now leads here", "evil.example", 403),
    ("with our port", "evil.example:{port}", 403),
    ("a name that begins with ours", "localhost.evil.example", 403)])
def test_host(api, why, host, status):
    for target in ("/v1/domains", "/metrics", "/livez", "/nothing"):
        answer = api.ask("GET", target, Host=host.format(port=api.port))
        assert answer.status == (404 if status == 200 and target == "/nothing"
                                 else status), target


# --- who may ------------------------------------------------------------------------


def raw_of(daemon, receipt_id):
    return receipt_path(receipt_id) + "/raw"


def test_tokens(filled, api, tokens):
    everyone = ["/v1/status", "/v1/domains", "/v1/receipts", "/v1/quarantine", "/metrics"]
    for target in everyone:
        api.get(target)
    read = Api(api.port, tokens("--name", "a reader"))
    # From the first token on, reads need one.
    for target in everyone:
        refused = api.get(target, 401)
        assert refused.headers["www-authenticate"].startswith("Bearer")
        read.get(target)
    for target in ("/livez", "/readyz", "/openapi.yaml"):
        api.get(target)
    assert read.ask("DELETE", "/v1/domains/firm.example").status == 403
    assert read.ask("GET", "/v1/status", Authorization="Bearer x").status == 401
    listed = [line.split("\t") for line in filled.cli("token", "list").splitlines()]
    assert [(line[1], line[2], line[4]) for line in listed] == [("read", "*", "a reader")]
    assert read.token[-43:] not in str(filled.rows("SELECT * FROM token"))
    filled.cli("token", "revoke", listed[0][0])
    wait_until("it opens nothing", lambda: read.ask("GET", "/v1/status").status == 401)
    filled.cli("token", "revoke", listed[0][0], check=66)


def test_a_token_with_domains(filled, tokens):
    every = Api(filled.ports["api"], tokens())
    firm = Api(filled.ports["api"], tokens("--for", "firm.example"))
    assert [one["domain"] for one in firm.all_pages("/v1/domains")] == ["firm.example"]
    firm.get("/v1/domains/firm.example/summary")
    for part in ("", "/summary", "/failures", "/readiness", "/reports"):
        firm.get("/v1/domains/other.example" + part, 403)
        firm.get("/v1/domains/unknown.example" + part, 403)
    firm.get("/metrics", 403)

    by_id = {one["id"]: one for one in every.all_pages("/v1/receipts")}
    domains_of = {receipt_id: {ref.split("~")[0] for ref in one["reports"]}
                  for receipt_id, one in by_id.items()}
    own = [i for i, domains in domains_of.items() if domains == {"firm.example"}
           and not by_id[i]["duplicate_count"]]
    shared = [i for i, domains in domains_of.items()
              if domains == {"firm.example", "other.example"}]
    assert own and len(shared) == 1
    seen = {one["id"] for one in firm.all_pages("/v1/receipts?limit=2")}
    # One in quarantine that names firm.example alone is its own, too.
    assert seen == set(own) | {filled.bad}
    for receipt_id in own[:2]:
        firm.get(raw_of(filled, receipt_id))
    # Each of these may hold words about other domains.
    for receipt_id in shared + [filled.ordinary]:
        every.get(raw_of(filled, receipt_id))
        firm.get(raw_of(filled, receipt_id), 404)
    part = next(ref for ref in by_id[shared[0]]["reports"]
                if ref.startswith("firm.example~"))
    other_part = next(ref for ref in by_id[shared[0]]["reports"]
                      if ref.startswith("other.example~"))
    firm.get("/v1/reports/" + part)
    firm.get("/v1/reports/" + part + "/raw", 403)
    firm.get("/v1/reports/" + other_part, 403)
    every.get("/v1/reports/" + part + "/raw")


@pytest.fixture(scope="module")
def neighbours(first_start):
    """Two domains that must not see each other, with a token each and one for both."""
    with running(first_start, domains=("firm.example", "other.example")) as daemon:
        def api(*words):
            made = Api(daemon.ports["api"], daemon.cli("token", "create", *words).strip())
            wait_until("the token opens",
                       lambda: made.ask("GET", "/v1/status").status == 200)
            return made

        yield types.SimpleNamespace(
            daemon=daemon, every=api(), firm=api("--for", "firm.example"),
            other=api("--for", "other.example"),
            both=api("--for", "firm.example", "--for", "other.example"))


def test_an_mx_host_that_is_a_neighbour_opens_nothing(neighbours):
    """Whoever writes the policy of firm.example may write any name into it."""
    daemon, firm = neighbours.daemon, neighbours.firm
    daemon.cli("import", "--vouch", *reports.write_json(daemon.base / "in", [
        reports.report(sts("firm.example", 10, mx=["mx1.firm.example", "other.example"]),
                       day=DAY)]))
    daemon.cli("import", "--vouch", *reports.write_json(daemon.base / "in", [
        failing("other.example", DAY),
        reports.report(reports.policy("tlsa", "mx1.firm.example", 5, 1, [
            detail("validation-failure", 1)]), day=DAY)]))
    path = "/v1/domains/firm.example"
    assert firm.json(path)["mx_hosts"] == ["mx1.firm.example", "other.example"]

    def told(api):
        """Under which names, by each of the three lists."""
        summary = api.json(path + "/summary")
        return [{one["policy_domain"] for one in api.all_pages(path + "/reports?limit=1")},
                {one["policy_domain"] for one in api.json(path + "/failures")["items"]},
                {one["policy_domain"] for one in summary["rows"]},
                {one["mx_host"] for one in summary["mx_host_days"]}]

    own = ["firm.example", "mx1.firm.example"]
    assert told(firm) == [set(own), set(own[1:]), set(own), set(own[1:])]
    everything = ["firm.example", "mx1.firm.example", "other.example"]
    for api in (neighbours.every, neighbours.both):
        assert told(api) == [set(everything), set(everything[1:]), set(everything),
                             set(everything[1:])]
    for one in neighbours.every.all_pages(path + "/reports"):
        target = "/v1/reports/" + one["id"]
        for api in (neighbours.every, neighbours.both):
            api.get(target)
        firm.get(target, 403 if one["policy_domain"] == "other.example" else 200)


def partial_duplicate(daemon):
    """The part about firm.example is another receipt's; its own says other.example."""
    first = reports.report(sts("firm.example"), day=DAY)
    daemon.send(reports.mail(first))
    daemon.drained()
    both = dict(first, policies=[sts("firm.example"), sts("other.example")])
    return daemon.send(reports.mail(both))


def dropped(daemon):
    """What named other.example is in quarantine no more."""
    good = gzip.compress(json.dumps(reports.report(sts("firm.example"), day=DAY)).encode())
    receipt_id = daemon.send(reports.mail([], "other.example", payloads=[good, b"{"]))
    daemon.drained()
    daemon.cli("quarantine", "drop", receipt_id, "--why", "a test")
    return receipt_id


def unreadable_member(daemon):
    """A zip with a report on firm.example, and a file that only its name tells of."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a.json", json.dumps(reports.report(sts("firm.example"), day=DAY)))
        archive.writestr("google.com!other.example!1!2.json.gz", gzip.compress(b"{}")[:-9])
    status, _, answer = posts.post(daemon, out.getvalue(), Content_Type="application/zip")
    assert status == 202, answer
    return answer["receipt_id"]


@table("why, who, make", [
    ("a part of it came before", "other", partial_duplicate),
    ("a part of it was dropped", "firm", dropped),
    ("a part of it cannot be read", "firm", unreadable_member)])
def test_the_bytes_of_two_domains_are_shown_to_neither(neighbours, why, who, make):
    receipt_id = make(neighbours.daemon)
    neighbours.daemon.drained()
    for api in (neighbours.every, getattr(neighbours, who)):
        status = 200 if api is neighbours.every else 404
        api.get(receipt_path(receipt_id), status)
        api.get(receipt_path(receipt_id) + "/raw", status)
        listed = {one["id"] for one in api.all_pages("/v1/receipts")}
        assert (receipt_id in listed) == (status == 200)


def broken(daemon, domain):
    receipt_id = daemon.send(reports.mail([], domain, payloads=[b"{"]),
                             to="tlsrpt@" + domain)
    daemon.drained()
    return receipt_id


def place_in(cursor):
    """The receipt id that anybody can read in it."""
    return json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))[2]


@table("why, path", [("all", "/v1/receipts"), ("quarantine", "/v1/quarantine")])
def test_a_cursor_tells_nothing_of_others(neighbours, why, path):
    own = []
    for _ in range(3):
        broken(neighbours.daemon, "other.example")
        own.append(broken(neighbours.daemon, "firm.example"))
        broken(neighbours.daemon, "other.example")
    seen, cursor = [], ""
    while cursor is not None:
        page = neighbours.firm.json(f"{path}?limit=1" + (cursor and f"&cursor={cursor}"))
        seen += [one["id"] for one in page["items"]]
        cursor = page["next_cursor"]
        assert cursor is None or place_in(cursor) in seen
        assert len(page["items"]) == 1, "no page is short"
    assert set(own) <= set(seen)
    assert seen == [one["id"] for one in neighbours.firm.all_pages(path)]


def test_nor_does_one_behind_thousands_of_others(neighbours):
    """kMaxRowsLookedAt ends a page between two receipts, at the start of a minute."""
    newest = broken(neighbours.daemon, "firm.example")
    last = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(hours=1)

    def id_of(n):
        millis = round(last.timestamp() * 1000) - 100 * n
        return str(uuid.UUID(int=(millis << 80) | (7 << 76) | (2 << 62) | n))

    def copies(ids, domain):
        with neighbours.daemon.connect() as connection, connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO tlsrptd.receipt SELECT (jsonb_populate_record(r, "
                "jsonb_build_object('receipt_id', id, 'quarantined_domains', %s::text[]))"
                ").* FROM tlsrptd.receipt AS r, unnest(%s) AS id WHERE receipt_id = %s",
                ([domain], ids, newest))
        connection.close()

    copies([id_of(n) for n in range(6000)], "other.example")
    copies([id_of(6000)], "firm.example")
    before = [one["id"] for one in neighbours.firm.all_pages("/v1/quarantine")]
    assert (before[0], before[-1]) == (newest, id_of(6000))
    page = neighbours.firm.json("/v1/quarantine")
    assert [one["id"] for one in page["items"]] == before[:-1]
    place = uuid.UUID(place_in(page["next_cursor"])).int
    assert (place % (1 << 80), (place >> 80) % 60_000) == (0, 0)
    # What is newer was looked at, too: the other tests' as well.
    newer = neighbours.daemon.value(
        "SELECT count(*) FROM receipt WHERE receipt_id > %s", id_of(0))
    assert id_of(6000) < str(uuid.UUID(int=place)) < id_of(4999 - newer)
    page = neighbours.firm.json("/v1/quarantine?cursor=" + page["next_cursor"])
    assert ([one["id"] for one in page["items"]], page["next_cursor"]) == (before[-1:], None)


def test_domains_come_and_go(filled, api, tokens):
    body = json.dumps({"domain": "Neu.Bücher.example"})
    json_type = {"Content_Type": "application/json"}
    assert api.ask("POST", "/v1/domains", body, **json_type).status == 401, (
        "changes need a token, on the loopback as well")
    admin = Api(api.port, tokens("--scope", "admin"))

    added = admin.ask("POST", "/v1/domains", body, **json_type)
    check(added)
    name = "neu.xn--bcher-kva.example"
    assert (added.status, added.json()["domain"], added.json()["source"]) == (
        201, name, "command")
    assert admin.json(added.headers["location"])["domain"] == name
    again = admin.ask("POST", "/v1/domains", body, **json_type)
    check(again)
    assert again.status == 200
    wait_until("it takes mail", lambda: filled.accepts("tlsrpt@" + name))

    for why, wrong, headers, status in [
            ("a form can be sent by any page", body, {"Content_Type": "text/plain"}, 415),
            ("no type", body, {}, 415),
            ("no JSON", "{", json_type, 400),
            ("another member", '{"name": "a.example"}', json_type, 400),
            ("no domain", '{"domain": "a b"}', json_type, 400),
            ("a page of another site", body,
             {**json_type, "Origin": "http://evil.example"}, 403),
            ("a sandboxed page", body, {**json_type, "Origin": "null"}, 403)]:
        refused = admin.ask("POST", "/v1/domains", wrong, **headers)
        check(refused)
        assert refused.status == status, why
    same_site = admin.ask("POST", "/v1/domains", body,
                          Origin=f"http://127.0.0.1:{api.port}", **json_type)
    assert same_site.status == 200

    removed = admin.ask("DELETE", "/v1/domains/" + quoted("neu.bücher.example"))
    check(removed)
    assert removed.status == 204
    gone = admin.ask("DELETE", "/v1/domains/" + name)
    check(gone)
    assert gone.status == 404
    wait_until("it takes none", lambda: not filled.accepts("tlsrpt@" + name))

    some = Api(api.port, tokens("--scope", "admin", "--for", "firm.example"))
    assert some.ask("POST", "/v1/domains", body, **json_type).status == 403
    assert some.ask("DELETE", "/v1/domains/other.example").status == 403


def test_anywhere_else_a_token_is_needed(first_start, base):
    copy_of(first_start, base)
    daemon = Daemon(base)
    try:
        daemon.start("--api", "0.0.0.0:0", wait=False)
        assert daemon.ended() == 64
        assert "tlsrptd token create" in daemon.log_text()
        token = daemon.cli("token", "create").strip()
        daemon.start("--api", "0.0.0.0:0")
        port = daemon.ports["api"]
        assert Api(port).ask("GET", "/v1/domains").status == 401
        assert Api(port).ask("GET", "/livez").status == 200
        # A proxy's name is no attack where everybody needs a token.
        assert Api(port, token).ask("GET", "/v1/domains",
                                    Host="tlsrpt.firm.example").status == 200
        assert daemon.stop() == 0
    finally:
        daemon.clean_up()


# --- metrics ------------------------------------------------------------------------


def series_of(text):
    return {line.rsplit(" ", 1)[0]: float(line.rsplit(" ", 1)[1])
            for line in text.splitlines() if line and not line.startswith("#")}


def test_metrics(filled, api):
    text = api.get("/metrics").body.decode()
    series = series_of(text)
    assert series["tlsrptd_database_up"] == 1
    assert series["tlsrptd_spool_entries"] == 0
    status = api.json("/v1/status")
    assert series["tlsrptd_reports_stored_total"] == status["reports_stored"]
    assert series['tlsrptd_receipts_total{outcome="quarantined",transport="smtp"}'] == 1
    assert series['tlsrptd_receipts_total{outcome="ordinary",transport="smtp"}'] == 1
    # Six reports of google.com with two each.
    assert series['tlsrptd_failed_sessions_total{policy_type="sts",'
                  'result_type="certificate-expired",vouched="true"}'] == 12
    assert series['tlsrptd_sessions_total{policy_type="tlsa",result="success",'
                  'vouched="true"}'] == 50
    assert series["tlsrptd_batch_receipts_count"] >= 1
    assert series['tlsrptd_query_duration_seconds_count{query="status_totals"}'] >= 1
    assert series['tlsrptd_http_requests_total{code="200",route="getStatus"}'] >= 1
    # At each port: what came, what was taken, what was refused and why.
    assert series['tlsrptd_intake_accepted_total{transport="smtp"}'] >= 2
    assert series['tlsrptd_intake_accepted_bytes_total{transport="smtp"}'] > 1000
    assert series['tlsrptd_intake_refused_total{reason="no_room",transport="smtp"}'] == 0
    assert series['tlsrptd_intake_refused_total{reason="bad_request",'
                  'transport="https"}'] == 0
    assert "firm.example" not in text, "no label holds a domain"
    for name in ("tlsrptd_build_info", "tlsrptd_receipts_total"):
        assert name in subprocess.run([TLSRPTD, "--help-metrics"], env=ENVIRONMENT,
                                      capture_output=True, text=True).stdout


def test_metrics_of_the_intake(filled, api):
    def counted():
        series = series_of(api.get("/metrics").body.decode())
        return {name.removeprefix("tlsrptd_intake_"): value
                for name, value in series.items() if "_intake_" in name}

    before = counted()
    with filled.smtp() as client:
        client.starttls(context=posts.any_certificate())
        client.ehlo()
        client.mail("sender@google.com")
        assert client.rcpt("tlsrpt@nobody.example")[0] == 550
        assert counted()['open_connections{transport="smtp"}'] == 1
    assert posts.post(filled, b"x", path="/elsewhere")[0] == 404
    after = counted()
    more = {name: after[name] - before[name] for name in after}
    assert more['connections_total{transport="smtp"}'] == 1
    assert more['tls_sessions_total{transport="smtp"}'] == 1
    assert more['tls_failures_total{transport="smtp"}'] == 0
    assert more['refused_total{reason="unknown_recipient",transport="smtp"}'] == 1
    assert more['accepted_total{transport="smtp"}'] == 0
    assert more['connections_total{transport="https"}'] == 1
    assert more['refused_total{reason="wrong_path",transport="https"}'] == 1
    assert more["trusted_posts_total"] == 0


def test_promtool_is_content(api):
    done = subprocess.run(["promtool", "check", "metrics"],
                          input=api.get("/metrics").body, capture_output=True, timeout=60)
    assert (done.returncode, done.stdout + done.stderr) == (0, b"")


# --- processes apart, and the database away --------------------------------------------


@pytest.fixture
def apart(base):
    """Two intakes and an API on one database of the administrator's."""
    postgres = Postgres(base).start()
    daemons = []

    def start(role, *flags):
        folder = base / f"{role}{len(daemons)}"
        folder.mkdir(mode=0o755)
        daemon = Daemon(folder, "--node", folder.name, *flags, database=postgres.dsn)
        daemon.role = role
        daemons.append(daemon)
        return daemon.start()

    try:
        tool = Daemon(base, database=postgres.dsn)
        tool.cli("migrate")
        yield postgres, start
    finally:
        for daemon in daemons:
            daemon.clean_up()
        postgres.stop()


def test_roles_apart_and_the_database_away(apart):
    postgres, start = apart
    one = start("ingest", "--health", "127.0.0.1:0")
    two = start("ingest", "--health", "127.0.0.1:0")
    answering = start("api", "--health", "127.0.0.1:0")
    api = Api(answering.ports["api"])
    assert "api" not in one.ports and "smtp" not in answering.ports
    for daemon in (one, two):
        for _ in range(3):
            daemon.send(reports.mail(reports.report(sts("firm.example"), day=DAY)))
    wait_until("all six are stored",
               lambda: api.json("/v1/status")["reports_stored"] == 6)
    health = {daemon: Api(daemon.ports["health"]) for daemon in (one, two, answering)}
    stored = [series_of(health[daemon].get("/metrics").body.decode()).get(
        "tlsrptd_reports_stored_total", 0) for daemon in (one, two, answering)]
    assert stored == [3, 3, 0], "a node's own, so that a sum counts nothing twice"
    assert health[one].ask("GET", "/v1/status").status == 404, "health and metrics alone"

    postgres.stop()
    status = api.json("/v1/status")
    assert (status["database"], status["reports_stored"], status["spool_depth"]) == (
        "away", None, None)
    api.get("/livez")
    api.get("/readyz", 503)
    api.get("/v1/domains", 503)
    health[one].get("/readyz")
    assert series_of(health[one].get("/metrics").body.decode())["tlsrptd_database_up"] == 0
    one.send(reports.mail(reports.report(sts("firm.example"), day=DAY)))

    postgres.start()
    wait_until("it answers again",
               lambda: api.ask("GET", "/readyz").status == 200
               and api.json("/v1/status")["reports_stored"] == 7)
    for daemon in (answering, two, one):
        assert daemon.stop() == 0


def test_no_verdict_is_told_while_the_database_is_away(base):
    """What was last read of domains does not stand in /metrics: a `ready` of then is none
    of now."""
    postgres = Postgres(base).start()
    daemon = Daemon(base, "--migrate", database=postgres.dsn)
    daemon.environment = dict(ENVIRONMENT, TLSRPTD_METRICS_DOMAINS="firm.example")
    try:
        daemon.start()
        api = Api(daemon.ports["api"])

        def scraped():
            return series_of(api.get("/metrics").body.decode())

        def about_domains():
            return {name for name in scraped() if name.startswith(
                ("tlsrptd_fleet_domains", "tlsrptd_domain_verdict",
                 "tlsrptd_evaluation_due_age", "tlsrptd_evaluations_due"))}

        wait_until("the domain is there", lambda: sum(
            value for name, value in scraped().items()
            if name.startswith("tlsrptd_fleet_domains")) == 1)
        told = about_domains()
        for name in ('tlsrptd_fleet_domains{state="ready"}',
                     'tlsrptd_domain_verdict{domain="firm.example",verdict="ready"}',
                     "tlsrptd_evaluations_due", "tlsrptd_evaluation_due_age_seconds"):
            assert name in told

        postgres.stop()
        for _ in range(2):  # on the connection that broke, and without one
            assert about_domains() == set()
            assert scraped()["tlsrptd_database_up"] == 0

        postgres.start()
        wait_until("it is told again", lambda: about_domains() == told)
        assert scraped()["tlsrptd_database_up"] == 1
    finally:
        daemon.clean_up()


def test_status_of_serve_while_the_database_is_away(base):
    """Its own spool it can still see."""
    postgres = Postgres(base).start()
    daemon = Daemon(base, "--migrate", database=postgres.dsn)
    try:
        daemon.start()
        api = Api(daemon.ports["api"])
        postgres.stop()
        daemon.send(reports.mail(reports.report(sts("firm.example"), day=DAY)))
        status = api.json("/v1/status")
        assert (status["database"], status["reports_stored"], status["spool_depth"]) == (
            "away", None, 1)
    finally:
        daemon.clean_up()


# --- what somebody makes different -------------------------------------------------


def change(api, method, target, body=None):
    """A change, held against the description."""
    headers = {"Content_Type": "application/json"} if body is not None else {}
    answer = api.ask(method, target, None if body is None else json.dumps(body), **headers)
    check(answer)
    return answer


def test_waivers(filled, tokens):
    admin = Api(filled.ports["api"], tokens("--scope", "admin", "--name", "desk"))
    target = "/v1/domains/firm.example/waivers"
    assert admin.json(target) == {"items": []}
    made = change(admin, "POST", target, {
        "reporter": "google.com", "result_type": "certificate-expired",
        "mx": "mx1.firm.example", "reason": None, "why": "renewed",
        "until": str(days_ago(-90)), "max_sessions": 1000})
    assert made.status == 201, made.body
    made = made.json()
    assert (made["state"], made["accepted_sessions"]) == ("in_force", 12)
    assert made["who"].startswith("desk (token ")
    assert admin.json(target)["items"] == [made]
    assert admin.json("/v1/domains/firm.example/readiness?live=false")["waivers"] == [made]
    long_ago = f"?live=false&known_at={days_ago(1)}"
    assert admin.json("/v1/domains/firm.example/readiness" + long_ago)["waivers"] == []
    assert change(admin, "DELETE", f"{target}/{made['id']}").status == 204
    assert change(admin, "DELETE", f"{target}/{made['id']}").status == 204, "again"
    (ended,) = admin.json(target)["items"]
    assert (ended["state"], ended["withdrawn_by"]) == ("withdrawn", made["who"])
    assert change(admin, "DELETE", f"{target}/nothing").status == 404
    assert change(admin, "POST", target, {"reporter": None}).status == 400
    assert admin.ask("POST", target, "{}", Content_Type="text/plain").status == 415


def test_settings(filled, tokens):
    admin = Api(filled.ports["api"], tokens("--scope", "admin"))
    target = "/v1/domains/other.example/settings"

    def named(name):
        (found,) = [one for one in admin.json(target)["items"] if one["name"] == name]
        return found
    assert (named("min_sessions")["value"], named("min_sessions")["set_at"]) == (100, None)
    changed = change(admin, "PATCH", target, {"unsafe_min_sessions": 50,
                                              "required_reporters": "mail.ru"})
    assert changed.status == 200, changed.body
    weaker = named("unsafe_min_sessions")
    assert (weaker["value"], weaker["default"], weaker["unsafe"]) == (50, 100, True)
    assert weaker["set_by"].startswith("token ")
    assert named("required_reporters")["value"] == "mail.ru"
    verdict = admin.json("/v1/domains/other.example/readiness")
    assert verdict["unsafe_settings"] == ["unsafe_min_sessions = 50 (default 100)"]
    for wrong in ({"min_sessions": 50}, {"min_mails": 1}, {"min_sessions": 1.5},
                  {"min_sessions": True}, {"min_sessions": 200, "unsafe_min_sessions": 50}):
        assert change(admin, "PATCH", target, wrong).status == 400, wrong
    assert named("unsafe_min_sessions") == weaker, "nothing was changed"
    assert change(admin, "PATCH", target, {"min_sessions": None,
                                           "required_reporters": None}).status == 200
    assert named("min_sessions")["set_at"] is None
    # A longer window that is asked for never shortens one that is set.
    assert change(admin, "PATCH", target, {"window_days": 42}).status == 200
    window_of = admin.json("/v1/domains/other.example/readiness?window_days=28")["window"]
    assert window_of["first_day"] == str(days_ago(2 + 41))
    assert change(admin, "PATCH", target, {"window_days": None}).status == 200


@table("why, method, target, body", [
    ("a waiver", "POST", "/v1/domains/firm.example/waivers", {}),
    ("its end", "DELETE", "/v1/domains/firm.example/waivers/x", None),
    ("a setting", "PATCH", "/v1/domains/firm.example/settings", {})])
def test_changes_need_a_token_of_scope_admin(filled, tokens, why, method, target, body):
    port = filled.ports["api"]
    assert change(Api(port), method, target, body).status == 401, why
    assert change(Api(port, tokens()), method, target, body).status == 403, why
    other = tokens("--scope", "admin", "--for", "other.example")
    assert change(Api(port, other), method, target, body).status == 403, why


def test_incidents(api):
    page = api.json("/v1/domains/firm.example/incidents")
    first = page["items"][0]
    assert (first["result_type"], first["mx"], first["state"]) == (
        "certificate-expired", "mx1.firm.example", "open")
    assert (first["opened_on"], first["last_day"], first["sessions"]) == (
        str(days_ago(8)), str(days_ago(3)), 12)
    assert page["incidents_left_out"] == 0
    short = api.json("/v1/domains/firm.example/incidents?limit=1")
    assert (short["items"], short["incidents_left_out"]) == (
        [first], len(page["items"]) - 1)


def test_observations(filled, api):
    target = "/v1/domains/other.example/observations"
    assert api.json(target) == {"items": [], "next_cursor": None}
    now = looks.now().replace(microsecond=0)
    for hours in range(3):
        looks.insert(filled, "other.example", looks.look(
            "other.example", now - datetime.timedelta(hours=hours)))
    seen = api.all_pages(target + "?limit=2")
    assert [one["observed_at"] for one in seen] == [
        (now - datetime.timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M:%SZ")
        for hours in range(3)]
    assert seen[0]["mx"]["hosts"] == [{"name": "mx1.other.example", "preference": 10}]
    assert seen[0]["addresses"][0]["certificate"]["not_after"].endswith("Z")
    verdict = api.json("/v1/domains/other.example/readiness")
    (served,) = [one for one in verdict["criteria"] if one["id"] == "policy_served"]
    assert served["evidence"] == [seen[0]["id"]]


def test_every_operation_was_held_against_its_description():
    """Last: CHECKED holds what the tests above have asked."""
    asked = {operation for operation, status in CHECKED if status < 300}
    want = {item[method]["operationId"] for item in OPENAPI["paths"].values()
            for method in METHODS if method in item}
    assert asked == want
