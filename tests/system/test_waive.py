"""`tlsrptd waive`, and `domain set`: what somebody makes different, and who says so."""

import contextlib
import json
import os
import re
import subprocess

import pytest

import looks
import reports
from conftest import table, wait_until
from http_client import Api, check
from reports import days_ago, detail, sts, window

READY, NOT_READY, INSUFFICIENT = range(3)
MALFORMED, NOT_FOUND, UNAVAILABLE = 64, 66, 69


def load(daemon, *files):
    daemon.cli("import", "--vouch", *reports.write_json(daemon.base / "files", files))


def failing(domain, sessions=3, day=5, **members):
    members = {"result_type": "certificate-expired", "mx": f"mx1.{domain}", **members}
    return reports.report(
        sts(domain, 5000, sessions,
            [detail(members["result_type"], sessions, members["mx"],
                    members.get("reason"))]),
        day=days_ago(day), reporter=members.get("reporter", "google.com"))


@pytest.fixture
def clean(shared, domain):
    load(shared, *[reports.report(sts(domain, 50), day=day, reporter=reporter)
                   for day in window(15) for reporter in ("google.com", "microsoft.com")])
    return domain


def ask(daemon, domain, *words):
    """Exit status, the criterion that waivers move, and the waivers."""
    status, verdict = daemon.readiness(domain, "--reports-only", *words)
    (found,) = [one for one in verdict["criteria"] if one["id"] == "no_refused_sessions"]
    return status, found["status"], verdict["waivers"]


def waive_words(domain, mx=None, result_type="certificate-expired"):
    return ("waive", domain, "--reporter", "google.com", "--result-type", result_type,
            "--mx", mx or f"mx1.{domain}", "--why", "renewed in time")


def waive(daemon, domain, *words, check=0, **group):
    return daemon.cli(*waive_words(domain, **group), *words, check=check)


@contextlib.contextmanager
def silent_node(daemon):
    """A node that was heard of an hour ago."""
    def execute(sql):
        with daemon.connect() as connection, connection.cursor() as cursor:
            cursor.execute(sql)
        connection.close()

    execute("INSERT INTO tlsrptd.node (node, spool_id, heartbeat_at, started_at, version, "
            "spool_depth, spool_waiting) VALUES ('gone', gen_random_uuid(), "
            "now() - interval '1 hour', now() - interval '2 hours', '1', 0, 0)")
    try:
        yield
    finally:
        execute("DELETE FROM tlsrptd.node WHERE node = 'gone'")


def the_id(printed):
    return printed.split("\t")[0]


def whoever():
    account = subprocess.run(["id", "-un"], capture_output=True, text=True, check=True)
    return os.environ.get("SUDO_USER") or account.stdout.strip()


def this_second():
    return looks.now().strftime("%Y-%m-%dT%H:%M:%SZ")


def next_second():
    """Times on the command line have whole seconds: waits for another one."""
    before = this_second()
    wait_until("the next second", lambda: this_second() > before)
    return this_second()


def test_a_waiver_from_the_cradle_to_the_grave(shared, clean):
    load(shared, failing(clean))
    assert ask(shared, clean)[:2] == (NOT_READY, "fail")
    printed = waive(shared, clean)
    assert "Accepted: 3 sessions of certificate-expired" in printed
    status, criterion, (use,) = ask(shared, clean)
    assert (status, criterion, use["state"]) == (READY, "waived", "in_force")
    assert (use["id"], use["why"], use["accepted_sessions"]) == (
        the_id(printed), "renewed in time", 3)
    assert use["who"] == whoever()

    listed = shared.cli("waive", clean, "--list")
    assert listed.startswith(f"{use['id']}\tin_force\t{reports.today()}\tAccepted: 3")
    assert json.loads(shared.cli("waive", clean, "--list", "--json")) == [use]

    assert shared.cli("waive", clean, "--withdraw", use["id"], "--who", "the boss") == ""
    status, criterion, (use,) = ask(shared, clean)
    assert (status, criterion, use["state"], use["withdrawn_by"]) == (
        NOT_READY, "fail", "withdrawn", "the boss")
    assert shared.value("SELECT count(*) FROM waiver WHERE policy_domain = %s",
                        clean) == 1, "never deleted"
    shared.cli("waive", clean, "--revoke", use["id"])  # again is no error
    assert ask(shared, clean)[2][0]["withdrawn_by"] == "the boss"


