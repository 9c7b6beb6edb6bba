"""Clients that do not mean well, at every port: nothing of theirs is stored, and others
are served meanwhile."""

import resource
import smtplib

import pytest

import posts
import reports
from attackers import (EHLO, ENVELOPE, POST, STEPS, Crowd, address, descriptors, talk,
                       throw)
from conftest import running, table, wait_until
from http_client import Api

IDLE = 2000
PORTS = ("smtp", "lmtp", "https", "api")


@pytest.fixture(scope="module")
def attacked(first_start):
    """One daemon with every port open."""
    with running(first_start, "--lmtp", "127.0.0.1:0") as daemon:
        yield daemon


def settled(daemon):
    """Waits until everything acknowledged is in the database; asks the API for it."""
    api = Api(daemon.ports["api"])
    wait_until("the spool is empty",
               lambda: api.get("/v1/status").json()["spool_depth"] == 0)
    return daemon


def serves_others(daemon):
    """A mail, a mail by LMTP, a post and a question, from somebody else."""
    sent = [reports.report(reports.sts("firm.example")) for _ in range(3)]
    daemon.send(reports.mail(sent[0]))
    with smtplib.LMTP("127.0.0.1", daemon.ports["lmtp"], local_hostname="x") as client:
        assert client.sendmail("a@google.com", ["tlsrpt@firm.example"],
                               reports.mail(sent[1])) == {}
    posts.deliver(daemon, sent[2])
    settled(daemon)
    for one in sent:
        assert daemon.value("SELECT count(*) FROM report WHERE report_id = %s",
                            one["report-id"]) == 1


def receipts(daemon):
    return settled(daemon).value("SELECT count(*) FROM receipt")


def test_slow_clients_at_every_step_at_once(attacked):
    before = receipts(attacked)
    with Crowd() as crowd:
        for number, (port, _, said, tls) in enumerate(STEPS):
            for _ in range(3):
                crowd.stand(attacked.ports[port], said, address(number), tls)
        serves_others(attacked)
    assert receipts(attacked) == before + 3, "theirs are no messages"
    serves_others(attacked)


