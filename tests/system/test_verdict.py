"""The question itself, asked of the program: exit status, JSON, and what moves them."""

import contextlib
import gzip
import json

import pytest

import reports
from conftest import table, wait_until
from recount import differences
from reports import days_ago, detail, sts, window

READY, NOT_READY, INSUFFICIENT, NOT_APPLICABLE, ENFORCING, AT_RISK = range(6)
COUNTED = ("google.com", "microsoft.com")


def fortnight(domain, days=None, reporters=COUNTED, **changes):
    """A report a day and reporter: 50 sessions, none failed."""
    return [reports.report(sts(domain, 50, **changes), day=day, reporter=reporter)
            for day in days or window(15) for reporter in reporters]


def load(daemon, files, *flags, check=0):
    """`import`; what it printed."""
    paths = reports.write_json(daemon.base / "files", files)
    return daemon.cli("import", *(flags or ["--vouch"]), *paths, check=check)


def ask(daemon, domain, *words):
    return daemon.readiness(domain, "--reports-only", *words)


def criterion(verdict, wanted):
    (found,) = [one for one in verdict["criteria"] if one["id"] == wanted]
    return found


def test_clean_fortnight_is_ready_by_its_reports(shared, domain):
    printed = load(shared, fortnight(domain))
    assert printed == "30 files: 30 stored, 0 duplicate, 0 quarantined\n"
    status, verdict = ask(shared, domain)
    assert (status, verdict["verdict"], verdict["basis"]) == (READY, "ready", "reports")
    assert verdict["confidence"] == "normal"
    assert verdict["window"] == {"first_day": str(days_ago(15)),
                                 "last_day": str(days_ago(2))}
    assert criterion(verdict, "sessions_seen")["numbers"]["sessions"] == 14 * 2 * 50
    assert {one["reporter"] for one in verdict["coverage"]["reporters"]} == set(COUNTED)
    assert differences(shared) == {}


def test_without_a_look_at_the_live_domain_it_is_not_enough(shared, domain):
    load(shared, fortnight(domain))
    status, verdict = shared.readiness(domain)
    assert (status, verdict["verdict"], verdict["basis"]) == (
        INSUFFICIENT, "insufficient_evidence", "live")
    for live in ("dns_records_valid", "policy_served", "mx_hosts_ready"):
        found = criterion(verdict, live)
        assert (found["status"], found["severity"]) == ("unknown", "blocking"), found
        assert found["remedy"]


def test_no_reports_at_all(shared, domain):
    status, verdict = ask(shared, domain)
    assert (status, verdict["verdict"]) == (INSUFFICIENT, "insufficient_evidence")
    assert criterion(verdict, "days_covered")["status"] == "unknown"


@pytest.mark.parametrize("words", [[], ["--json"], ["--reports-only"]])
def test_domain_that_is_not_configured(shared, words):
    done = shared.run("readiness", "other.example", *words)
    assert done.returncode == 66
    assert b"tlsrptd domain add other.example" in done.stderr and done.stdout == b""


@pytest.mark.parametrize("result_type", [
    # The counter-example of DESIGN 6: a tool in the field calls the first four "ready".
    "certificate-expired", "certificate-host-mismatch", "certificate-not-trusted",
    "starttls-not-supported", "validation-failure", "dane-required", "something-new"])
def test_one_refused_session_is_not_ready(shared, domain, result_type):
    bad = reports.report(sts(domain, 5000, 1, [detail(result_type, 1, f"mx1.{domain}")]),
                         day=days_ago(5))
    load(shared, fortnight(domain) + [bad])
    status, verdict = ask(shared, domain)
    assert (status, verdict["verdict"]) == (NOT_READY, "not_ready"), result_type
    found = criterion(verdict, "no_refused_sessions")
    assert (found["status"], found["numbers"]["sessions"]) == ("fail", 1)
    assert found["remedy"] and found["evidence"]
    assert verdict["replay"]["refused_sessions"] == 1
    assert verdict["replay"]["by_reporter"] == [{"reporter": "google.com", "refusals": 1}]
    # The window is clear of it when the bad day has left it.
    assert verdict["earliest_ready"] == str(days_ago(5 - 14 - 2))


def test_unexplained_failure_is_not_ready(shared, domain):
    """A summary that says failure, and no detail that says which."""
    bad = reports.report(sts(domain, 5000, 1), day=days_ago(5))
    load(shared, fortnight(domain) + [bad])
    assert ask(shared, domain)[0] == NOT_READY