def test_what_is_accepted_is_not_accepted_again(shared, clean):
    load(shared, failing(clean))
    first = the_id(waive(shared, clean))
    again = shared.run(*waive_words(clean))
    assert again.returncode == MALFORMED and again.stdout == b"", again
    assert first.encode() in again.stderr and b"nothing is left" in again.stderr, again
    assert [use["id"] for use in ask(shared, clean)[2]] == [first], "nothing was written"
    # What is still to come is something else, and so is what came since.
    waive(shared, clean, "--until", str(days_ago(-30)), "--max-sessions", "2")
    load(shared, failing(clean, 5, day=4))
    assert "Accepted: 5 sessions" in waive(shared, clean)
    assert ask(shared, clean)[:2] == (READY, "waived")


def test_known_at_is_before_and_after(shared, clean):
    load(shared, failing(clean))
    reported = next_second()
    next_second()
    waive(shared, clean)
    waived = next_second()
    assert ask(shared, clean, "--known-at", reported) == (NOT_READY, "fail", [])
    assert ask(shared, clean, "--known-at", waived)[:2] == (READY, "waived")


def test_it_accepts_what_is_there_and_no_more(shared, clean):
    load(shared, failing(clean))
    waive(shared, clean)
    assert ask(shared, clean)[0] == READY
    load(shared, failing(clean, 1, day=4))
    status, criterion, (use,) = ask(shared, clean)
    assert (status, criterion, use["accepted_sessions"]) == (NOT_READY, "fail", 3)


def test_nothing_is_accepted_that_nobody_has_seen(shared, clean):
    """What is held was received, and may be of the very group."""
    load(shared, failing(clean))
    cut = shared.base / "files" / f"cut-{clean}.json"
    cut.write_text(json.dumps(failing(clean, 4000))[:-2])
    shared.run("import", "--vouch", str(cut))
    held = shared.value("SELECT receipt_id::text FROM receipt WHERE quarantined_count > 0 "
                        "AND %s = ANY (quarantined_domains)", clean)
    refused = shared.run(*waive_words(clean))
    assert (refused.returncode, refused.stdout) == (UNAVAILABLE, b"")
    assert b"is in quarantine" in refused.stderr, refused.stderr
    assert b"tlsrptd quarantine" in refused.stderr, refused.stderr
    assert ask(shared, clean)[2] == []
    shared.cli("quarantine", "drop", held, "--why", "cut off")
    assert "Accepted: 3 sessions" in waive(shared, clean)
    assert ask(shared, clean)[0] == READY


def test_what_is_stored_later_was_not_there_to_be_accepted(shared, clean):
    """Received before, dropped, and out of quarantine after all."""
    load(shared, failing(clean))
    late = failing(clean, 500, day=4)
    late["policies"][0]["policy"]["policy-domain"] = f"held.{clean}"
    late["policies"][0]["failure-details"][0]["receiving-mx-hostname"] = f"mx1.{clean}"
    shared.cli("import", "--vouch", *reports.write_json(shared.base / "files", [late]),
               check=1)
    held = shared.value("SELECT receipt_id::text FROM receipt WHERE quarantined_count > 0 "
                        "AND foreign_domains = %s", [f"held.{clean}"])
    waive(shared, clean)
    assert ask(shared, clean)[0] == READY
    # As a parser would that has learnt: the very failures that were accepted.
    body = json.dumps(late).replace(f"held.{clean}", clean).encode()
    with shared.connect() as connection, connection.cursor() as cursor:
        cursor.execute("UPDATE tlsrptd.receipt_raw SET body = %s WHERE receipt_id = %s",
                       (body, held))
    connection.close()
    shared.cli("quarantine", "retry", held)
    status, criterion, (use,) = ask(shared, clean)
    assert (status, criterion, use["accepted_sessions"]) == (NOT_READY, "fail", 3)
    waive(shared, clean)
    assert ask(shared, clean)[0] == READY, "seen, and accepted"


