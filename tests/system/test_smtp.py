"""The SMTP that senders really speak: Python's smtplib, Debian's swaks, raw sockets."""

import re
import shlex
import shutil
import smtplib
import socket
import ssl
import subprocess
import warnings

import pytest

import posts
import reports
from attackers import HUNG_UP
from conftest import ENVIRONMENT, SOURCE, deliver, receipt_id_of, table

UUID7 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


class Raw:
    """A socket that says exactly what it is told to."""

    def __init__(self, daemon):
        self.socket = socket.create_connection(("127.0.0.1", daemon.port), timeout=60)
        self.file = self.socket.makefile("rb")
        self.expect(220)
        self.say(b"EHLO client.example\r\n", 250)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.file.close()
        self.socket.close()

    def answer(self):
        """Code and last line of one reply."""
        while True:
            line = self.file.readline()
            assert line.endswith(b"\r\n"), ("the connection ended", line)
            if line[3:4] == b" ":
                return int(line[:3]), line[4:-2]

    def expect(self, code):
        got, text = self.answer()
        assert got == code, (got, text)
        return text

    def say(self, data, *codes):
        """Sends it in one piece; every reply must come, in this order."""
        self.socket.sendall(data)
        return [self.expect(code) for code in codes]


def a_report(domain):
    """A mail and the report-id in it."""
    one = reports.report(reports.sts(domain))
    return reports.mail(one, domain), one["report-id"]


def stored(daemon, report_id):
    return daemon.rows("SELECT receipt_id::text, policy_domain FROM report "
                       "WHERE report_id = %s", report_id)


def test_receipt_id_in_the_250_is_that_of_the_table(shared, domain):
    mail, report_id = a_report(domain)
    receipt_id = shared.send(mail, f"tlsrpt@{domain}", "bounce@google.com")
    assert UUID7.fullmatch(receipt_id)
    shared.drained()
    assert stored(shared, report_id) == [(receipt_id, domain)]
    (row,) = shared.rows("SELECT envelope_from, envelope_to, transport, peer "
                         "FROM receipt WHERE receipt_id = %s", receipt_id)
    assert row[:3] == ("bounce@google.com", [f"tlsrpt@{domain}"], 1)
    assert row[3].startswith("127.0.0.1:")


def test_what_is_offered(shared):
    with shared.smtp() as client:
        client.ehlo()
        assert set(client.esmtp_features) >= {
            "pipelining", "size", "8bitmime", "smtputf8", "starttls", "chunking",
            "enhancedstatuscodes"}
        client.starttls(context=any_certificate())
        client.ehlo()
        assert "starttls" not in client.esmtp_features


@table("why, address, code", [
    ("what the first-run text publishes", "tlsrpt@{}", 250),
    ("case does not matter", "TLSRPT@{}", 250),
    ("a subaddress tells senders apart", "tlsrpt+google@{}", 250),
    ("RFC 5321, 4.5.1: postmaster", "postmaster@{}", 250),
    ("RFC 5321, 4.5.1: in any case", "Postmaster@{}", 250),
    ("RFC 5321, 4.5.1: without a domain", "postmaster", 250),
    ("nobody else lives here", "info@{}", 550),
    ("not even one who begins so", "tlsrpts@{}", 550),
    ("a domain that is not configured", "tlsrpt@other.example", 550),
    ("a name below a configured one", "tlsrpt@sub.{}", 550),
    ("never a relay", "victim@gmail.com", 550),
    ("nor with a percent hack", "victim%gmail.com@{}", 550),
])
def test_recipients(shared, why, address, code):
    with shared.smtp() as client:
        client.ehlo()
        client.mail("sender@google.com")
        got, text = client.rcpt(address.format("firm.example"))
        assert got == code, (why, text)


def test_one_bad_recipient_does_not_stop_the_others(shared, domain):
    mail, report_id = a_report(domain)
    with shared.smtp() as client:
        refused = client.sendmail("sender@google.com",
                                  [f"nobody@{domain}", f"tlsrpt@{domain}"], mail)
    assert list(refused) == [f"nobody@{domain}"]
    assert refused[f"nobody@{domain}"][0] == 550
    shared.drained()
    assert len(stored(shared, report_id)) == 1