@pytest.mark.parametrize("first", ["the clean one", "the failing one", "in one mail"])
def test_failures_under_a_name_that_is_taken(shared, domain, first):
    """Two installations of one reporter may number their reports alike."""
    name = {"report_id": "1", "day": days_ago(5)}
    clean = reports.report(sts(domain, 50), **name)
    failing = reports.report(sts(domain, 40, 2, [detail("certificate-expired", 2)]), **name)
    load(shared, fortnight(domain))
    if first == "in one mail":
        path = shared.base / f"{domain}.eml"
        path.write_bytes(reports.mail([clean, failing], domain))
        shared.cli("import", "--vouch", str(path))
    else:
        for one in [clean, failing] if first == "the clean one" else [failing, clean]:
            load(shared, [one])
    status, verdict = ask(shared, domain)
    assert status == NOT_READY
    assert verdict["replay"]["refusals"] == 2
    assert differences(shared) == {}
    shared.cli("reprocess", "--all")
    assert ask(shared, domain)[0] == NOT_READY
    assert differences(shared) == {}


def test_refused_session_after_the_window_counts(shared, domain):
    bad = reports.report(sts(domain, 5, 1, [detail("certificate-expired")]),
                         day=days_ago(1))
    load(shared, fortnight(domain) + [bad])
    assert ask(shared, domain)[0] == NOT_READY


def test_refused_session_before_the_window_does_not(shared, domain):
    bad = reports.report(sts(domain, 5, 1, [detail("certificate-expired")]),
                         day=days_ago(16))
    load(shared, fortnight(domain) + [bad])
    assert ask(shared, domain)[0] == READY


def test_silence_is_not_evidence(shared, domain):
    """DESIGN 6, the counter-example: no report for 28 days reads "ready" elsewhere."""
    old = fortnight(domain, days=[days_ago(n) for n in range(30, 45)])
    load(shared, old)
    status, verdict = ask(shared, domain)
    assert (status, verdict["verdict"]) == (INSUFFICIENT, "insufficient_evidence")


@table("why, files, failed", [
    ("one reporter", lambda d: fortnight(d, reporters=["google.com"]), "reporters_seen"),
    ("the second is nobody we know: anybody can buy a domain",
     lambda d: fortnight(d, reporters=["google.com", "sender.example"]),
     "reporters_seen"),
    ("nine days", lambda d: fortnight(d, days=window(15)[:1] + window(8)),
     "days_covered"),
    ("fewer sessions than a hundred", lambda d: [
        reports.report(sts(d, 3), day=day, reporter=reporter)
        for day in window(15) for reporter in COUNTED], "sessions_seen"),
    ("testing began in the window", lambda d: fortnight(d, days=window(12)),
     "testing_long_enough"),
    ("a pattern was removed ten days ago: it may be an MX that is still in use",
     lambda d: fortnight(d, days=window(15)[:5], mx=[f"mx1.{d}", f"mx2.{d}"])
     + fortnight(d, days=window(10)), "testing_long_enough"),
    ("the mode was none ten days ago", lambda d: fortnight(
        d, days=window(15)[:5], mode="none") + fortnight(d, days=window(10)),
     "testing_long_enough"),
    ("the window's last day is awaited", lambda d: fortnight(d, days=window(15)[:-1]),
     "usual_reporters_in"),
    ("a success under no policy says nothing about it", lambda d: [
        reports.report(reports.policy("no-policy-found", d, 500), day=day,
                       reporter=reporter)
        for day in window(15)[1:] for reporter in COUNTED] + [reports.report(sts(d))],
     "days_covered"),
])
def test_too_little_evidence(shared, domain, why, files, failed):
    load(shared, files(domain))
    status, verdict = ask(shared, domain)
    assert (status, verdict["verdict"]) == (INSUFFICIENT, "insufficient_evidence"), why
    found = criterion(verdict, failed)
    assert (found["status"], found["severity"]) == ("unknown", "blocking"), found
    assert found["remedy"], "what to do about it"


def test_mode_none_is_not_applicable(shared, domain):
    load(shared, fortnight(domain, mode="none"))
    status, verdict = ask(shared, domain)
    assert (status, verdict["verdict"]) == (NOT_APPLICABLE, "not_applicable")


def test_no_policy_is_not_applicable(shared, domain):
    load(shared, [reports.report(reports.policy("no-policy-found", domain, 50), day=day)
                  for day in window(15)])
    assert ask(shared, domain)[0] == NOT_APPLICABLE