def test_what_is_read_again_and_says_the_same_stays_accepted(shared, clean):
    load(shared, failing(clean))
    waive(shared, clean)
    with shared.connect() as connection, connection.cursor() as cursor:
        # As an older parser would have read it.
        cursor.execute("UPDATE tlsrptd.report SET contact = 'read@otherwise.example'"
                       " WHERE policy_domain = %s", (clean,))
    connection.close()
    shared.cli("reprocess", "--domain", clean, "--all")
    assert shared.value("SELECT count(*) FROM report WHERE policy_domain = %s AND contact "
                        "= 'read@otherwise.example'", clean) == 0, "written again"
    assert ask(shared, clean)[:2] == (READY, "waived")


def test_the_future_up_to_a_number_and_none_past_it(shared, clean):
    load(shared, failing(clean))
    waive(shared, clean, "--until", str(days_ago(-30)), "--max-sessions", "2")
    load(shared, failing(clean, 2, day=4))
    status, criterion, (use,) = ask(shared, clean)
    assert (status, criterion, use["later_sessions"], use["accepted_sessions"]) == (
        READY, "waived", 2, 5)
    load(shared, failing(clean, 1, day=3))
    status, criterion, (use,) = ask(shared, clean)
    assert (status, criterion, use["state"], use["accepted_sessions"]) == (
        NOT_READY, "fail", "overrun", 3)


def test_after_its_last_day_it_accepts_no_more(shared, clean):
    """Made a month ago, over six days ago: put there as it would have been."""
    with shared.connect() as connection, connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO tlsrptd.waiver (made_at, until, max_sessions, policy_domain,"
            " waiver_id, reporter, result_type, mx, reason, who, why, withdrawn_by)"
            " VALUES (now() - interval '30 days', %s, 10, %s, 'old', 'google.com',"
            " 'certificate-expired', %s, '', 'root', 'once', '')",
            (days_ago(6), clean, f"mx1.{clean}"))
    connection.close()
    load(shared, failing(clean, 3, day=7))
    status, criterion, (use,) = ask(shared, clean)
    assert (status, criterion, use["state"]) == (READY, "waived", "expired")
    load(shared, failing(clean, 3, day=5))
    status, criterion, (use,) = ask(shared, clean)
    assert (status, criterion, use["accepted_sessions"]) == (NOT_READY, "fail", 3)


@table("why, members", [
    ("another type", {"result_type": "starttls-not-supported"}),
    ("another MX", {"mx": "mx2.firm.example"}),
    ("another reporter", {"reporter": "microsoft.com"}),
    ("a reason", {"reason": "so"}),
])
def test_another_group_still_stands_in_the_way(shared, clean, why, members):
    load(shared, failing(clean, **members))
    done = shared.run("waive", clean, "--reporter", "google.com", "--result-type",
                      "certificate-expired", "--mx", f"mx1.{clean}", "--why", "x")
    assert done.returncode == 0 and b"Nothing that is reported is of this group" in (
        done.stderr), why
    assert ask(shared, clean)[:2] == (NOT_READY, "fail"), why


