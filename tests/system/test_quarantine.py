"""What was taken and could not be stored: seen, tried again, let go of."""

import json

import pytest

import reports
from conftest import wait_until
from recount import differences

STORED, DUPLICATE, QUARANTINED, ORDINARY = 1, 2, 3, 4
RECEIPT = ("SELECT outcome, report_count, stored_count, duplicate_count, "
           "quarantined_count, reason FROM receipt WHERE receipt_id = %s")


def quarantine(daemon, *words):
    return json.loads(daemon.cli("quarantine", "list", "--json", *words))


def ids(rows):
    return {row["receipt_id"] for row in rows}


def send(daemon, mail, to):
    receipt_id = daemon.send(mail, to)
    daemon.drained()
    return receipt_id


def broken(domain, **members):
    """A mail with a report that nobody can read."""
    return reports.mail([], domain, payloads=[b"{\"policies\": 17"], **members)


def test_list_by_reason_reporter_and_age(serving):
    unreadable = send(serving, broken("firm.example"), "tlsrpt@firm.example")
    foreign = send(serving, reports.mail(reports.report(reports.sts("other.example"))),
                   "tlsrpt@firm.example")
    path = serving.base / "cut.json"
    path.write_text('{"organization-name": "x", "poli')
    path.chmod(0o644)
    serving.cli("import", "--vouch", str(path), check=1)
    everything = quarantine(serving)
    (imported,) = ids(everything) - {unreadable, foreign}

    assert [row["received_at"] for row in everything] == sorted(
        row["received_at"] for row in everything)
    for words, wanted in (
            (["--reason", "parse"], {unreadable, imported}),
            (["--reason", "foreign_domain"], {foreign}),
            (["--reporter", "nobody"], {unreadable, foreign, imported}),
            (["--reporter", "google.com"], set()),
            (["--newer-than", "1h"], {unreadable, foreign, imported}),
            (["--older-than", "1h"], set()),
            (["--older-than", "0m", "--reason", "foreign_domain"], {foreign})):
        assert ids(quarantine(serving, *words)) == wanted, words
    # One page is announced as one.
    done = serving.run("quarantine", "list", "--limit", "2")
    assert len(done.stdout.splitlines()) == 2 and b"--limit" in done.stderr


def test_ordinary_mail_is_listed_apart(shared, domain):
    receipt_id = send(shared, reports.plain_mail(to=f"tlsrpt@{domain}"), f"tlsrpt@{domain}")
    assert receipt_id not in ids(quarantine(shared))
    (row,) = [row for row in quarantine(shared, "--ordinary")
              if row["receipt_id"] == receipt_id]
    assert (row["outcome"], row["envelope_to"]) == ("ordinary", [f"tlsrpt@{domain}"])
    shared.cli("quarantine", "list", "--ordinary", "--reason", "parse", check=64)


def test_show(shared, domain):
    mail = broken(domain)
    receipt_id = send(shared, mail, f"tlsrpt@{domain}")
    shown = shared.cli("quarantine", "show", receipt_id)
    assert receipt_id in shown and "parse" in shown and f"tlsrpt@{domain}" in shown
    assert "not readable" in shown
    raw = shared.run("quarantine", "show", "--raw", receipt_id)
    assert raw.stdout == mail
    # Whoever has read the id from a log may have half of it.
    shown = json.loads(shared.cli("quarantine", "show", "--json",
                                  receipt_id.replace("-", "")[:20]))
    assert shown["receipt_id"] == receipt_id and shown["raw_bytes"] == len(mail)
    assert [part["readable"] for part in shown["parts"]] == [False]


@pytest.mark.parametrize("words, status", [
    (["show", "01234567-89ab-7def-8a2b-0123456789ab"], 66), (["show", "0123"], 64),
    (["show", "not-an-id"], 64), (["retry"], 64), (["drop", "--why", "x"], 64),
    (["drop", "--all", "--why", "x"], 64), (["list", "--older-than", "soon"], 64),
    (["retry", "--all", "01234567-89ab-7def-8a2b-0123456789ab"], 64)])
def test_what_is_not_understood_says_so(shared, words, status):
    done = shared.run("quarantine", *words)
    assert done.returncode == status and done.stderr and not done.stdout