def test_enforce_is_enforcing(shared, domain):
    load(shared, fortnight(domain, mode="enforce"))
    status, verdict = ask(shared, domain)
    assert (status, verdict["verdict"], verdict["health"]) == (
        ENFORCING, "enforcing", "ok"), verdict["sentence"]


def test_enforce_with_a_refusal_is_at_risk(shared, domain):
    bad = reports.report(sts(domain, 5, 3, [detail("certificate-expired", 3)],
                             mode="enforce"), day=days_ago(2))
    load(shared, fortnight(domain, mode="enforce") + [bad])
    status, verdict = ask(shared, domain)
    assert (status, verdict["verdict"], verdict["health"]) == (
        AT_RISK, "enforcing", "at_risk")


def test_members_of_the_json(shared, domain):
    load(shared, fortnight(domain))
    _, verdict = ask(shared, domain)
    assert set(verdict) >= {
        "domain", "verdict", "health", "confidence", "basis", "as_of", "window",
        "ruleset", "criteria", "replay", "coverage", "waivers", "mutes",
        "earliest_ready", "plan"}
    assert verdict["domain"] == domain
    assert [one["id"] for one in verdict["criteria"]] == [
        "policy_in_testing", "testing_long_enough", "days_covered", "reporters_seen",
        "sessions_seen", "usual_reporters_in", "intake_settled", "no_refused_sessions",
        "uncorroborated_failures", "failures_at_mx", "policy_retrievable",
        "dns_records_valid", "policy_served", "mx_hosts_ready", "id_in_step",
        "unvouched_failures", "dane_health"]
    for one in verdict["criteria"]:
        assert set(one) == {"id", "status", "severity", "sentence", "numbers", "evidence",
                            "remedy"}
        assert one["status"] in ("pass", "fail", "unknown", "waived", "off")
        assert one["severity"] in ("blocking", "advisory")
        assert one["sentence"].endswith(".")


def test_the_text_says_what_the_json_says(shared, domain):
    bad = reports.report(sts(domain, 5, 37, [detail("certificate-expired", 37)]),
                         day=days_ago(3))
    load(shared, fortnight(domain) + [bad])
    text = shared.cli("readiness", domain, "--reports-only", check=NOT_READY)
    assert "not ready" in text and "37" in text and "certificate-expired" in text
    assert "\x1b[" not in text, "no colours in a pipe"


def test_importing_twice_changes_nothing(shared, domain):
    files = fortnight(domain)
    load(shared, files)
    before = ask(shared, domain)[1]
    totals = shared.status()
    printed = load(shared, files)
    assert printed == "30 files: 0 stored, 30 duplicate, 0 quarantined\n"
    after = ask(shared, domain)[1]
    assert after["criteria"] == before["criteria"]
    assert shared.status()["reports_stored"] == totals["reports_stored"]
    assert shared.status()["reports_duplicate"] == totals["reports_duplicate"] + 30
    assert differences(shared) == {}


def test_import_without_vouch_moves_nothing(shared, domain):
    load(shared, fortnight(domain), "--config", "/dev/null")
    assert ask(shared, domain)[0] == INSUFFICIENT
    # The same reports with somebody's word for them are other rows, and count.
    load(shared, fortnight(domain))
    assert ask(shared, domain)[0] == READY


def test_a_strangers_failures_are_advisory(shared, domain):
    load(shared, fortnight(domain))
    shared.send(reports.mail(reports.report(
        sts(domain, 0, 1000, [detail("certificate-expired", 1000)]), day=days_ago(3)),
        domain), f"tlsrpt@{domain}")
    shared.drained()
    status, verdict = ask(shared, domain)
    assert status == READY
    found = criterion(verdict, "unvouched_failures")
    assert (found["severity"], found["numbers"]["sessions"]) == ("advisory", 1000)


def test_a_strangers_copy_does_not_displace_the_report(shared, domain):
    """The same identity with a failure less: sent first, by mail, it changes nothing."""
    bad = reports.report(sts(domain, 5, 1, [detail("certificate-expired")]),
                         day=days_ago(3))
    forged = dict(json.loads(json.dumps(bad)), policies=[sts(domain, 6)])
    shared.send(reports.mail(forged, domain), f"tlsrpt@{domain}")
    shared.drained()
    load(shared, fortnight(domain) + [bad])
    assert ask(shared, domain)[0] == NOT_READY


