"""Keys out of a real DNS server that is well, ill, or silent: who vouches for what, and
that nobody waits for somebody else's DNS."""

import json
import re
import sqlite3

import pytest

import reports
import zones
from conftest import (ENVIRONMENT, MAX_CRASHES, Daemon, copy_of, deliver, table,
                      wait_until)
from recount import differences
from zones import key_record, private_key, sign

WRONG_KEY = 1
GOOGLE_FROM = reports.REPORTERS["google.com"][2]


def signers():
    """Zones of every kind, beside Google's."""
    return {
        "google.com": {
            "sel._domainkey": key_record(),
            "revoked._domainkey": "v=DKIM1; k=rsa; p=",
            "wrong._domainkey": key_record(private_key(WRONG_KEY)),
            # A note of 1800 bytes: the answer does not fit into a UDP packet.
            "big._domainkey": key_record(tags="n=" + "x" * 1800 + "; "),
        },
        "sender.example": {
            "sel._domainkey": key_record(),
            "wrong._domainkey": key_record(private_key(WRONG_KEY)),
        },
        "signed.example": {"sel._domainkey": key_record(tags="s=tlsrpt; ")},
        "bogus.example": {"sel._domainkey": key_record()},
        "servfail.example": None,
    }


@pytest.fixture
def nsd(base):
    server = zones.Nsd(base)
    for domain, records in signers().items():
        server.write_zone(domain, records)
    server.sign_zone("signed.example")
    server.sign_zone("bogus.example", break_it=True)
    yield server.start()
    server.end()


@pytest.fixture
def daemon(first_start, base, nsd):
    copy_of(first_start, base)
    made = Daemon(base, *zones.flags_of(nsd))
    made.environment = zones.environment_of(nsd, ENVIRONMENT)
    yield made.start()
    try:
        nsd.go_on()
        if made.process is not None:
            assert made.stop() == 0, made.log_text()
    finally:
        made.clean_up()


def report_mail(sender, reporter="google.com", success=10):
    """A mail with one report, from `sender`; and its report-id."""
    one = reports.report(reports.sts("firm.example", success), reporter=reporter)
    text = reports.mail(one, reporter=reporter)
    text = re.sub(rb"\r\nFrom: [^\r]*", b"\r\nFrom: " + sender.encode(), text)
    return text, one["report-id"]


def signed_mail(domain, sender=None, **options):
    text, report_id = report_mail(sender or f"tlsrpt@{domain}")
    return sign(text, domain, **options), report_id


def row_of(daemon, report_id):
    columns = ("vouched, reporter, from_known, signing_domain, selector, algorithm, "
               "key_bits, dnssec, tlsrpt_key, why_unvouched")
    rows = daemon.rows(f"SELECT {columns} FROM report WHERE report_id = %s", report_id)
    names = columns.split(", ")
    return dict(zip(names, rows[0])) if rows else None


def stored(daemon, *report_ids):
    wait_until("the reports are stored",
               lambda: all(row_of(daemon, one) for one in report_ids))


def folder_of(daemon, mails):
    """A folder with `mails`, (bytes, report-id) by name, to be imported."""
    folder = daemon.base / "mails"
    folder.mkdir()
    folder.chmod(0o755)
    for name, (mail, _) in mails.items():
        (folder / name).write_bytes(mail)
    return folder


def reprocess(daemon, *words):
    return json.loads(daemon.cli("reprocess", "--json", *words))


@table("why, domain, sender, selector, vouched, expected, reason", [
    ("good key", "google.com", GOOGLE_FROM, "sel", True,
     {"reporter": "google.com", "from_known": True, "selector": "sel",
      "algorithm": "rsa-sha256", "key_bits": 2048, "dnssec": False,
      "tlsrpt_key": False}, ""),
    ("another address", "google.com", "alice@google.com", "sel", True,
     {"reporter": "google.com", "from_known": False}, ""),
    ("missing", "google.com", GOOGLE_FROM, "none", False, {}, "permerror"),
    ("revoked", "google.com", GOOGLE_FROM, "revoked", False, {}, "revoked"),
    ("wrong", "google.com", GOOGLE_FROM, "wrong", False, {}, "dkim=fail"),
    ("truncated UDP", "google.com", GOOGLE_FROM, "big", True, {"key_bits": 2048}, ""),
    ("DNSSEC", "signed.example", None, "sel", True,
     {"dnssec": True, "tlsrpt_key": True, "from_known": False}, ""),
])
def test_what_a_key_is_worth(daemon, why, domain, sender, selector, vouched, expected,
                             reason):
    mail, report_id = signed_mail(domain, sender, selector=selector)
    daemon.send(mail)
    stored(daemon, report_id)
    row = row_of(daemon, report_id)
    assert row["vouched"] == vouched, row
    assert {name: row[name] for name in expected} == expected
    assert reason in row["why_unvouched"] and bool(reason) != vouched, row
    assert daemon.value("SELECT dkim_results[1] FROM receipt").startswith("dkim=")
    assert differences(daemon) == {}


