"""Mail that comes through a relay of ours: its Authentication-Results vouch where they
stand above its own Received line, and a stranger's never do (docs/provenance.md)."""

import json
import re
import shutil
import smtplib

import pytest

import reports
import zones
from conftest import (ENVIRONMENT, MAX_CRASHES, Daemon, copy_of, deliver, make_base, table,
                      wait_until)
from recount import differences
from reports import days_ago, detail, sts, window
from test_crash_points import CRASHING, armed, dies_serving
from zones import key_record, sign

READY, NOT_READY, INSUFFICIENT = range(3)
NONE, DKIM, AUTHSERV = range(3)  # report.provenance
# The relay, as tlsrptd sees it, and a host of the same network that is none.
RELAY, STRANGER = "127.0.0.25", "127.0.0.66"
AUTHSERV_ID = "mx.firm.example"
FROM = {who: reports.REPORTERS[who][2] for who in ("google.com", "microsoft.com")}

# What the relay puts on top of what it was given, and a filter behind it on top of that.
RECEIVED = (b"Received: from mail.google.com (mail.google.com [192.0.2.1])\r\n"
            b" by mx.firm.example (Postfix); Mon, 23 Nov 2026 06:00:00 +0000\r\n")
FILTER = (b"Received: from mx.firm.example by filter.firm.example;\r\n"
          b" Mon, 23 Nov 2026 06:00:01 +0000\r\n")


def results(result="pass", domain="google.com", authserv_id=AUTHSERV_ID):
    return (f"Authentication-Results: {authserv_id};\r\n"
            f" dkim={result} header.d={domain} header.s=sel\r\n").encode()


def relayed(mail, domain="google.com"):
    """As the relay hands it on when it has verified a signature."""
    return results(domain=domain) + RECEIVED + mail


@pytest.fixture(scope="module")
def shared(first_start):
    path = make_base()
    copy_of(first_start, path)
    nsd = zones.Nsd(path)
    nsd.write_zone("google.com", {"sel._domainkey": key_record()})
    nsd.start()
    domains = [f"d{n}.example" for n in range(60)]
    made = Daemon(path, *zones.flags_of(nsd), "--relay", f"{RELAY}/32", "--authserv-id",
                  AUTHSERV_ID, "--lmtp", str(path / "data" / "lmtp"), "--relay",
                  f"unix:{path / 'data' / 'lmtp'}", domains=domains)
    made.environment = dict(zones.environment_of(nsd, ENVIRONMENT, seconds=20),
                            TLSRPTD_VOUCH_INNER_HOSTS="filter.firm.example",
                            # Must not be heard of by a server.
                            TLSRPTD_VOUCH_EXCHANGE_ONLINE="true")
    made.next_domain = iter(domains)
    try:
        made.start()
        wait_until("it has said that it is there",
                   lambda: made.rows("SELECT node FROM node"))
        yield made
        assert differences(made) == {}, "every count is what its rows add up to"
        assert made.stop() == 0, made.log_text()
    finally:
        nsd.end()
        made.clean_up()
        shutil.rmtree(path, ignore_errors=True)


def stored(daemon, one):
    """Provenance, reporter and whether its From is of the reporter's profile; why not."""
    daemon.drained()
    (provenance, reporter, known, why), = daemon.rows(
        "SELECT provenance, reporter, from_known, why_unvouched FROM report "
        "WHERE report_id = %s", one["report-id"])
    return (provenance, reporter, known) if provenance else (NONE, why)


def ask(daemon, domain):
    daemon.drained()
    # The verdict goes by what the node last said of its spool.
    wait_until("the node says that its spool is empty",
               lambda: daemon.value("SELECT spool_depth FROM node") == 0)
    status, verdict = daemon.readiness(domain, "--reports-only")
    return status, {one["id"]: one for one in verdict["criteria"]}


COUNTS = (AUTHSERV, "google.com", True)