def test_foreign_report_is_stored_when_its_domain_is_added(serving):
    """By itself: nobody says retry."""
    both = reports.report([reports.sts("firm.example", 5), reports.sts("later.example", 7)])
    part = send(serving, reports.mail(both), "tlsrpt@firm.example")
    whole = send(serving, reports.mail(reports.report(reports.sts("later.example", 3))),
                 "tlsrpt@firm.example")
    assert serving.rows(RECEIPT, part) == [(STORED, 1, 1, 0, 0, "")]
    assert serving.rows(RECEIPT, whole) == [(QUARANTINED, 1, 0, 0, 1, "foreign_domain")]
    assert serving.status()["reports_quarantined"] == 1

    serving.cli("domain", "add", "later.example")
    wait_until("both are stored", lambda: serving.value(
        "SELECT count(*) FROM report WHERE policy_domain = 'later.example'") == 2)
    assert serving.rows(RECEIPT, part) == [(STORED, 1, 1, 0, 0, "")]
    assert serving.rows(RECEIPT, whole) == [(STORED, 1, 1, 0, 0, "")]
    status = serving.status()
    assert (status["reports_stored"], status["reports_quarantined"]) == (2, 0)
    # Once more is to come, for a node that had not heard of the domain yet.
    wait_until("the first look is over", lambda: serving.rows(
        "SELECT kind FROM work WHERE domain = 'later.example'") == [
            ("retry_foreign_late",)])
    assert differences(serving) == {}


def test_below_a_wildcard_only_on_a_counted_word(serving):
    """A wildcard makes names below it ours; a stranger's report does not name them."""
    stranger = send(serving, reports.mail(reports.report(
        reports.sts("shop.wild.example"))), "tlsrpt@firm.example")
    serving.cli("import", "--vouch", *reports.write_json(serving.base / "files", [
        reports.report(reports.sts("shop.wild.example", 4))]), check=1)
    serving.cli("domain", "add", ".wild.example")
    wait_until("the vouched one is stored", lambda: serving.value(
        "SELECT count(*) FROM report WHERE policy_domain = 'shop.wild.example'") >= 1)
    # The name exists now, so the stranger's report about it is filed as well, unvouched.
    wait_until("the other follows", lambda: serving.rows(RECEIPT, stranger) == [
        (STORED, 1, 1, 0, 0, "")])
    assert serving.rows("SELECT vouched, count(*) FROM report WHERE "
                        "policy_domain = 'shop.wild.example' GROUP BY 1 ORDER BY 1") == [
                            (False, 1), (True, 1)]
    assert differences(serving) == {}


@pytest.mark.parametrize("named_by", ["policy-domain", "mx-host"])
def test_tlsa_of_an_mx_host_that_becomes_ours(serving, named_by):
    """Postfix names the MX as policy-domain, mox the recipient's domain and the MX."""
    if named_by == "policy-domain":
        held = reports.policy("tlsa", "mx9.host.example", 8)
    else:
        held = reports.policy("tlsa", "customer.example", 8,
                              **{"mx-host": ["mx9.host.example"]})
    receipt_id = send(serving, reports.mail(reports.report(held)), "tlsrpt@firm.example")
    assert serving.rows(RECEIPT, receipt_id)[0][0] == QUARANTINED
    # A vouched policy of ours names it: nobody configures anything.
    serving.cli("import", "--vouch", *reports.write_json(serving.base / "files", [
        reports.report(reports.sts("firm.example", mx=["mx9.host.example"]))]))
    wait_until("it is stored under the MX host", lambda: serving.value(
        "SELECT count(*) FROM report WHERE policy_domain = 'mx9.host.example'") == 1)
    assert serving.rows(RECEIPT, receipt_id) == [(STORED, 1, 1, 0, 0, "")]
    assert differences(serving) == {}


def test_retry_leaves_what_is_still_unreadable(shared, domain):
    receipt_id = send(shared, broken(domain), f"tlsrpt@{domain}")
    printed = shared.cli("quarantine", "retry", receipt_id, check=1)
    assert "1 receipts looked at" in printed
    assert shared.rows(RECEIPT, receipt_id) == [(QUARANTINED, 1, 0, 0, 1, "parse")]
    assert differences(shared) == {}