@pytest.mark.parametrize("ill", ["servfail.example", "bogus.example"])
def test_neither_pass_nor_fail_waits_until_it_is_mended(daemon, nsd, ill):
    """SERVFAIL and a broken DNSSEC chain are the sender's to mend; nobody waits with it."""
    mail, waiting = signed_mail(ill)
    daemon.send(mail)
    good, report_id = signed_mail("google.com", GOOGLE_FROM)
    daemon.send(good)
    plain, unsigned = report_mail(GOOGLE_FROM)
    daemon.send(plain)
    stored(daemon, report_id, unsigned)
    # What is stored is taken out of the spool a moment later.
    wait_until("one is left, and waits", lambda: (
        (s := daemon.status())["spool_depth"], s["spool_waiting"]) == (1, 1))
    assert row_of(daemon, waiting) is None

    nsd.write_zone(ill, {"sel._domainkey": key_record()})
    if ill == "bogus.example":
        nsd.anchors.write_text("")  # the parent takes its DS away
    nsd.restart()
    if ill == "bogus.example":
        daemon.stop()
        daemon.start()
    daemon.drained()
    assert row_of(daemon, waiting)["reporter"] == ill


def test_a_silent_dns_holds_up_nobody_else(daemon, nsd):
    """All of a counted reporter's mails wait, a hundred of a stranger's, and everybody
    else's do not; when DNS is back they are vouched for, each once."""
    nsd.stop_answering()
    google = [signed_mail("google.com", GOOGLE_FROM) for _ in range(130)]
    strangers = [signed_mail("sender.example") for _ in range(120)]
    plain = [report_mail(GOOGLE_FROM) for _ in range(20)]
    with daemon.smtp() as client:
        for mail, _ in google + strangers + plain:
            assert deliver(client, mail)
    stored(daemon, *(one for _, one in plain))
    wait_until("those wait that may",
               lambda: daemon.status()["spool_depth"] == 130 + 100)
    unvouched = daemon.rows("SELECT why_unvouched FROM report WHERE NOT vouched "
                            "AND from_address = '' AND why_unvouched LIKE '%%temperror%%'")
    assert len(unvouched) == 20
    assert "key_given_up" in daemon.log_path.read_text(errors="replace")

    # It dies while they wait, and is started while DNS is still silent.
    daemon.kill()
    daemon.start()
    mail, report_id = report_mail(GOOGLE_FROM)
    daemon.send(mail)
    stored(daemon, report_id)
    nsd.go_on()
    daemon.drained()
    rows = daemon.rows("SELECT reporter, count(*), count(DISTINCT report_id) FROM report "
                       "WHERE vouched GROUP BY 1 ORDER BY 1")
    assert rows == [("google.com", 130, 130), ("sender.example", 100, 100)]

    # As the log advises for the twenty that found no room to wait.
    assert reprocess(daemon, "--verify-again")["vouched"] == [
        {"reporter": "sender.example", "reports": 20}]
    assert daemon.rows("SELECT count(*), count(*) FILTER (WHERE signing_domain = "
                       "'sender.example') FROM report WHERE reporter = 'sender.example' "
                       "AND vouched") == [(120, 120)]
    assert differences(daemon) == {}


def test_an_import_asks_too(daemon, nsd):
    """And it waits, since it has nobody to come back; but not for what needs no key."""
    mails = {"good": signed_mail("google.com", GOOGLE_FROM),
             "wrong": signed_mail("google.com", GOOGLE_FROM, selector="wrong"),
             "ill": signed_mail("servfail.example"),
             "plain": report_mail(GOOGLE_FROM)}
    folder = folder_of(daemon, mails)
    ids = {name: report_id for name, (_, report_id) in mails.items()}
    daemon.cli("import", *(str(folder / name) for name in ids))
    assert {name: row_of(daemon, one)["vouched"] for name, one in ids.items()} == {
        "good": True, "wrong": False, "ill": False, "plain": False}

    # The operator's word is not taken for a mail whose signature says otherwise.
    daemon.cli("import", "--vouch", *(str(folder / name) for name in ids))
    provenances = dict(daemon.rows(
        "SELECT report_id, max(provenance) FROM report GROUP BY 1"))
    assert {name: provenances[one] for name, one in ids.items()} == {
        "good": 1, "wrong": 0, "ill": 3, "plain": 3}
    daemon.cli("import", "--vouch=all", str(folder / "wrong"))
    assert daemon.value("SELECT max(provenance) FROM report WHERE report_id = %s",
                        ids["wrong"]) == 3
    assert differences(daemon) == {}