@table("why, date_range", [
    ("ends before it starts", {"start-datetime": f"{days_ago(3)}T00:00:00Z",
                               "end-datetime": f"{days_ago(4)}T00:00:00Z"}),
    ("cannot be read", {}),
])
def test_a_vouched_report_in_quarantine_holds_the_verdict_back(shared, domain, why,
                                                               date_range):
    load(shared, fortnight(domain))
    assert ask(shared, domain)[0] == READY
    torn = reports.report(sts(domain), **{"date-range": date_range})
    printed = load(shared, [torn], check=1)
    assert "1 quarantined" in printed and "date-range" in printed
    status, verdict = ask(shared, domain)
    assert status == INSUFFICIENT
    assert criterion(verdict, "intake_settled")["numbers"]["vouched_quarantined"] == 1


@table("why, name, pack", [
    ("a list of reports", "list.json", lambda text: b"[" + text.encode() + b"]"),
    ("UTF-16, under the name of a report (RFC 8460, 5.1)", "google.com!{}!1!2!1.json",
     lambda text: text.encode("utf-16")),
    ("UTF-16 in gzip, which may be about anybody", "a.json.gz",
     lambda text: gzip.compress(text.encode("utf-16"))),
])
def test_what_is_vouched_for_and_not_read_holds_the_verdict_back(shared, domain, why, name,
                                                                 pack):
    load(shared, fortnight(domain))
    assert ask(shared, domain)[0] == READY
    path = shared.base / name.format(domain)
    path.write_bytes(pack(json.dumps(reports.report(sts(domain)))))
    assert "1 quarantined" in shared.cli("import", "--vouch", str(path), check=1)
    status, verdict = ask(shared, domain)
    assert status == INSUFFICIENT
    assert criterion(verdict, "intake_settled")["numbers"]["vouched_quarantined"] == 1
    held = shared.value("SELECT receipt_id::text FROM receipt WHERE quarantined_count > 0 "
                        "AND peer LIKE %s", f"{path}%")
    shared.cli("quarantine", "drop", held, "--why", "a test's")
    assert ask(shared, domain)[0] == READY


def test_import_says_which_file_was_no_report(shared, domain):
    (good,) = reports.write_json(shared.base / "files", [reports.report(sts(domain))])
    broken = shared.base / "files" / f"google.com!{domain}!1!2!broken.json"
    broken.write_text("not a report")
    printed = shared.cli("import", "--vouch", good, str(broken),
                         str(shared.base / "files" / "absent.json"), check=1)
    assert "1 stored" in printed
    assert f"quarantined  {broken}" in printed
    assert f"not read     {shared.base}/files/absent.json" in printed


def test_import_of_every_form(shared, domain):
    folder = shared.base / "forms"
    folder.mkdir()
    one, two, three = (reports.report(sts(domain)) for _ in range(3))
    (folder / "a.json").write_text(json.dumps(one))
    (folder / "b.json.gz").write_bytes(gzip.compress(json.dumps(two).encode()))
    (folder / "c.eml").write_bytes(reports.mail(three, domain))
    printed = shared.cli("import", "--vouch", *map(str, sorted(folder.iterdir())))
    assert printed.startswith("3 files: 3 stored")
    assert shared.rows("SELECT DISTINCT provenance, reporter FROM report "
                       "WHERE policy_domain = %s", domain) == [(3, "google.com")]


def test_as_of_asks_about_the_past(shared, domain):
    """A failure of yesterday says nothing about what was known to be clean before."""
    bad = reports.report(sts(domain, 5, 1, [detail("certificate-expired")]),
                         day=days_ago(1))
    load(shared, fortnight(domain, days=window(25)) + [bad])
    assert ask(shared, domain)[0] == NOT_READY
    status, verdict = ask(shared, domain, "--as-of", str(days_ago(3)))
    assert status == READY
    assert verdict["window"]["last_day"] == str(days_ago(5))
    # All of it came in today: known then, there was nothing.
    assert ask(shared, domain, "--as-of", str(days_ago(3)), "--known-at",
               str(days_ago(3)))[0] == INSUFFICIENT


def dead_end(host, **members):
    """A day on which nobody got through to `host`, as Postfix and mox tell it."""
    return reports.report(
        reports.policy("tlsa", members.pop("domain", host), 0, 9,
                       [detail("starttls-not-supported", 9, host)], **members),
        day=days_ago(4), reporter="sender.example")