def test_retry_by_hand_with_a_dry_run_first(serving):
    """A report from the future, once the clock was put right: what the reason advises."""
    receipt_id = send(serving, reports.mail(reports.report(
        reports.sts("firm.example", 5), day=reports.days_ago(1))), "tlsrpt@firm.example")
    serving.stop()
    serving.start()
    # As an import of a month ago would have left it.
    owner = serving.connect()
    with owner, owner.cursor() as cursor:
        cursor.execute("SET search_path = tlsrptd")
        for table in ("report_failure", "policy_result", "report", "domain_day",
                      "domain_day_failure"):
            cursor.execute(f"DELETE FROM {table}")
        cursor.execute("UPDATE receipt SET stored_count = 0, quarantined_count = 1, "
                       "outcome = 3, reason = 'file', reason_detail = 'in the future'")
        cursor.execute("UPDATE node_counter SET value = 0 WHERE name = 'reports_stored'")
    owner.close()
    assert differences(serving) == {}

    dry = json.loads(serving.cli("quarantine", "retry", "--reason", "file", "--dry-run",
                                 "--json"))
    assert (dry["changed"], dry["left_quarantine"], dry["rows_added"]) == (1, 1, 1)
    assert serving.value("SELECT count(*) FROM report") == 0
    serving.cli("quarantine", "retry", "--reason", "file")
    assert serving.rows(RECEIPT, receipt_id) == [(STORED, 1, 1, 0, 0, "")]
    assert serving.status()["reports_stored"] == 1
    assert differences(serving) == {}


def test_drop_is_kept_with_who_and_why(shared, domain):
    receipt_id = send(shared, broken(domain), f"tlsrpt@{domain}")
    before = shared.status()["reports_quarantined"]
    shared.cli("quarantine", "drop", receipt_id, "--why", "a test of theirs", "--by",
               "hostmaster")
    assert shared.status()["reports_quarantined"] == before - 1
    assert receipt_id not in ids(quarantine(shared))
    shown = json.loads(shared.cli("quarantine", "show", "--json", receipt_id))
    (drop,) = shown["drops"]
    assert (drop["by"], drop["why"], drop["reports"]) == ("hostmaster",
                                                          "a test of theirs", 1)
    assert shown["raw_bytes"], "the bytes stay"
    assert shown["outcome"] == "quarantined", "it is no ordinary mail"
    assert receipt_id not in ids(quarantine(shared, "--ordinary"))
    assert differences(shared) == {}
    # What is dropped stays dropped, until it is asked for by its id.
    shared.cli("reprocess", "--all", "--domain", domain)
    assert receipt_id not in ids(quarantine(shared))
    shared.cli("quarantine", "retry", receipt_id, check=1)
    assert receipt_id in ids(quarantine(shared))
    shown = json.loads(shared.cli("quarantine", "show", "--json", receipt_id))
    assert shown["drops"][0]["withdrawn_at"]
    assert differences(shared) == {}


def test_a_vouched_unreadable_report_holds_ready_back_until_dropped(serving):
    for n in range(15):
        for reporter in ("google.com", "microsoft.com"):
            path = reports.write_json(serving.base / "files", [reports.report(
                reports.sts("firm.example", 50), day=reports.days_ago(2 + n),
                reporter=reporter)])
            serving.cli("import", "--vouch", *path)
    assert serving.readiness("firm.example", "--reports-only")[0] == 0
    cut = serving.base / "cut.json"
    cut.write_text('{"organization-name": "x", "policies": [{"policy": '
                   '{"policy-domain": "firm.example"')
    cut.chmod(0o644)
    serving.cli("import", "--vouch", str(cut), check=1)
    assert serving.readiness("firm.example", "--reports-only")[0] == 2
    # Trying again does not help, and neither does reading everything anew.
    serving.cli("quarantine", "retry", "--all", check=1)
    serving.cli("reprocess", "--all")
    assert serving.readiness("firm.example", "--reports-only")[0] == 2
    serving.cli("quarantine", "drop", "--all", "--yes", "--why", "cut by us")
    assert serving.readiness("firm.example", "--reports-only")[0] == 0
    serving.cli("reprocess", "--all")
    assert serving.readiness("firm.example", "--reports-only")[0] == 0
    assert differences(serving) == {}