def test_an_import_holds_what_may_count(daemon, nsd):
    """DNS is silent, and nobody can say whether a counted reporter wrote them: held, like
    what comes by mail, rather than nobody's. Its failures would be in nobody's way."""
    mails = {"good": signed_mail("google.com", GOOGLE_FROM),
             "another": signed_mail("google.com", "alice@google.com"),
             "wrong": signed_mail("google.com", GOOGLE_FROM, selector="wrong"),
             "of evil": signed_mail("sender.example", GOOGLE_FROM),
             "stranger's": signed_mail("sender.example"),
             "plain": report_mail(GOOGLE_FROM)}
    folder = str(folder_of(daemon, mails))
    nsd.stop_answering()
    assert b"3 quarantined" in daemon.run("import", folder).stdout

    def found():
        rows = {name: row_of(daemon, one) for name, (_, one) in mails.items()}
        return {name: row and row["vouched"] for name, row in rows.items()}

    held = {"good": None, "another": None, "wrong": None, "of evil": False,
            "stranger's": False, "plain": False}
    assert found() == held
    assert daemon.rows("SELECT reason, quarantined_domains FROM receipt WHERE "
                       "quarantined_count > 0") == 3 * [("key", ["firm.example"])]
    criteria = json.loads(daemon.run("readiness", "--json", "firm.example").stdout)
    status = {one["id"]: one["status"] for one in criteria["criteria"]}
    assert status["intake_settled"] == "unknown"
    daemon.run("quarantine", "retry", "--all", "--reason", "key")
    assert found() == held

    nsd.go_on()
    daemon.cli("quarantine", "retry", "--all", "--reason", "key")
    assert found() == dict(held, good=True, another=True, wrong=False)
    assert daemon.status()["reports_quarantined"] == 0
    # With the operator's word nothing has to be asked for.
    nsd.stop_answering()
    daemon.cli("import", "--vouch", folder)
    assert daemon.status()["reports_quarantined"] == 0
    assert daemon.value("SELECT count(*) FROM receipt WHERE reason = 'key'") == 0
    assert differences(daemon) == {}


def test_what_was_held_unread_is_verified_when_it_is_read(daemon, nsd):
    """Four processes died with it in hand, so nobody has looked at its signature. Read
    without it, Google's failures would be nobody's, and stand in nobody's way."""
    mail, report_id = signed_mail("google.com", GOOGLE_FROM)
    nsd.stop_answering()  # so that it waits
    receipt = daemon.send(mail)
    wait_until("it waits", lambda: daemon.status()["spool_waiting"] == 1)
    daemon.stop()
    spool = sqlite3.connect(daemon.data_dir / "spool.sqlite")
    with spool:
        spool.execute("UPDATE queue SET crashes = ?, lane = 1, not_before = 0",
                      (MAX_CRASHES,))
    spool.close()
    daemon.start()
    daemon.drained()
    unread = [(receipt, "crash", 1)]
    held = "SELECT receipt_id::text, reason, quarantined_count FROM receipt"
    assert daemon.rows(held) == unread

    # Without its key it stays where it is, whoever reads again.
    for words in (["quarantine", "retry", "--all"], ["quarantine", "retry", receipt],
                  ["reprocess", "--all"]):
        printed = daemon.run(*words).stdout.decode()
        assert "DNS does not give the key" in printed, words
        assert daemon.rows(held) == unread
    nsd.go_on()
    daemon.cli("quarantine", "retry", "--all")
    row = row_of(daemon, report_id)
    assert (row["vouched"], row["reporter"]) == (True, "google.com")
    assert daemon.status()["reports_quarantined"] == 0
    assert differences(daemon) == {}