def test_two_thousand_idle_connections(daemon):
    """Under the limit of descriptors that systemd sets, and with TLS under way too."""
    settings = daemon.base / "many.toml"
    settings.write_text("[smtp]\nmax_connections = 2500\n"
                        "[https]\nmax_connections = 2500\n")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    assert hard > 3 * IDLE, "this test needs descriptors of its own"
    resource.setrlimit(resource.RLIMIT_NOFILE, (1024, hard))
    try:
        daemon.start("--config", str(settings), "--lmtp", "127.0.0.1:0")
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    try:
        with Crowd() as crowd:
            # Fifty of each address, as many as one may have.
            for number in range(IDLE):
                crowd.stand(daemon.ports["smtp" if number % 2 else "https"],
                            EHLO if number % 4 == 1 else b"", address(number // 50))
            wait_until("they are all connected",
                       lambda: descriptors(daemon.process.pid) > IDLE)
            serves_others(daemon)
        wait_until("they are all gone", lambda: descriptors(daemon.process.pid) < 200)
        serves_others(daemon)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@table("why, said", [
    ("in a transaction", ENVELOPE),
    ("before a handshake", EHLO + b"STARTTLS\r\n"),
])
def test_who_holds_every_place_does_not_keep_it(daemon, why, said):
    """A few addresses can have all of them; the mail of others gets through long before
    the five minutes that a silent client has otherwise."""
    settings = daemon.base / "few.toml"
    settings.write_text("[smtp]\nmax_connections = 8\nmax_connections_per_address = 2\n")
    daemon.start("--config", str(settings))
    with Crowd() as crowd:
        for number in range(8):
            crowd.stand(daemon.port, said, f"127.1.0.{number // 2 + 1}")

        def gets_through():
            try:
                return daemon.send(reports.mail(reports.report(reports.sts("firm.example"))))
            except smtplib.SMTPConnectError as error:
                assert error.smtp_code == 421
                return False
        wait_until(f"a mail gets through the silent {why}", gets_through)


@table("why, port", [(port, port) for port in PORTS])
def test_rubbish(attacked, rng, why, port):
    """Megabytes of it, some of it in the words of the protocol."""
    before = receipts(attacked)
    words = [b"EHLO x\r\n", b"MAIL FROM:<>\r\n", b"BDAT 99999\r\n", b"\r\n.\r\n", b"\r\n",
             b"GET / HTTP/1.1\r\n", b"Host: x\r\n\r\n", b"Content-Length: 9\r\n", b"\0"]
    for tls in (False, True) if port == "https" else (False,):
        throw(attacked.ports[port], rng.randbytes(1 << 20), tls)
        throw(attacked.ports[port], b"".join(rng.choice(words) for _ in range(20_000)), tls)
        for _ in range(20):
            throw(attacked.ports[port], rng.choice(words) + rng.randbytes(rng.randrange(99)),
                  tls)
    assert receipts(attacked) == before, why
    serves_others(attacked)


def codes(answers):
    """Of each reply, its code: the last lines of those that have several."""
    return [int(line[:3]) for line in answers.split(b"\r\n") if line[3:4] == b" "]


QUIT = b"QUIT\r\n"
HELLO = [220, 250, 250, 250]  # greeting, EHLO, MAIL, RCPT


@table("why, said, replies, stored", [
    ("a chunk of 2^63 that ends at once", ENVELOPE + b"BDAT 9223372036854775808\r\n",
     HELLO, 0),
    ("a chunk of 2^64", ENVELOPE + b"BDAT 18446744073709551616\r\nQUIT\r\n",
     HELLO + [501], 0),
    ("a chunk below zero", ENVELOPE + b"BDAT -1\r\nQUIT\r\n", HELLO + [501], 0),
    ("a chunk without a size", ENVELOPE + b"BDAT LAST\r\nQUIT\r\n", HELLO + [501], 0),
    ("commands inside a chunk are not obeyed",
     ENVELOPE + b"BDAT 12\r\nRSET\r\nQUIT\r\nBDAT 0 LAST\r\n" + QUIT,
     HELLO + [250, 250, 221], 1),
    ("a chunk without a transaction is read past",
     EHLO + b"BDAT 6 LAST\r\nQUIT\r\nNOOP\r\n" + QUIT, [220, 250, 503, 250, 221], 0),
    ("a second last chunk", ENVELOPE + b"BDAT 0 LAST\r\nBDAT 6 LAST\r\nQUIT\r\n" + QUIT,
     HELLO + [250, 503, 221], 1),
    ("DATA between chunks", ENVELOPE + b"BDAT 1\r\nxDATA\r\nRSET\r\n" + QUIT,
     HELLO + [250, 503, 250, 221], 0),
    ("RCPT between chunks",
     ENVELOPE + b"BDAT 1\r\nxRCPT TO:<postmaster>\r\nRSET\r\n" + QUIT,
     HELLO + [250, 503, 250, 221], 0),
    ("a chunk that never fits", ENVELOPE + b"BDAT 99999999\r\n" + b"x" * 100, HELLO, 0),
    ("more chunks than there may be commands",
     ENVELOPE + b"BDAT 1\r\nx" * 400 + b"BDAT 0 LAST\r\n" + QUIT,
     HELLO + [250] * 401 + [221], 1),
    ("empty chunks without end", ENVELOPE + b"BDAT 0\r\n" * 1000,
     HELLO + [250] * 297 + [421], 0),
])
def test_chunk_games(attacked, why, said, replies, stored):
    before = receipts(attacked)
    assert codes(talk(attacked.ports["smtp"], said)) == replies, why
    assert receipts(attacked) - before == stored, why


# What some server has taken for the end of a message.
ENDS = [b"\n.\n", b"\n.\r\n", b"\r\n.\n", b"\r.\r", b"\r\n.\r", b"\r.\r\n", b"\n.\r",
        b"\r\n\0.\r\n", b"\r\n.\0\r\n", b"\r\n.\r\r\n", b"\r\r\n.\r\r\n", b"\n\n.\r\n",
        b"\r\n.\n\r\n", b"\r\n\r.\r\n", b"\r\n. \r\n", b"\r\n..\r\n"]


@table("why, port", [("smtp", "smtp"), ("lmtp", "lmtp")])
def test_smuggled_messages(attacked, why, port):
    """A second message inside a first one is part of it, or goes down with it."""
    sent = []
    for end in ENDS:
        inner = reports.report(reports.sts("firm.example"))
        envelope = ENVELOPE.replace(b"EHLO", b"LHLO") if port == "lmtp" else ENVELOPE
        said = (envelope + b"DATA\r\nSubject: outer\r\n\r\nouter" + end
                + b"MAIL FROM:<a@google.com>\r\nRCPT TO:<tlsrpt@firm.example>\r\nDATA\r\n"
                + reports.mail(inner) + b".\r\n" + QUIT)
        got = codes(talk(attacked.ports[port], said))
        assert got in (HELLO + [354, 250, 221], HELLO + [354, 554, 221]), (end, got)
        sent.append(inner["report-id"])
    settled(attacked)
    assert attacked.rows("SELECT report_id FROM report WHERE report_id = ANY(%s)",
                         sent) == []


LONG = b"x" * (1 << 20)


@table("why, port, said, code", [
    ("a command line", "smtp", EHLO + b"NOOP " + LONG + b"\r\n", 500),
    ("a line that never ends", "smtp", EHLO + LONG, 250),
    ("a name", "smtp", b"EHLO " + LONG[:1500] + b"\r\n", 501),
    ("an address", "smtp", EHLO + b"MAIL FROM:<" + LONG[:1900] + b"@x>\r\nRSET\r\n", 250),
    ("a declared size", "smtp", EHLO + b"MAIL FROM:<> SIZE=" + b"9" * 20 + b"\r\n", 552),
    ("a size with too many digits", "smtp",
     EHLO + b"MAIL FROM:<> SIZE=" + b"9" * 400 + b"\r\n", 501),
    ("recipients", "smtp",
     EHLO + b"MAIL FROM:<>\r\n" + b"RCPT TO:<postmaster>\r\n" * 150, 452),
    ("bad recipients", "smtp", EHLO + b"MAIL FROM:<>\r\n" + b"RCPT TO:<x@y.z>\r\n" * 999,
     421),
    ("commands", "smtp", EHLO + b"NOOP\r\n" * 5000, 421),
    ("a request line", "https", b"POST /" + LONG + b" HTTP/1.1\r\n\r\n", 431),
    ("a header", "https", POST + b"X: " + LONG + b"\r\n\r\n", 431),
    ("headers", "https", POST + b"X: y\r\n" * 100_000 + b"\r\n", 431),
    ("a declared body", "https", POST + b"Content-Length: " + b"9" * 18 + b"\r\n\r\n",
     413),
    ("a declared body past 64 bits", "https",
     POST + b"Content-Length: " + b"9" * 30 + b"\r\n\r\n", 400),
    ("a declared chunk", "https",
     POST + b"Transfer-Encoding: chunked\r\n\r\nfffffffffffffff\r\n", 413),
    ("a chunk extension", "https",
     POST + b"Transfer-Encoding: chunked\r\n\r\n1;" + LONG + b"\r\n", 431),
    ("a trailer", "https",
     POST + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\nX: " + LONG + b"\r\n", 431),
    ("a question", "api", b"GET /v1/domains?a=" + LONG + b" HTTP/1.1\r\n\r\n", 431),
    ("a header of a question", "api",
     b"GET /v1/status HTTP/1.1\r\nHost: x\r\nX: " + LONG + b"\r\n\r\n", 431),
    ("a body for the API", "api",
     b"POST /v1/domains HTTP/1.1\r\nHost: x\r\nContent-Length: 9999999999\r\n\r\n", 413),
])
def test_oversized(attacked, why, port, said, code):
    before = receipts(attacked)
    answer = talk(attacked.ports[port], said, tls=port == "https")
    if port == "smtp":
        assert codes(answer)[-1] == code, (why, answer[-200:])
    else:
        # It may have hung up while most of it was still on the way.
        assert not answer or answer.startswith(b"HTTP/1.1 %d " % code), (why, answer[:200])
    assert receipts(attacked) == before


def test_who_is_refused_may_come_again(attacked):
    """One who was hung up on is served like anybody else on the next connection."""
    assert codes(talk(attacked.ports["smtp"], b"nonsense\r\n" * 20))[-1] == 500
    assert codes(talk(attacked.ports["smtp"], b"nonsense\r\n" * 21))[-1] == 421
    serves_others(attacked)