def test_no_valid_recipient_no_message(shared, domain):
    before = shared.drained().value("SELECT count(*) FROM receipt")
    with shared.smtp() as client, pytest.raises(smtplib.SMTPRecipientsRefused):
        client.sendmail("sender@google.com", [f"nobody@{domain}"], a_report(domain)[0])
    with Raw(shared) as raw:  # RFC 2920, 3.1: DATA pipelined behind the refusal
        raw.say(b"MAIL FROM:<>\r\nRCPT TO:<nobody@firm.example>\r\nDATA\r\n",
                250, 550, 554)
    assert shared.value("SELECT count(*) FROM receipt") == before


def test_many_messages_on_one_connection(shared, domain):
    sent = {}
    with shared.smtp() as client:
        for _ in range(25):
            mail, report_id = a_report(domain)
            sent[report_id] = deliver(client, mail, f"tlsrpt@{domain}")
    assert len(set(sent.values())) == 25
    shared.drained()
    assert dict(shared.rows("SELECT report_id, receipt_id::text FROM report "
                            "WHERE policy_domain = %s", domain)) == sent


def test_reset_forgets_the_transaction(shared, domain):
    with shared.smtp() as client:
        client.ehlo()
        client.mail("sender@google.com")
        client.rcpt(f"tlsrpt@{domain}")
        assert client.rset()[0] == 250
        assert client.docmd("DATA")[0] in (503, 554)
        deliver(client, a_report(domain)[0], f"tlsrpt@{domain}")


@table("why, size", [
    ("chunks that cut line ends", 7), ("chunks that cut lines", 64), ("usual", 1000),
    ("all at once", 1 << 20)])
def test_chunks(shared, domain, why, size):
    mail, report_id = a_report(domain)
    raw_bytes = mail + b".\r\n.. dots are no dots in BDAT\r\n"
    with Raw(shared) as raw:
        raw.say(b"MAIL FROM:<a@google.com> BODY=8BITMIME\r\n"
                b"RCPT TO:<tlsrpt@%s>\r\n" % domain.encode(), 250, 250)
        for at in range(0, len(raw_bytes), size):
            part = raw_bytes[at:at + size]
            raw.say(b"BDAT %d\r\n" % len(part) + part, 250)
        (text,) = raw.say(b"BDAT 0 LAST\r\n", 250)
    receipt_id = receipt_id_of(text)
    shared.drained()
    assert stored(shared, report_id) == [(receipt_id, domain)]
    assert body_of(shared, receipt_id) == raw_bytes, why


def test_pipelined_chunks_of_two_messages(shared, domain):
    """RFC 3030, 4.2: two whole transactions without waiting for one answer."""
    ids, data = [], b""
    for _ in range(2):
        mail, report_id = a_report(domain)
        ids.append(report_id)
        data += (b"MAIL FROM:<a@google.com>\r\nRCPT TO:<tlsrpt@%s>\r\n" % domain.encode()
                 + b"BDAT %d LAST\r\n" % len(mail) + mail)
    with Raw(shared) as raw:
        raw.say(data + b"QUIT\r\n", 250, 250, 250, 250, 250, 250, 221)
    shared.drained()
    assert [len(stored(shared, report_id)) for report_id in ids] == [1, 1]


def test_pipelined_data(shared, domain):
    """RFC 2920: everything up to DATA in one piece, then message and QUIT in another."""
    mail, report_id = a_report(domain)
    with Raw(shared) as raw:
        raw.say(b"MAIL FROM:<a@google.com> SIZE=%d\r\n" % len(mail)
                + b"RCPT TO:<tlsrpt@%s>\r\nDATA\r\n" % domain.encode(), 250, 250, 354)
        raw.say(mail + b".\r\nNOOP\r\nQUIT\r\n", 250, 250, 221)
    shared.drained()
    assert len(stored(shared, report_id)) == 1


def test_dots_are_unstuffed_and_nothing_else_changes(shared):
    body = b"Subject: dots\r\n\r\n.\r\n..\r\n...three\r\n caf\xc3\xa9 \xff\x00\r\n\r\n"
    with Raw(shared) as raw:
        raw.say(b"MAIL FROM:<>\r\nRCPT TO:<postmaster>\r\nDATA\r\n", 250, 250, 354)
        stuffed = b"\r\n".join(b"." + line if line.startswith(b".") else line
                               for line in body.split(b"\r\n"))
        (text,) = raw.say(stuffed + b".\r\n", 250)
    shared.drained()
    assert body_of(shared, receipt_id_of(text)) == body