def test_verified_again_once_dns_is_back(daemon, nsd):
    """DNS was silent when they came, so nobody vouched; asked again, with the keys that
    there are then, those that are good count, and nothing else changes."""
    before, rotated = signed_mail("sender.example")
    daemon.send(before)
    stored(daemon, rotated)
    mails = {"good": signed_mail("sender.example"),
             "wrong": signed_mail("sender.example", selector="wrong"),
             "gone": signed_mail("sender.example", selector="none"),
             "of evil": signed_mail("sender.example", GOOGLE_FROM),
             "plain": report_mail(GOOGLE_FROM)}
    nsd.stop_answering()
    # It does not wait for three days.
    daemon.cli("import", str(folder_of(daemon, mails)))
    rows = daemon.rows("SELECT vouched, why_unvouched FROM report WHERE report_id <> %s",
                       rotated)
    assert len(rows) == 5 and not any(vouched for vouched, _ in rows)
    assert sum("temperror" in why for _, why in rows) == 3

    def sums():
        return daemon.value("SELECT vouched_success_sessions FROM domain_day "
                            "WHERE kind = 9")

    # Nothing is asked without the word; with it nothing is known while DNS is silent.
    assert reprocess(daemon, "--all")["changed"] == 0
    silent = reprocess(daemon, "--verify-again")
    assert (silent["receipts"], silent["changed"], silent["without_key"]) == (5, 0, 3)
    assert sums() == 10

    nsd.go_on()
    # The key of what came first is taken away meanwhile; it stays vouched for.
    nsd.write_zone("sender.example", {"sel._domainkey": "v=DKIM1; k=rsa; p="})
    nsd.restart()
    revoked = reprocess(daemon, "--verify-again")
    assert (revoked["receipts"], revoked["changed"]) == (5, 0)
    assert row_of(daemon, rotated)["vouched"]
    nsd.write_zone("sender.example", signers()["sender.example"])
    nsd.restart()

    tomorrow = str(reports.days_ago(-1))
    assert reprocess(daemon, "--verify-again", "--since", tomorrow)["receipts"] == 0
    dry = reprocess(daemon, "--verify-again", "--dry-run")
    assert dry["vouched"] == [{"reporter": "sender.example", "reports": 1}]
    assert sums() == 10 and not row_of(daemon, mails["good"][1])["vouched"]
    text = daemon.cli("reprocess", "--verify-again", "--dry-run")
    assert "1  reports from none to vouched for by sender.example" in text

    done = reprocess(daemon, "--verify-again")
    assert (done["changed"], done["vouched"]) == (1, dry["vouched"])
    assert {name: row_of(daemon, one)["vouched"] for name, (_, one) in mails.items()} == {
        "good": True, "wrong": False, "gone": False, "of evil": False, "plain": False}
    good = row_of(daemon, mails["good"][1])
    assert (good["reporter"], good["from_known"], good["key_bits"]) == (
        "sender.example", False, 2048)
    assert sums() == 20
    assert daemon.rows(
        "SELECT provenance, dkim_results[1] LIKE 'dkim=pass %%' FROM receipt JOIN report p "
        "USING (receipt_id, provenance) WHERE p.report_id = %s",
        mails["good"][1]) == [(1, True)]
    # It was verified, and that is kept as if it had been when it came.
    assert reprocess(daemon, "--all")["changed"] == 0
    assert reprocess(daemon, "--verify-again")["changed"] == 0
    assert differences(daemon) == {}


def test_the_genuine_one_of_two_copies_is_found_again(daemon, nsd):
    """A stranger's copy came first, while the key of the genuine one could not be had: a
    duplicate of what nobody vouched for, until it is verified."""
    text, report_id = report_mail("tlsrpt@sender.example", success=40)
    daemon.send(text)
    stored(daemon, report_id)
    nsd.stop_answering()
    genuine = {"genuine": (sign(text, "sender.example"), report_id)}
    daemon.cli("import", str(folder_of(daemon, genuine)))
    assert daemon.rows("SELECT vouched FROM report") == [(False,)]
    nsd.go_on()
    assert reprocess(daemon, "--verify-again")["changed"] == 1
    assert daemon.rows("SELECT vouched, reporter FROM report ORDER BY 1") == [
        (False, ""), (True, "sender.example")]
    assert daemon.rows("SELECT vouched_success_sessions, unvouched_success_sessions "
                       "FROM domain_day WHERE kind = 9") == [(40, 40)]
    assert differences(daemon) == {}


def test_a_trust_anchor_that_is_not_there(base, first_start):
    copy_of(first_start, base)
    made = Daemon(base)
    made.environment = dict(ENVIRONMENT, TLSRPTD_DNS_TRUST_ANCHOR="/nowhere/root.key")
    try:
        made.start(wait=False)
        assert made.ended() == 69
        log = made.log_text()
        assert "/nowhere/root.key" in log and "dns-root-data" in log
        # An import would hold every mail until its key is there.
        done = made.run("import", str(made.base))
        assert done.returncode == 69 and b"/nowhere/root.key" in done.stderr, done
    finally:
        made.clean_up()
