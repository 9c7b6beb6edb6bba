"""LMTP (RFC 2033): smtplib, and the real Postfix in front as docs/postfix.md has it."""

import smtplib
import stat

import pytest

import postfix
import reports
from conftest import free_port, receipt_id_of, table, wait_until

LMTP = 2  # receipt.transport


def a_report(**members):
    return reports.report(reports.sts("firm.example"), **members)


def stored(daemon, *sent):
    """How often each is there, and by which ways they came."""
    rows = daemon.rows("SELECT p.report_id, r.transport FROM report p"
                       " JOIN receipt r USING (receipt_id)")
    counts = [[row[0] for row in rows].count(one["report-id"]) for one in sent]
    return counts, {row[1] for row in rows}


def client(daemon):
    where = daemon.ports["lmtp"]
    if isinstance(where, str):
        return smtplib.LMTP(where, local_hostname="client.example")
    return smtplib.LMTP("127.0.0.1", where, local_hostname="client.example")


@pytest.fixture(params=["tcp", "unix"])
def listen(request, base):
    """What --lmtp may be told."""
    if request.param == "tcp":
        return "127.0.0.1:0"
    return str(base / "data" / "lmtp")


def test_one_answer_a_recipient(daemon, listen):
    daemon.start("--lmtp", listen)
    report = a_report()
    with client(daemon) as lmtp:
        lmtp.ehlo()  # says LHLO
        assert lmtp.mail("sender@google.com")[0] == 250
        answers = [lmtp.rcpt(address)[0] for address in (
            "tlsrpt@firm.example", "nobody@firm.example", "tlsrpt+b@firm.example")]
        assert answers == [250, 550, 250]
        first = lmtp.data(reports.mail(report))
        second = lmtp.getreply()  # smtplib reads one
        assert first == second and receipt_id_of(first[1])
        assert lmtp.noop()[0] == 250 and lmtp.noop()[1] != first[1]
    daemon.drained()
    assert stored(daemon, report) == ([1], {LMTP})
    assert daemon.value("SELECT envelope_to FROM receipt") == [
        "tlsrpt@firm.example", "tlsrpt+b@firm.example"]


def test_smtp_is_not_spoken(daemon, listen):
    daemon.start("--lmtp", listen)
    with client(daemon) as lmtp:
        assert lmtp.docmd("EHLO", "client.example")[0] == 500
        assert lmtp.docmd("HELO", "client.example")[0] == 500
        assert lmtp.docmd("LHLO", "client.example")[0] == 250
    with daemon.smtp() as smtp:
        assert smtp.docmd("LHLO", "client.example")[0] == 500


def test_many_over_a_kill(daemon, listen):
    daemon.start("--lmtp", listen)
    sent = [a_report() for _ in range(20)]
    with client(daemon) as lmtp:
        for report in sent:
            assert lmtp.sendmail("sender@google.com", ["tlsrpt@firm.example"],
                                 reports.mail(report)) == {}
    daemon.kill()
    daemon.start("--lmtp", listen)  # a socket that the kill left is no obstacle
    daemon.drained()
    assert stored(daemon, *sent) == ([1] * len(sent), {LMTP})


def test_the_socket_in_the_file_system(daemon, base):
    path = base / "data" / "lmtp"
    daemon.start("--lmtp", str(path))
    assert daemon.ports["lmtp"] == str(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o666
    assert daemon.stop() == 0
    assert not path.exists()


@table("why, make", [
    ("a file", lambda path: path.write_text("precious")),
    ("a folder", lambda path: path.mkdir()),
    ("a link to nowhere", lambda path: path.symlink_to("/nowhere")),
])
def test_what_is_no_socket_is_left_alone(daemon, base, why, make):
    path = base / "lmtp"
    make(path)
    before = path.lstat()
    daemon.start("--lmtp", str(path), wait=False)
    assert daemon.ended() not in (0, None)
    assert str(path) in daemon.log_text()
    assert path.lstat() == before


# --- behind Postfix -----------------------------------------------------------------


@pytest.fixture
def behind(base):
    if postfix.WHY_NOT:
        pytest.skip(postfix.WHY_NOT)
    made = postfix.Postfix(base)
    yield made
    made.stop()


def body_of(mail):
    return mail.split(b"\r\n\r\n", 1)[1]


@pytest.fixture(params=["tcp", "unix"])
def way(request, behind):
    """--lmtp, and the transport that leads there."""
    if request.param == "tcp":
        port = free_port()
        return f"127.0.0.1:{port}", f"lmtp:inet:127.0.0.1:{port}"
    return str(behind.socket_folder / "lmtp"), "lmtp:unix:tlsrptd/lmtp"


def test_behind_postfix(daemon, behind, way):
    listen, transport = way
    daemon.start("--lmtp", listen)
    behind.start(transport)
    sent = [a_report() for _ in range(10)]
    mails = [reports.mail(report) for report in sent]
    for mail in mails:
        assert behind.send(mail) == {}
    assert list(behind.send(mails[0], "tlsrpt+sub@firm.example",
                            "tlsrpt@firm.example", "info@firm.example")) == [
        "info@firm.example"], "other mail of the domain is not for us"
    wait_until("Postfix has delivered", lambda: behind.delivered() == len(sent) + 2)
    # It says that a mail was sent before it takes the file away.
    wait_until("the queue is empty", lambda: not behind.queued())
    daemon.drained()
    assert stored(daemon, *sent) == ([1] * len(sent), {LMTP})
    assert "postfix/lmtp" in behind.log_text()
    # What a signature covers has gone through untouched.
    kept = {body_of(row[0].tobytes()) for row in daemon.rows("SELECT body FROM receipt_raw")}
    assert kept == {body_of(mail) for mail in mails}


def test_postfix_keeps_what_we_cannot_take(daemon, behind, way):
    """Down, and with a full spool: it waits in Postfix's queue and comes later."""
    listen, transport = way
    behind.start(transport)
    sent = [a_report() for _ in range(5)]
    for report in sent:
        assert behind.send(reports.mail(report)) == {}
    wait_until("Postfix has tried", lambda: "status=deferred" in behind.log_text())

    full = daemon.base / "full.toml"
    full.write_text('[spool]\nmin_free_disk = "1000TiB"\n')
    daemon.start("--config", str(full), "--lmtp", listen)
    wait_until("Postfix was told 452", lambda: " 452 4.3.1 " in behind.log_text())
    # One that goes from one of its queues to another meanwhile is seen in neither.
    wait_until("Postfix has them all", lambda: len(behind.queued()) >= len(sent))
    assert behind.delivered() == 0
    assert daemon.stop() == 0

    daemon.start("--lmtp", listen)
    # LMTP may deliver twice, and what is stored below may not.
    wait_until("Postfix has delivered", lambda: behind.delivered() >= len(sent))
    daemon.drained()
    assert stored(daemon, *sent) == ([1] * len(sent), {LMTP})
