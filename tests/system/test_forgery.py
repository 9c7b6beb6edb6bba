"""An attacker's day: everything a stranger can mail or import to make a domain look clean,
or dirty, each against two domains: one that is ready, and one that is not.

The attacker owns evil.example, its mail and its DNS, and can guess what Google's next
report will be called. He never moves a verdict towards ready. What he can do is to report
failures under his own name; a mute ends that.
"""

import json
import re

import pytest

import posts
import reports
import zones
from conftest import ENVIRONMENT, Daemon, copy_of, make_base, wait_until
from recount import differences
from reports import days_ago, detail, sts, window
from zones import key_record, sign

READY, NOT_READY, INSUFFICIENT = range(3)
NONE, OPERATOR = 0, 3  # report.provenance
# The administrator's own network: a reverse proxy of his, and senders of his.
PROXY, STRANGER = "127.0.0.2", "127.0.0.66"
GOOGLE_FROM = reports.REPORTERS["google.com"][2]
# How each counted reporter signs: d=, From.
SIGNERS = {"google.com": ("google.com", GOOGLE_FROM),
           "microsoft.com": ("microsoft.com", reports.REPORTERS["microsoft.com"][2])}
BAD_DAY = days_ago(5)


def with_from(mail, sender):
    return re.sub(rb"\r\nFrom: [^\r]*", b"\r\nFrom: " + sender.encode(), mail, count=1)


def genuine(one, domain, reporter="google.com"):
    """A report as its reporter mails it."""
    signer, sender = SIGNERS[reporter]
    return sign(with_from(reports.mail(one, domain, reporter), sender), signer)


def failing(domain, **members):
    """Google's own report of a bad day."""
    return reports.report(
        sts(domain, 40, 7, [detail("certificate-expired", 7, f"mx1.{domain}")]),
        day=BAD_DAY, **members)


def clean(domain, **members):
    return reports.report(sts(domain, 5000), day=BAD_DAY, **members)


class Target:
    """A domain with a fortnight behind it."""

    def __init__(self, daemon, domain):
        self.daemon = daemon
        self.domain = domain

    def send(self, *mails, to=None):
        for mail in mails:
            self.daemon.send(mail, to or f"tlsrpt@{self.domain}")
        self.daemon.drained()

    def post(self, one, peer, **headers):
        """The provenance that it is given."""
        receipt_id = posts.deliver(self.daemon, one, peer=peer, **headers)
        self.daemon.drained()
        return self.daemon.value("SELECT provenance FROM receipt WHERE receipt_id = %s",
                                 receipt_id)

    def ask(self):
        # The verdict goes by what the node last said of its spool.
        wait_until("the node says that its spool is empty",
                   lambda: self.daemon.value("SELECT spool_depth FROM node") == 0)
        status, verdict = self.daemon.readiness(self.domain, "--reports-only")
        return status, {one["id"]: one for one in verdict["criteria"]}

    def fortnight(self, without=()):
        self.send(*(genuine(reports.report(sts(self.domain, 50), day=day, reporter=who),
                            self.domain, who)
                    for day in window(15) for who in SIGNERS
                    if (day, who) not in without))
        return self


@pytest.fixture(scope="module")
def attacked(first_start):
    path = make_base()
    copy_of(first_start, path)
    nsd = zones.Nsd(path)
    for domain in ("google.com", "microsoft.com", "evil.example", "g00gle.example",
                   "relay.example"):
        nsd.write_zone(domain, {"sel._domainkey": key_record(),
                                "other._domainkey": key_record()})
    nsd.start()
    domains = [f"victim{n}.example" for n in range(40)]
    made = Daemon(path, *zones.flags_of(nsd), "--trust-network", f"{PROXY}/32",
                  domains=domains)
    made.environment = zones.environment_of(nsd, ENVIRONMENT, seconds=20)
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


@pytest.fixture
def ready(attacked):
    """Clean for a fortnight: an attacker may want it to look dirty."""
    target = Target(attacked, next(attacked.next_domain)).fortnight()
    assert target.ask()[0] == READY
    return target


@pytest.fixture
def missing_day(attacked):
    """Clean so far, and Google's report of one bad day is still on its way."""
    return Target(attacked, next(attacked.next_domain)).fortnight(
        without=[(BAD_DAY, "google.com")])