@table("why, above, below, peer, expected", [
    ("the relay says so, above its own line", results(), b"", RELAY, COUNTS),
    ("a filter behind it adds a line", FILTER + results(), b"", RELAY, COUNTS),
    ("another's beside it", results("fail", authserv_id="other.example") + results(),
     b"", RELAY, COUNTS),
    ("from an address that is no relay", results(), b"", STRANGER,
     (NONE, "no DKIM signature")),
    ("forged: below the relay's line", b"", results(), RELAY,
     (NONE, "no dkim result that the relay is believed for")),
    ("forged: below, with the relay's own result above", results("none"), results(),
     RELAY, (NONE, "dkim=none")),
    ("forged: below, with a line of its own", b"", results() + RECEIVED, RELAY,
     (NONE, "no dkim result that the relay is believed for")),
    ("forged: below a line that names the filter", b"", FILTER + results(), RELAY,
     (NONE, "no dkim result that the relay is believed for")),
    ("another authserv-id", results(authserv_id="mx.evil.example"), b"", RELAY,
     (NONE, "no dkim result that the relay is believed for")),
    ("the relay says fail", results("fail"), b"", RELAY, (NONE, "dkim=fail")),
    ("of another domain than From", results(domain="evil.example"), b"", RELAY,
     (NONE, "header.d is not of google.com")),
])
def test_who_is_believed(shared, why, above, below, peer, expected):
    domain = next(shared.next_domain)
    one = reports.report(sts(domain))
    shared.send(above + RECEIVED + below + reports.mail(one, domain),
                f"tlsrpt@{domain}", peer=peer)
    got = stored(shared, one)
    if expected[0] == NONE:
        assert got[0] == NONE and expected[1] in got[1], got
    else:
        assert got == expected


def test_without_a_line_of_the_relay_nothing_is_above_it(shared):
    domain = next(shared.next_domain)
    one = reports.report(sts(domain))
    shared.send(results() + reports.mail(one, domain), f"tlsrpt@{domain}", peer=RELAY)
    assert stored(shared, one)[0] == NONE


def test_another_address_of_the_reporter_is_not_its_reports(shared):
    """As with a signature that is checked here: vouched for, and not counted."""
    domain = next(shared.next_domain)
    one = reports.report(sts(domain))
    mail = re.sub(rb"\r\nFrom: [^\r]*", b"\r\nFrom: alice@google.com",
                  reports.mail(one, domain))
    shared.send(relayed(mail), f"tlsrpt@{domain}", peer=RELAY)
    assert stored(shared, one) == (AUTHSERV, "google.com", False)


def test_the_relays_word_reaches_no_deeper_than_a_signature(shared):
    """A bounce that google.com signed, with a stranger's report in it."""
    domain = next(shared.next_domain)
    one = reports.report(sts(domain))
    bounce = (b"From: mailer-daemon@google.com\r\nTo: tlsrpt@%b\r\nMIME-Version: 1.0\r\n"
              b"Content-Type: multipart/report; report-type=delivery-status; boundary=o"
              b"\r\n\r\n--o\r\nContent-Type: message/rfc822\r\n\r\n%b\r\n--o--\r\n"
              % (domain.encode(), reports.mail(one, domain)))
    shared.send(relayed(bounce), f"tlsrpt@{domain}", peer=RELAY)
    provenance, why = stored(shared, one)
    assert provenance == NONE and "says nothing of a report in this place" in why


def test_a_footer_of_the_relay_breaks_the_signature_and_not_the_report(shared):
    """What the setting is for. Unchanged mail is vouched for by its own signature, from
    wherever it comes."""
    domain = next(shared.next_domain)
    whole, changed, from_elsewhere = (reports.report(sts(domain)) for _ in range(3))

    def signed(one):
        return sign(reports.mail(one, domain), "google.com")

    footer = b"-- \r\nThis mail is from outside.\r\n"
    for one, mail, peer in (
            (whole, relayed(signed(whole)), STRANGER),
            (changed, relayed(signed(changed)) + footer, RELAY),
            (from_elsewhere, relayed(signed(from_elsewhere)) + footer, STRANGER)):
        shared.send(mail, f"tlsrpt@{domain}", peer=peer)
    assert stored(shared, whole) == (DKIM, "google.com", True)
    assert stored(shared, changed) == COUNTS
    provenance, why = stored(shared, from_elsewhere)
    assert provenance == NONE and "dkim=fail" in why


def test_a_relay_on_a_unix_socket(shared):
    domain = next(shared.next_domain)
    one = reports.report(sts(domain))
    with smtplib.LMTP(shared.ports["lmtp"], local_hostname="mx.firm.example") as client:
        deliver(client, relayed(reports.mail(one, domain)), f"tlsrpt@{domain}")
    assert stored(shared, one) == COUNTS