@table("why, body", [
    ("SMTP smuggling: the end of a message behind a bare LF", b"Subject: x\r\n\r\n\n.\n"),
    ("the same, half of it", b"Subject: x\r\n\r\na\n.\r\nb\r\n"),
    ("the other half", b"Subject: x\r\n\r\na\r\n.\nb\r\n"),
    ("a bare LF in a line", b"Subject: x\r\n\r\nfirst\nsecond\r\n"),
    ("a bare CR in a line", b"Subject: x\r\n\r\nfirst\rsecond\r\n"),
])
def test_bare_line_ends_are_refused(shared, why, body):
    before = shared.drained().value("SELECT count(*) FROM receipt")
    with Raw(shared) as raw:
        raw.say(b"MAIL FROM:<>\r\nRCPT TO:<postmaster>\r\nDATA\r\n", 250, 250, 354)
        (text,) = raw.say(body + b"\r\n.\r\n", 554)
        assert b"CRLF" in text, why
        raw.say(b"NOOP\r\n", 250)  # exactly one answer: nothing was taken for a command
    assert shared.drained().value("SELECT count(*) FROM receipt") == before


def test_bare_line_end_in_a_command(shared):
    with Raw(shared) as raw:
        raw.say(b"NOOP\nNOOP\r\n", 500)
        raw.say(b"NOOP\r\n", 250)


def test_declared_size_too_large(shared):
    with shared.smtp() as client:
        client.ehlo()
        limit = int(client.esmtp_features["size"])
        assert client.docmd("MAIL", f"FROM:<> SIZE={limit + 1}")[0] == 552
        assert client.docmd("MAIL", f"FROM:<> SIZE={limit}")[0] == 250


def test_what_is_advertised_is_taken(daemon):
    """Also when it is more than all sessions hold together by default."""
    settings = daemon.base / "large.toml"
    settings.write_text('[smtp]\nmax_message_bytes = "300MiB"\n'
                        '[https]\nmax_body_bytes = "300MiB"\n')
    daemon.start("--config", str(settings))
    with Raw(daemon) as raw:
        raw.say(b"MAIL FROM:<> SIZE=%d\r\n" % (300 << 20), 250)
    assert posts.answer_to_head(daemon, 300 << 20) == b"HTTP/1.1 100 Continue\r\n"


def test_larger_than_the_spool(daemon):
    """It will never fit, so it is not to be sent again."""
    daemon.start("--spool-quota", "16MiB")
    with Raw(daemon) as raw:
        raw.say(b"MAIL FROM:<> SIZE=%d\r\n" % (17 << 20), 552)
        raw.say(b"MAIL FROM:<> SIZE=%d\r\n" % (15 << 20), 250)
    assert b" 413 " in posts.answer_to_head(daemon, 17 << 20)
    assert b" 100 " in posts.answer_to_head(daemon, 15 << 20)


def test_undeclared_size_too_large(daemon):
    daemon.base.joinpath("small.toml").write_text(
        '[smtp]\nmax_message_bytes = "64KiB"\n')
    daemon.start("--config", str(daemon.base / "small.toml"))
    line = b"x" * 70 + b"\r\n"
    with Raw(daemon) as raw:
        raw.say(b"MAIL FROM:<>\r\nRCPT TO:<postmaster>\r\nDATA\r\n", 250, 250, 354)
        raw.say(line * 2000 + b".\r\n", 552)
        raw.say(b"MAIL FROM:<>\r\nRCPT TO:<postmaster>\r\n", 250, 250)
        raw.say(b"BDAT 70000 LAST\r\n" + b"x" * 70000, 552)
        raw.say(b"MAIL FROM:<>\r\nRCPT TO:<postmaster>\r\nDATA\r\n", 250, 250, 354)
        (text,) = raw.say(line * 10 + b".\r\n", 250)
    daemon.drained()
    assert [str(row[0]) for row in daemon.rows("SELECT receipt_id FROM receipt")] == [
        receipt_id_of(text)]


def test_smtputf8(shared, domain):
    mail, report_id = a_report(domain)
    with shared.smtp() as client:
        client.ehlo()
        assert client.docmd("MAIL", "FROM:<a@google.com> SMTPUTF8")[0] == 250
        assert client.rcpt(f"tlsrpt@{domain}")[0] == 250
        assert client.data(mail)[0] == 250
    shared.drained()
    assert len(stored(shared, report_id)) == 1