@pytest.fixture
def dirty(missing_day):
    missing_day.send(genuine(failing(missing_day.domain), missing_day.domain))
    assert missing_day.ask()[0] == NOT_READY
    return missing_day


def forgeries(one, domain):
    """Every way to mail somebody else's words: name, mail."""
    plain = reports.mail(one, domain)
    evil = "tlsrpt@evil.example"
    bounce = (b"From: mailer-daemon@google.com\r\nTo: tlsrpt@%b\r\nSubject: returned\r\n"
              b"MIME-Version: 1.0\r\nContent-Type: multipart/report; "
              b"report-type=delivery-status; boundary=outer\r\n\r\n--outer\r\n"
              b"Content-Type: text/plain\r\n\r\nIt could not be delivered.\r\n--outer\r\n"
              b"Content-Type: message/rfc822\r\n\r\n%b\r\n--outer--\r\n"
              % (domain.encode(), plain))
    text = json.dumps(one).encode()
    reply = (b"From: %b\r\nTo: tlsrpt@%b\r\nSubject: Re: your mail\r\n"
             b"Auto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n"
             b"Content-Type: multipart/mixed; boundary=m\r\n\r\n--m\r\n"
             b"Content-Type: text/plain\r\n\r\nI am away. You wrote:\r\n--m\r\n"
             b"Content-Type: application/tlsrpt+json\r\n\r\n%b\r\n--m--\r\n"
             % (b"alice@google.com", domain.encode(), text))
    notice = (b"From: calendar-notification@google.com\r\nTo: tlsrpt@%b\r\n"
              b"Subject: Invitation\r\nContent-Type: application/json\r\n\r\n%b\r\n"
              % (domain.encode(), text))
    results = (b"Authentication-Results: mx.relay.example; dkim=pass "
               b"header.d=google.com\r\nReceived: from mail.google.com by "
               b"mx.relay.example; Mon, 23 Nov 2026 06:00:00 +0000\r\n")
    yield "unsigned", plain
    yield "From spoofed, signed by another", sign(plain, "evil.example")
    yield "two From lines", sign(b"From: " + evil.encode() + b"\r\n" + plain,
                                 "evil.example", fields=(b"from", b"from", b"to"))
    yield "a look-alike signs", sign(plain, "g00gle.example")
    yield "l= and words appended", sign(plain, "google.com", length=True) + b"more\r\n"
    yield "changed after it was signed", sign(plain, "google.com") + b"and more\r\n"
    yield "a signed bounce", sign(bounce, "google.com")
    yield "a signed auto-reply", sign(reply, "google.com")
    yield "a signed notification", sign(notice, "google.com")
    yield "a forged Authentication-Results", results + plain


def test_forged_success_clears_nothing(dirty):
    """Ten ways, under the name of the very report that stands in the way, and under a
    new one."""
    before = dirty.ask()
    for one in (clean(dirty.domain), failing(dirty.domain)):
        for why, mail in forgeries(one, dirty.domain):
            dirty.send(mail)
    status, criteria = dirty.ask()
    assert status == NOT_READY
    assert criteria["no_refused_sessions"]["numbers"] == (
        before[1]["no_refused_sessions"]["numbers"])
    assert criteria["sessions_seen"]["numbers"] == before[1]["sessions_seen"]["numbers"]


@pytest.mark.parametrize("signer", [None, "evil.example"])
@pytest.mark.parametrize("genuine_first", [True, False])
def test_a_copy_neither_hides_nor_pre_empts_nor_adds(missing_day, signer, genuine_first):
    """The attacker knows what the report will be called, and sends his before it, or
    after."""
    bad = failing(missing_day.domain)
    forged = clean(missing_day.domain, **{"report-id": bad["report-id"]})
    mail = reports.mail(forged, missing_day.domain)
    if signer:
        mail = sign(with_from(mail, f"tlsrpt@{signer}"), signer)
    true_mail = genuine(bad, missing_day.domain)
    before = missing_day.ask()[1]["sessions_seen"]["numbers"]["sessions"]
    for one in [true_mail, mail] if genuine_first else [mail, true_mail]:
        missing_day.send(one)
    status, criteria = missing_day.ask()
    assert status == NOT_READY
    assert criteria["no_refused_sessions"]["numbers"]["sessions"] == 7
    assert criteria["sessions_seen"]["numbers"]["sessions"] == before + 40
    sums = missing_day.daemon.rows(
        "SELECT vouched_reports, vouched_success_sessions, vouched_failure_sessions "
        "FROM domain_day WHERE policy_domain = %s AND day = %s AND kind = 9",
        missing_day.domain, BAD_DAY)
    assert sums == [(2, 40 + 50, 7)], "Microsoft's and Google's, and nothing else"