def fortnight(daemon, domain, make, peer):
    """A clean one of both reporters, each mail as `make` says."""
    with daemon.smtp(peer) as client:
        for day in window(15):
            for who in FROM:
                one = reports.report(sts(domain, 50), day=day, reporter=who)
                deliver(client, make(reports.mail(one, domain, who), who),
                        f"tlsrpt@{domain}")


@table("why, make, peer, expected", [
    ("the relay's word", relayed, RELAY, READY),
    ("the same words from elsewhere", relayed, STRANGER, INSUFFICIENT),
    ("the same words below the relay's line",
     lambda mail, who: RECEIVED + relayed(mail, who), RELAY, INSUFFICIENT),
])
def test_the_verdict_goes_by_the_relays_word(shared, why, make, peer, expected):
    domain = next(shared.next_domain)
    fortnight(shared, domain, make, peer)
    status, criteria = ask(shared, domain)
    assert status == expected
    covered = criteria["days_covered"]["numbers"]["days_covered"]
    assert covered == (14 if expected == READY else 0)

    # Failures move it the same way: by the relay's word only.
    bad = reports.report(
        sts(domain, 40, 7, [detail("certificate-expired", 7, f"mx1.{domain}")]),
        day=days_ago(5))
    shared.send(make(reports.mail(bad, domain), "google.com"), f"tlsrpt@{domain}",
                peer=peer)
    assert ask(shared, domain)[0] == (NOT_READY if expected == READY else INSUFFICIENT)


@pytest.fixture
def at_a_relay(base, first_start):
    """A daemon of its own, with Google's keys; not started."""
    copy_of(first_start, base)
    nsd = zones.Nsd(base)
    nsd.write_zone("google.com", {"sel._domainkey": key_record()})
    nsd.start()
    made = Daemon(base, *zones.flags_of(nsd), *RELAY_IS_SET)
    made.environment = zones.environment_of(nsd, ENVIRONMENT, seconds=20)
    try:
        yield made
        assert made.stop() == 0, made.log_text()
    finally:
        nsd.end()
        made.clean_up()


RELAY_IS_SET = ["--relay", f"{RELAY}/32", "--authserv-id", AUTHSERV_ID]


@table("why, words", [
    ("what is held is tried again", ["quarantine", "retry", "--all", "--reason", "crash"]),
    ("everything is read again", ["reprocess", "--all"]),
    ("signatures are verified again", ["reprocess", "--verify-again"]),
])
def test_what_was_held_unread_is_read_with_the_relays_word(at_a_relay, why, words):
    """Four processes died with it in hand. Its own signature is broken, so that without
    the relay Google's refusals would be nobody's, and stand in nobody's way."""
    daemon, program, environment = at_a_relay, at_a_relay.program, at_a_relay.environment
    one = reports.report(
        sts("firm.example", 40, 7, [detail("certificate-expired", 7, "mx.firm.example")]),
        day=days_ago(5))
    mail = relayed(sign(reports.mail(one), "google.com")) + b"-- \r\nFrom outside.\r\n"
    daemon.start()
    daemon.kill()
    daemon.program, daemon.environment = CRASHING, armed("spool.taken", 1)
    daemon.start()  # dies with the first that it takes
    receipt = daemon.send(mail, peer=RELAY)
    wait_until("it dies", lambda: not daemon.alive())
    daemon.ended()
    for _ in range(MAX_CRASHES - 1):
        dies_serving(daemon, "spool.taken", 1)
    daemon.program, daemon.environment = program, environment
    daemon.start()
    status, criteria = ask(daemon, "firm.example")
    assert daemon.rows("SELECT receipt_id::text, reason FROM receipt") == [
        (receipt, "crash")]
    assert status == INSUFFICIENT and criteria["intake_settled"]["status"] == "unknown"

    daemon.cli(*words, *RELAY_IS_SET)
    assert stored(daemon, one) == COUNTS
    assert daemon.value("SELECT quarantined_count FROM receipt") == 0
    status, criteria = ask(daemon, "firm.example")
    assert status == NOT_READY and criteria["no_refused_sessions"]["status"] == "fail"
    # It was a relay's word, and stays one, about a mail that may come once more.
    daemon.send(mail, peer=RELAY)
    daemon.drained()
    assert json.loads(daemon.cli("reprocess", "--all", "--json"))["changed"] == 0
    assert daemon.rows("SELECT dkim_results[2] FROM receipt") == [
        ("relay: dkim=pass header.d=google.com",)] * 2
    assert daemon.value("SELECT count(*) FROM report") == 1
    assert differences(daemon) == {}