def test_both_spellings_of_a_domain(daemon):
    """RFC 6531: mail for a domain in U-labels, however it was configured."""
    daemon.domains = ("firm.example", "b\u00fccher.example")
    daemon.start("--recipient", "reports@b\u00fccher.example",
                 "--recipient", "other@xn--bcher-kva.example")
    with daemon.smtp() as client:
        client.ehlo()
        assert client.docmd("MAIL", "FROM:<a@google.com> SMTPUTF8")[0] == 250
        client.command_encoding = "utf-8"
        for local in ("tlsrpt", "reports", "other"):
            for spelling in ("b\u00fccher.example", "B\u00dcCHER.example",
                             "xn--bcher-kva.example"):
                code, text = client.docmd("RCPT", f"TO:<{local}@{spelling}>")
                assert code == 250, (local, spelling, text)
        assert client.docmd("RCPT", "TO:<tlsrpt@b\u00e4cher.example>")[0] == 550


def test_starttls_forgets_what_was_said(shared, domain):
    """RFC 3207, 4.2, and the injected commands of CVE-2011-0411."""
    mail, report_id = a_report(domain)
    with shared.smtp() as client:
        client.ehlo()
        client.mail("sender@google.com")
        client.starttls(context=any_certificate())
        assert client.docmd("MAIL", "FROM:<>")[0] == 503  # EHLO first
        client.ehlo()
        deliver(client, mail, f"tlsrpt@{domain}")
    shared.drained()
    assert len(stored(shared, report_id)) == 1


def test_commands_behind_starttls_are_not_obeyed(shared):
    with Raw(shared) as raw:
        raw.socket.sendall(b"STARTTLS\r\nMAIL FROM:<>\r\nRCPT TO:<postmaster>\r\n")
        raw.expect(220)
        raw.file.close()
        tls = any_certificate().wrap_socket(raw.socket)
        tls.sendall(b"NOOP\r\n")
        assert tls.recv(1000).startswith(b"250 "), "the answer to NOOP comes first"
        tls.close()


def test_certificate_is_kept_over_a_restart(daemon):
    first = certificate(daemon.start())
    assert daemon.stop() == 0
    assert certificate(daemon.start()) == first


def test_certificate_of_the_administrator(daemon):
    key, pem = daemon.base / "key.pem", daemon.base / "certificate.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days",
                    "2", "-subj", "/CN=mx.firm.example", "-addext",
                    "subjectAltName=DNS:mx.firm.example", "-keyout", str(key), "-out",
                    str(pem)], check=True, capture_output=True)
    key.chmod(0o600)
    daemon.start("--tls-certificate", str(pem), "--tls-key", str(key))
    trusting = ssl.create_default_context(cafile=str(pem))
    with socket.create_connection(("127.0.0.1", daemon.port), timeout=60) as plain:
        lines = plain.makefile("rb")
        assert lines.readline().startswith(b"220 ")
        plain.sendall(b"EHLO x\r\n")
        while lines.readline()[3:4] == b"-":
            continue
        plain.sendall(b"STARTTLS\r\n")
        assert lines.readline().startswith(b"220 ")
        with trusting.wrap_socket(plain, server_hostname="mx.firm.example") as tls:
            assert tls.version() in ("TLSv1.2", "TLSv1.3")


def test_old_tls_is_refused(shared):
    old = any_certificate()
    old.set_ciphers("ALL:@SECLEVEL=0")
    old.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        old.maximum_version = ssl.TLSVersion.TLSv1_1
    with shared.smtp() as client:
        client.ehlo()
        with pytest.raises((ssl.SSLError, OSError, smtplib.SMTPServerDisconnected)):
            client.starttls(context=old)
            client.ehlo()
    with shared.smtp() as client:  # and nobody else notices
        assert client.noop()[0] == 250


SWAKS = [
    ("plain", []),
    ("STARTTLS", ["-tls"]),
    ("pipelined", ["--pipeline"]),
    ("pipelined inside TLS", ["--pipeline", "-tls"]),
    ("HELO", ["--protocol", "SMTP"]),
    ("null sender", ["--from", "<>"]),
]