@table("why, words, message", [
    ("more than 90 days", ["--until", str(days_ago(-91)), "--max-sessions", "1"],
     b"more than 90 days"),
    ("in the past", ["--until", str(days_ago(1)), "--max-sessions", "1"], b"past"),
    ("the future without a number", ["--until", str(days_ago(-5))], b"both"),
    ("a number without an end", ["--max-sessions", "5"], b"both"),
    ("too many", ["--until", str(days_ago(-5)), "--max-sessions", "1001"], b"1000"),
    ("no day", ["--until", "soon", "--max-sessions", "1"], b"soon"),
])
def test_bounds(shared, domain, why, words, message):
    done = shared.run("waive", domain, "--reporter", "google.com", "--mx", "", "--why", "x",
                      "--result-type", "validation-failure", *words)
    assert done.returncode == MALFORMED and message in done.stderr, (why, done.stderr)
    assert shared.cli("waive", domain, "--list") == ""


@table("why, words, status, message", [
    ("nothing is said", [], MALFORMED, b"--reporter"),
    ("no why", ["--reporter", "google.com", "--mx", "", "--result-type", "x"], MALFORMED,
     b"--why"),
    ("an empty why", ["--reporter", "google.com", "--mx", "", "--result-type", "x",
                      "--why", " "], MALFORMED, b"why"),
    ("no MX said", ["--reporter", "google.com", "--result-type", "x", "--why", "y"],
     MALFORMED, b"--mx"),
    ("a reporter by another name", ["--reporter", "mail.google.com", "--mx", "",
                                    "--result-type", "x", "--why", "y"], MALFORMED,
     b"google.com's"),
    ("a failure that refuses nothing", ["--reporter", "google.com", "--mx", "",
                                        "--result-type", "sts-policy-fetch-error",
                                        "--why", "y"], MALFORMED, b"refuses no mail"),
    ("a criterion that is looked at live", ["--reporter", "google.com", "--mx", "",
                                            "--result-type", "mx_hosts_ready", "--why",
                                            "y"], MALFORMED, b"cannot be waived"),
    ("no such waiver", ["--withdraw", "nothing"], NOT_FOUND, b"--list"),
])
def test_what_is_refused(shared, domain, why, words, status, message):
    done = shared.run("waive", domain, *words)
    assert done.returncode == status and message in done.stderr, (why, done.stderr)


def test_a_domain_that_is_not_configured(shared):
    for words in (["--list"], ["--withdraw", "x"],
                  ["--reporter", "", "--mx", "", "--result-type", "x", "--why", "y"]):
        done = shared.run("waive", "elsewhere.example", *words)
        assert done.returncode == NOT_FOUND and b"domain add" in done.stderr


def test_what_the_remedy_prints_runs_as_it_is_printed(shared, clean):
    """A lone validation-failure at an MX that is in order: the one ready-made waiver."""
    load(shared, failing(clean, 1, result_type="validation-failure"))
    looks.insert(shared, clean, looks.look(clean))
    status, verdict = shared.readiness(clean)
    assert status == NOT_READY
    (found,) = [one for one in verdict["criteria"] if one["id"] == "no_refused_sessions"]
    (command,) = re.findall(r"(tlsrptd waive .*) \.", found["remedy"])
    # As a shell of the administrator's: only where the program and its data are is ours.
    folder = shared.base / f"bin-{clean}"
    folder.mkdir()
    there = folder / "tlsrptd"
    words = shared.command()
    there.write_text(f"#!/bin/sh\nexec {words[0]} \"$@\" {' '.join(words[1:])}\n")
    there.chmod(0o755)
    done = subprocess.run(["sh", "-c", command], capture_output=True, cwd="/",
                          env={**shared.environment, "PATH": f"{folder}:/usr/bin:/bin"})
    assert done.returncode == 0, (command, done.stderr)
    assert done.stderr == b"" and b"Accepted: 1 session" in done.stdout
    status, verdict = shared.readiness(clean)
    (found,) = [one for one in verdict["criteria"] if one["id"] == "no_refused_sessions"]
    assert (status, verdict["verdict"], found["status"]) == (READY, "ready", "waived")