def test_forged_failures_of_nobody_change_nothing(ready):
    for why, mail in forgeries(failing(ready.domain), ready.domain):
        ready.send(mail)
    status, criteria = ready.ask()
    assert status == READY
    assert criteria["unvouched_failures"]["severity"] == "advisory"
    assert criteria["unvouched_failures"]["numbers"]["sessions"] > 0, "and is shown"


def test_a_strangers_own_failures_ask_to_be_looked_at(ready):
    """A vouched stranger may tell the truth: unknown, not fail; a mute ends it."""
    one = failing(ready.domain, reporter="sender.example")
    ready.send(sign(with_from(reports.mail(one, ready.domain), "tlsrpt@evil.example"),
                    "evil.example"))
    status, criteria = ready.ask()
    assert status == INSUFFICIENT
    assert criteria["no_refused_sessions"]["status"] == "pass"
    assert criteria["uncorroborated_failures"]["status"] == "unknown"

    daemon = ready.daemon
    daemon.cli("reporter", "mute", "evil.example", "--until",
               str(days_ago(-30)), "--why", "reports what nobody else sees")
    try:
        assert ready.ask()[0] == READY
        listed = daemon.cli("reporter", "list", "--on", ready.domain)
        assert "muted until" in listed and "reports what nobody else sees" in listed
    finally:
        daemon.cli("reporter", "unmute", "evil.example")
    assert ready.ask()[0] == INSUFFICIENT
    daemon.cli("reporter", "unmute", "evil.example", check=66)


def test_a_strangers_successes_clear_nothing(attacked):
    """Two cheap domains, a fortnight long, thousands of sessions, and Google's From
    addresses in none of them; and Google's signature under an employee's address."""
    target = Target(attacked, next(attacked.next_domain))
    for day in window(15):
        for signer in ("evil.example", "g00gle.example"):
            one = reports.report(sts(target.domain, 5000), day=day)
            target.send(sign(with_from(reports.mail(one, target.domain),
                                       f"tlsrpt@{signer}"), signer))
        one = reports.report(sts(target.domain, 5000), day=day, reporter="microsoft.com")
        target.send(sign(with_from(reports.mail(one, target.domain, "microsoft.com"),
                                   "alice@google.com"), "google.com"))
    status, criteria = target.ask()
    assert status == INSUFFICIENT
    assert criteria["days_covered"]["numbers"]["days_covered"] == 0
    listed = attacked.cli("reporter", "list", "--on", target.domain)
    assert "not counted: no profile" in listed
    assert "From is not an address of its profile" in listed


def test_a_genuine_report_counts_once_however_often_it_is_sent(ready):
    """Replay: of an old report as it was, and of it under a second signature of the
    attacker's."""
    before = ready.ask()[1]["sessions_seen"]["numbers"]
    old = genuine(reports.report(sts(ready.domain, 50), day=days_ago(9)), ready.domain)
    ready.send(old)
    after = ready.ask()[1]["sessions_seen"]["numbers"]
    assert after["sessions"] == before["sessions"] + 50, "a report more, as is Google's"
    for _ in range(3):
        ready.send(old, sign(old, "evil.example"))
    assert ready.ask()[1]["sessions_seen"]["numbers"] == after


def test_a_report_says_nothing_of_a_domain_it_does_not_name(ready, dirty):
    """Replay to another domain, and a report mailed to a domain that it is not about."""
    one = reports.report(sts(ready.domain, 50), day=BAD_DAY)
    before = dirty.ask()
    dirty.send(genuine(one, ready.domain))
    assert dirty.ask() == before
    ready_before = ready.ask()[1]["sessions_seen"]["numbers"]["sessions"]
    assert ready_before == 14 * 2 * 50 + 50, "it is filed where it belongs"
    foreign = reports.report(sts("nobody.example", 50), day=BAD_DAY)
    dirty.send(genuine(foreign, dirty.domain))
    status, criteria = dirty.ask()
    assert status == NOT_READY
    assert criteria["sessions_seen"] == before[1]["sessions_seen"]