# --- a mailbox of Exchange Online ---------------------------------------------------

EXCHANGE_INNER = (
    b"Received: from A.eurprd01.prod.outlook.com (2603::1)\r\n"
    b" by B.eurprd01.prod.outlook.com (2603::2) with HTTPS; Mon, 23 Nov 2026 06:00:01 "
    b"+0000\r\n")
# It writes no authserv-id.
EXCHANGE_RESULTS = (
    b"Authentication-Results: spf=pass (sender IP is 192.0.2.1)\r\n"
    b" smtp.mailfrom=google.com; dkim=pass (signature was verified)\r\n"
    b" header.d=google.com;dmarc=pass action=none header.from=google.com;compauth=pass "
    b"reason=100\r\n")
EXCHANGE_BORDER = (
    b"Received: from mail.google.com (192.0.2.1)\r\n"
    b" by DB5EUR01FT052.mail.protection.outlook.com (10.1.1.1) with Microsoft SMTP\r\n"
    b" Server; Mon, 23 Nov 2026 06:00:00 +0000\r\n")
FROM_EXCHANGE = EXCHANGE_INNER + EXCHANGE_RESULTS + EXCHANGE_BORDER


@pytest.fixture
def importing(shared):
    """The same data directory, for calls with settings of their own."""
    def run(mail, *words, check=0, **environment):
        path = shared.base / "mailbox.eml"
        path.write_bytes(mail)
        path.chmod(0o644)
        theirs = Daemon(shared.base)
        theirs.environment = dict(ENVIRONMENT, **environment)
        return theirs.cli("import", *words, str(path), check=check)
    return run


EXCHANGE_IS_SET = {"TLSRPTD_VOUCH_EXCHANGE_ONLINE": "true"}


@table("why, header, words, settings, expected", [
    ("as the setting says", FROM_EXCHANGE, ["--authserv"], EXCHANGE_IS_SET, AUTHSERV),
    ("without being marked", FROM_EXCHANGE, [], EXCHANGE_IS_SET, NONE),
    ("without the setting", FROM_EXCHANGE,
     ["--authserv", "--authserv-id", AUTHSERV_ID], {}, NONE),
    ("forged: below the border", EXCHANGE_INNER + EXCHANGE_BORDER + EXCHANGE_RESULTS,
     ["--authserv"], EXCHANGE_IS_SET, NONE),
    ("forged: no border", EXCHANGE_INNER + EXCHANGE_RESULTS, ["--authserv"],
     EXCHANGE_IS_SET, NONE),
])
def test_exchange_online(shared, importing, why, header, words, settings, expected):
    domain = next(shared.next_domain)
    one = reports.report(sts(domain))
    importing(header + reports.mail(one, domain), *words, **settings)
    assert stored(shared, one)[0] == expected


def test_exchange_online_is_never_believed_over_the_network(shared):
    """The server has the setting, and the mail comes from its relay."""
    domain = next(shared.next_domain)
    one = reports.report(sts(domain))
    shared.send(FROM_EXCHANGE + reports.mail(one, domain), f"tlsrpt@{domain}", peer=RELAY)
    assert stored(shared, one)[0] == NONE


def test_an_import_says_whose_results(importing):
    importing(reports.plain_mail(), "--authserv", check=64)


@table("why, flags, named", [
    ("everybody is a relay", ("--relay", "0.0.0.0/0", "--authserv-id", "mx.firm.example"),
     "0.0.0.0/0 is everybody"),
    ("whose word?", ("--relay", "192.0.2.25"), "vouch.authserv_ids"),
    ("no address", ("--relay", "mx.firm.example", "--authserv-id", "mx.firm.example"),
     "vouch.relays"),
])
def test_settings_that_are_refused(daemon, why, flags, named):
    daemon.start(*flags, wait=False)
    assert daemon.ended() not in (0, None)
    assert named in daemon.log_text()