@table("why, flags", SWAKS)
def test_swaks(shared, domain, tmp_path, why, flags):
    assert shutil.which("swaks"), "this test needs Debian's swaks"
    mail, report_id = a_report(domain)
    file = tmp_path / "mail"
    file.write_bytes(mail.replace(b"\r\n", b"\n"))  # swaks makes CRLF of it
    if "--from" not in flags:
        flags = ["--from", "sender@google.com", *flags]
    done = subprocess.run(
        ["swaks", "--server", "127.0.0.1", "--port", str(shared.port), "--ehlo",
         "client.example", "--to", f"tlsrpt@{domain}", "--data", f"@{file}",
         "--timeout", "60", *flags], capture_output=True, timeout=120, env=ENVIRONMENT)
    assert done.returncode == 0, (why, done.stdout.decode(), done.stderr.decode())
    received = re.search(rb"250 2\.6\.0 (\S+) received", done.stdout)
    assert received, done.stdout.decode()
    if "-tls" in flags:
        assert b"TLS started with cipher" in done.stdout
    shared.drained()
    assert stored(shared, report_id) == [(received[1].decode(), domain)]


@pytest.mark.parametrize("document", ["README.md", "docs/postfix.md"])
def test_swaks_as_it_is_documented(shared, document):
    """It mails the sample, not its name: since Debian 13 only `@` says that it is a file."""
    (line,) = re.findall(r"^swaks .*", (SOURCE / document).read_text(), re.M)
    words = shlex.split(line)
    words[words.index("--server") + 1] = f"127.0.0.1:{shared.port}"
    done = subprocess.run([*words, "--timeout", "60"], capture_output=True, timeout=120,
                          env=ENVIRONMENT, cwd=SOURCE)
    assert done.returncode == 0, (done.stdout.decode(), done.stderr.decode())
    sample = (SOURCE / words[words.index("--data") + 1].lstrip("@")).read_text()
    said = [line[4:] for line in done.stdout.decode().splitlines()
            if line.startswith(" -> ")]
    assert "\n".join(sample.splitlines()) in "\n".join(said)


def test_swaks_is_told_no(shared):
    done = subprocess.run(
        ["swaks", "--server", "127.0.0.1", "--port", str(shared.port), "--ehlo",
         "client.example", "--from", "a@b.example", "--to", "nobody@firm.example",
         "--timeout", "60"], capture_output=True, timeout=120, env=ENVIRONMENT)
    assert done.returncode == 24, done.stdout.decode()  # no recipient was accepted
    assert b"550 5.1.1" in done.stdout


@table("why, first", [
    ("a browser", b"GET / HTTP/1.1\r\n"),
    ("a form that posts", b"POST / HTTP/1.1\r\n"),
])
def test_a_browser_is_hung_up_on(shared, why, first):
    with socket.create_connection(("127.0.0.1", shared.port), timeout=60) as client:
        client.sendall(first + b"Host: x\r\n\r\nMAIL FROM:<>\r\nRCPT TO:<postmaster>\r\n")
        lines = client.makefile("rb").read().split(b"\r\n")
    assert [line[:3] for line in lines if line] == [b"220", b"421"], (why, lines)


def test_garbage_is_hung_up_on(shared):
    """Bounded: somebody who only talks nonsense is not listened to for ever."""
    with socket.create_connection(("127.0.0.1", shared.port), timeout=60) as client:
        try:
            client.sendall(b"\x16\x03\x01 what is this\r\n" * 1000)
            answers = client.makefile("rb").read()
        except HUNG_UP:
            answers = None  # with our bytes unread
    assert answers is None or b"421 " in answers
    with shared.smtp() as client:
        assert client.noop()[0] == 250


def test_connections_of_one_address_are_limited(daemon):
    daemon.base.joinpath("few.toml").write_text(
        "[smtp]\nmax_connections_per_address = 3\n")
    daemon.start("--config", str(daemon.base / "few.toml"))
    open_ones = [daemon.smtp() for _ in range(3)]
    with pytest.raises(smtplib.SMTPConnectError) as refused:
        daemon.smtp()
    assert refused.value.smtp_code == 421
    for client in open_ones:
        assert client.quit()[0] == 221


def any_certificate():
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def certificate(daemon):
    with daemon.smtp() as client:
        client.starttls(context=any_certificate())
        found = client.sock.getpeercert(binary_form=True)
        assert found
        return found


def body_of(daemon, receipt_id):
    return bytes(daemon.value("SELECT body FROM receipt_raw WHERE receipt_id = %s",
                              receipt_id))