def test_a_name_is_no_signature(attacked, ready):
    """The organisation that a report names itself decides nothing."""
    one = failing(ready.domain)
    one["organization-name"] = "Google Inc."
    one["contact-info"] = "smtp-tls-reporting@google.com"
    ready.send(sign(with_from(reports.mail(one, ready.domain), "tlsrpt@g00gle.example"),
                    "g00gle.example"))
    criteria = ready.ask()[1]
    assert criteria["no_refused_sessions"]["status"] == "pass"
    reporter = attacked.rows("SELECT reporter, organisation FROM report WHERE report_id "
                             "= %s", one["report-id"])
    assert reporter == [("g00gle.example", "Google Inc.")]


def test_results_of_a_relay_are_believed_from_the_relay_only(attacked, ready):
    """The same mail over the network and in a file that an operator marks."""
    one = failing(ready.domain)
    forged = dict(forgeries(one, ready.domain))["a forged Authentication-Results"]
    ready.send(forged)
    assert ready.ask()[0] == READY
    path = attacked.base / "relayed.eml"
    path.write_bytes(forged)
    path.chmod(0o644)
    attacked.cli("import", "--authserv", str(path), check=64)
    attacked.cli("import", "--authserv", "--authserv-id", "mx.relay.example", str(path))
    assert ready.ask()[0] == NOT_READY, "the operator says it came through his relay"


def test_the_operator_is_asked_twice_for_a_bad_signature(attacked, dirty):
    bad = sign(reports.mail(clean(dirty.domain), dirty.domain), "google.com")
    bad = bad.replace(b"application/tlsrpt+gzip", b"application/tlsrpt+gzip ")
    path = attacked.base / "bad.eml"
    path.write_bytes(bad.replace(b"This is an aggregate", b"This was an aggregate"))
    path.chmod(0o644)
    before = dirty.ask()[1]["sessions_seen"]
    attacked.cli("import", "--vouch", str(path))
    assert dirty.ask()[1]["sessions_seen"] == before
    listed = attacked.cli("reporter", "list", "--on", dirty.domain)
    assert "--vouch=all" in listed


# What proxies add (RFC 7239, RFC 9110, 7.6.3, and before there were those), the word of
# one that hides its client, and of one that passes on what a stranger wrote himself.
FORWARDED = [
    {"Forwarded": f"for={STRANGER};proto=https"},
    {"X_Forwarded_For": STRANGER},
    {"X_Forwarded_For": f"{PROXY}, {PROXY}"},
    {"X_Real_IP": STRANGER},
    {"Via": "1.1 proxy.firm.example"},
    {"Via": "1.1 proxy.firm.example", "Forwarded": "for=unknown", "X_Forwarded_For": ""},
]


def test_a_proxy_on_a_trusted_network_vouches_for_nobody(ready, dirty):
    """What it passes on is a stranger's, although its own address is trusted."""
    before = ready.ask()[1]["sessions_seen"], dirty.ask()[1]["sessions_seen"]
    for headers in FORWARDED:
        assert ready.post(failing(ready.domain), PROXY, **headers) == NONE
        assert dirty.post(clean(dirty.domain), PROXY, **headers) == NONE
    # And a stranger who comes himself, whatever he says of the way.
    for headers in [{}, {"X_Forwarded_For": PROXY}, {"Forwarded": f"for={PROXY}"}]:
        assert ready.post(failing(ready.domain), STRANGER, **headers) == NONE
        assert dirty.post(clean(dirty.domain), STRANGER, **headers) == NONE
    (status, criteria), (dirty_status, dirty_criteria) = ready.ask(), dirty.ask()
    assert (status, dirty_status) == (READY, NOT_READY)
    assert (criteria["sessions_seen"], dirty_criteria["sessions_seen"]) == before
    assert criteria["unvouched_failures"]["numbers"]["sessions"] == 9 * 7, "it is shown"


def test_a_direct_post_of_a_trusted_network_is_the_operators_word(ready):
    """The other side of the row above: the same address, and no header."""
    assert ready.post(failing(ready.domain), PROXY) == OPERATOR
    status, criteria = ready.ask()
    assert status == NOT_READY
    assert criteria["no_refused_sessions"]["numbers"]["sessions"] == 7