@pytest.mark.parametrize("first", ["the policy", "the failure"])
def test_an_mx_host_that_only_a_pattern_names(serving, first):
    clean = fortnight("firm.example", mx=["*.firm.example"])
    bad = dead_end("mx7.firm.example")
    if first == "the policy":
        load(serving, clean)
        load(serving, [bad])
    else:
        load(serving, [bad], check=1)
        load(serving, clean)
    wait_until("it is filed", lambda: serving.value(
        "SELECT count(*) FROM failure_detail WHERE policy_domain = '*.firm.example' "
        "AND receiving_mx = 'mx7.firm.example'") == 1)
    status, verdict = ask(serving, "firm.example")
    found = criterion(verdict, "failures_at_mx")
    assert (status, found["status"]) == (INSUFFICIENT, "unknown")
    assert "mx7.firm.example" in found["sentence"]
    assert differences(serving) == {}


def test_a_pattern_out_of_a_strangers_mail_makes_nobodys_hosts_ours(serving):
    load(serving, fortnight("firm.example"))
    serving.send(reports.mail(reports.report(sts("firm.example", mx=["*.host.example"]))))
    serving.drained()
    load(serving, [dead_end("mx7.host.example")], check=1)
    assert ask(serving, "firm.example")[0] == READY


def test_a_result_at_several_mx_hosts_concerns_the_domains_of_each(serving):
    serving.cli("domain", "add", "other.example")
    load(serving, fortnight("firm.example", mx=["mx1.host.example"])
         + fortnight("other.example", mx=["mx2.host.example"]))
    load(serving, [dead_end("mx2.host.example", domain="customer.example",
                            **{"mx-host": ["mx1.host.example", "mx2.host.example"]})])
    wait_until("both see it", lambda: [
        criterion(ask(serving, domain)[1], "failures_at_mx")["status"]
        for domain in ("firm.example", "other.example")] == ["unknown", "unknown"])
    assert serving.value("SELECT sum(value) FROM node_counter WHERE name = "
                         "'reports_stored'") == 61
    assert differences(serving) == {}


def test_nobody_can_say_yet(shared, domain):
    """Half of tomorrow's fortnight is not in: what is still on its way may be refusals."""
    load(shared, fortnight(domain, days=[days_ago(n) for n in range(1, 15)]))
    assert ask(shared, domain)[0] == INSUFFICIENT
    done = shared.run("readiness", domain, "--reports-only", "--as-of", str(days_ago(-1)))
    assert done.returncode >= 64
    assert b"future" in done.stderr and done.stdout == b""


def test_a_time_that_is_none(shared, domain):
    done = shared.run("readiness", domain, "--as-of", "yesterday")
    assert done.returncode == 64 and b"yesterday" in done.stderr


@contextlib.contextmanager
def nothing_is_stored(daemon):
    blocker = daemon.connect()
    try:
        with blocker.cursor() as cursor:  # no worker gets past this
            cursor.execute("LOCK TABLE tlsrptd.receipt IN SHARE MODE")
        yield
    finally:
        blocker.close()


def test_waiting_mail_holds_the_verdict_back(daemon):
    """Accepted and not yet stored: it may be the report that says no."""
    daemon.start()
    load(daemon, fortnight("firm.example"))
    assert ask(daemon, "firm.example")[0] == READY
    with nothing_is_stored(daemon):
        daemon.send(reports.mail(reports.report(sts("firm.example"))))
        wait_until("the heartbeat says so",
                   lambda: ask(daemon, "firm.example")[0] == INSUFFICIENT, 60)
        _, verdict = ask(daemon, "firm.example")
        assert criterion(verdict, "intake_settled")["status"] == "unknown"
    daemon.drained()
    wait_until("the heartbeat says that it is stored",
               lambda: ask(daemon, "firm.example")[0] == READY, 60)


def test_waiting_mail_of_a_process_that_was_killed_holds_the_verdict_back(daemon):
    """No heartbeat tells of it any more; it is in the spool, where the question sees it."""
    daemon.start()
    load(daemon, fortnight("firm.example"))
    assert ask(daemon, "firm.example")[0] == READY
    with nothing_is_stored(daemon):
        daemon.send(reports.mail(reports.report(sts("firm.example"))))
        daemon.kill()
    wait_until("it is no longer of this moment",
               lambda: ask(daemon, "firm.example")[0] == INSUFFICIENT, 60)
    found = criterion(ask(daemon, "firm.example")[1], "intake_settled")
    assert found["status"] == "unknown" and found["numbers"]["spool_depth"] == 1
    assert "1 accepted but not yet stored" in found["sentence"]
    daemon.start()
    daemon.drained()
    assert ask(daemon, "firm.example")[0] == READY