def test_a_waiver_touches_nothing_that_is_looked_at(shared, clean):
    load(shared, failing(clean, result_type="starttls-not-supported"))
    waive(shared, clean, result_type="starttls-not-supported")
    assert ask(shared, clean)[0] == READY
    looks.insert(shared, clean, looks.look(clean, addresses=[{
        "mx": f"mx1.{clean}", "address": "192.0.2.1", "outcome": "starttls_missing"}]))
    status, verdict = shared.readiness(clean)
    assert status == NOT_READY
    (found,) = [one for one in verdict["criteria"] if one["id"] == "mx_hosts_ready"]
    assert found["status"] == "fail"


# --- settings of a domain -----------------------------------------------------------


def test_a_setting_that_weakens_is_named_in_every_verdict(shared, domain):
    load(shared, *[reports.report(sts(domain, 3), day=day, reporter=reporter)
                   for day in window(15) for reporter in ("google.com", "microsoft.com")])
    assert ask(shared, domain)[0] == INSUFFICIENT, "84 sessions of 100"
    refused = shared.run("domain", "set", domain, "min_sessions=80")
    assert refused.returncode == MALFORMED and b"unsafe_min_sessions" in refused.stderr
    done = shared.run("domain", "set", domain, "unsafe_min_sessions=80")
    assert done.returncode == 0 and b"weakens the promise" in done.stderr
    status, verdict = shared.readiness(domain, "--reports-only")
    assert (status, verdict["unsafe_settings"]) == (
        READY, ["unsafe_min_sessions = 80 (default 100)"])
    text = shared.cli("readiness", domain, "--reports-only")
    assert "unsafe_min_sessions = 80" in text
    shown = shared.cli("domain", "show", domain)
    assert re.search(r"^unsafe_min_sessions = 80  # .*; default 100, set at .* by \S+$",
                     shown, re.M)
    assert re.search(r"^min_reporters = 2  # ", shown, re.M)
    shared.cli("domain", "set", domain, "min_sessions=")
    assert shared.readiness(domain, "--reports-only")[1]["unsafe_settings"] == []
    assert ask(shared, domain)[0] == INSUFFICIENT
    assert shared.value("SELECT count(*) FROM domain_setting WHERE policy_domain = %s",
                        domain) == 2, "what was set before can be told"


def test_a_stricter_setting_holds_it_back(shared, clean):
    assert ask(shared, clean)[0] == READY
    shared.cli("domain", "set", clean, "min_sessions=5000", "min_reporters=2")
    status, verdict = shared.readiness(clean, "--reports-only")
    assert (status, verdict["unsafe_settings"]) == (INSUFFICIENT, [])
    shared.cli("domain", "set", clean, "min_sessions=",
               "required_reporters=google.com,mail.ru")
    assert ask(shared, clean)[0] == INSUFFICIENT, "mail.ru has said nothing"


def test_a_longer_window_is_read_to_its_first_day(shared, clean):
    load(shared, failing(clean, day=70))
    assert ask(shared, clean)[0] == READY, "long before the window"
    shared.cli("domain", "set", clean, "window_days=62", "settle_days=14")
    status, verdict = shared.readiness(clean, "--reports-only")
    assert verdict["window"]["first_day"] == str(days_ago(14 + 61))
    assert ask(shared, clean)[:2] == (NOT_READY, "fail")


@table("why, words", [
    ("no such setting", ["min_mails=3"]),
    ("no value", ["min_sessions"]),
    ("out of bounds", ["min_sessions=0"]),
    ("twice", ["min_sessions=200", "min_sessions=300"]),
    ("one of two is wrong", ["min_reporters=3", "min_sessions=x"]),
])
def test_settings_that_are_refused(shared, domain, why, words):
    assert shared.run("domain", "set", domain, *words).returncode == MALFORMED, why
    assert shared.value("SELECT count(*) FROM domain_setting WHERE policy_domain = %s",
                        domain) == 0, "all or none"


def test_a_stored_setting_that_no_longer_fits_is_an_error_and_no_verdict(shared, clean):
    with shared.connect() as connection, connection.cursor() as cursor:
        cursor.execute("INSERT INTO tlsrptd.domain_setting (set_at, policy_domain, name,"
                       " plain_name, value, set_by) VALUES (now(), %s, 'min_mails',"
                       " 'min_mails', '3', 'root')", (clean,))
    connection.close()
    done = shared.run("readiness", clean, "--reports-only")
    assert done.returncode == 70 and done.stdout == b""
    command = re.search(rb"`tlsrptd (domain set \S+ min_mails=)`", done.stderr).group(1)
    assert shared.run(*command.decode().split()).returncode == 0, "the remedy works"
    assert ask(shared, clean)[0] == READY


def test_where_our_reports_go(shared, clean):
    looks.insert(shared, clean, looks.look(clean))
    _, verdict = shared.readiness(clean)
    assert "rua" not in sentence_of(verdict, "dns_records_valid")
    shared.cli("domain", "set", clean, "our_rua=mailto:reports@elsewhere.example")
    _, verdict = shared.readiness(clean)
    assert "None of its rua is ours" in sentence_of(verdict, "dns_records_valid")


def sentence_of(verdict, wanted):
    (found,) = [one for one in verdict["criteria"] if one["id"] == wanted]
    return found["sentence"]


# --- over the API -------------------------------------------------------------------


def test_the_api_waives_as_the_command_does(shared, clean):
    load(shared, failing(clean))
    token = shared.cli("token", "create", "--scope", "admin", "--name", "ci").strip()
    api = Api(shared.ports["api"], token)
    target = f"/v1/domains/{clean}/waivers"
    body = {"reporter": "google.com", "result_type": "certificate-expired",
            "mx": f"mx1.{clean}", "why": "renewed in time"}

    def post(api, body):
        return api.ask("POST", target, json.dumps(body), Content_Type="application/json")
    try:
        wait_until("the token opens", lambda: api.ask("GET", target).status == 200)
        answer = post(api, body)
        assert answer.status == 201, answer.body
        made = answer.json()
        assert made["accepted_sessions"] == 3
        assert re.fullmatch(r"ci \(token \S{8}\)", made["who"])
        assert ask(shared, clean)[:2] == (READY, "waived")
        again = post(api, body)
        check(again)
        assert again.status == 409 and made["id"] in again.json()["detail"]
        assert len(ask(shared, clean)[2]) == 1, "nothing was written"
        for wrong in ({**body, "until": str(days_ago(-91)), "max_sessions": 1},
                      {**body, "max_session": 1}, {**body, "why": ""},
                      {**body, "max_sessions": True}, {**body, "mx": 7}, [],
                      {"why": "x"}):
            assert post(api, wrong).status == 400, wrong
        assert post(Api(shared.ports["api"]), body).status == 401, "a write needs a token"
        assert api.ask("DELETE", f"{target}/{made['id']}").status == 204
        assert ask(shared, clean)[:2] == (NOT_READY, "fail")
        assert api.ask("DELETE", f"{target}/nothing").status == 404

        with silent_node(shared):
            answer = post(api, body)
            check(answer)
            assert answer.status == 409 and "was last heard of" in answer.json()["detail"]
        assert ask(shared, clean)[:2] == (NOT_READY, "fail")

        # Nobody can say what it accepts; it was made, and who is told so makes no other.
        looks.insert(shared, clean, "{}", looks.now())
        answer = post(api, body)
        check(answer)
        assert answer.status == 201, answer.body
        blind = answer.json()
        assert (blind["accepted_sessions"], blind["later_sessions"]) == (None, None)
        assert blind["sentence"].startswith("Stored.") and blind["why"] == body["why"]
        assert shared.rows("SELECT waiver_id FROM waiver WHERE policy_domain = %s "
                           "AND withdrawn_at IS NULL", clean) == [(blind["id"],)]
    finally:
        for line in shared.cli("token", "list").splitlines():
            shared.cli("token", "revoke", line.split("\t")[0])
