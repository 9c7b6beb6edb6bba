"""Reports by POST (RFC 8460, 5.4): curl and http.client against the real daemon."""

import gzip
import json
import socket
import ssl

import attackers
import posts
import reports
from conftest import Daemon, table

HTTPS = 3  # receipt.transport


def a_report(domain="firm.example", **members):
    return reports.report(reports.sts(domain), **members)


def stored(daemon, report):
    """The rows of the report."""
    return daemon.rows(
        "SELECT p.reporter, p.vouched, r.transport FROM report p"
        " JOIN receipt r USING (receipt_id) WHERE p.report_id = %s", report["report-id"])


@table("why, pack, media_type", [
    ("Stalwart: gzip", posts.gzipped, "application/tlsrpt+gzip"),
    ("Halon: plain JSON", posts.plain, "application/tlsrpt+json"),
    ("zip", posts.zipped, "application/zip"),
    ("gzip that says JSON", posts.gzipped, "application/tlsrpt+json"),
    ("JSON that says gzip", posts.plain, "application/tlsrpt+gzip"),
    ("what curl says of anything", posts.plain, "application/x-www-form-urlencoded"),
    ("no type", posts.gzipped, ""),
    ("a type that is none", posts.gzipped, "text/html; charset"),
])
def test_curl(shared, domain, why, pack, media_type):
    report = a_report(domain)
    sent = pack(report)
    status, answer = posts.curl(shared, "-H", "Content-Type: " + media_type, data=sent)
    assert status == 202, answer
    receipt_id = json.loads(answer)["receipt_id"]
    shared.drained()
    assert stored(shared, report) == [("", False, HTTPS)]
    assert shared.value("SELECT body FROM receipt_raw WHERE receipt_id = %s",
                        receipt_id).tobytes() == sent, "as it came"


@table("why, words", [
    ("over a megabyte: curl asks first (Expect)", ("-H", "Expect: 100-continue")),
    ("in chunks", ("-H", "Transfer-Encoding: chunked")),
    ("in chunks, and asks first",
     ("-H", "Transfer-Encoding: chunked", "-H", "Expect: 100-continue")),
    ("HTTP/1.0", ("--http1.0",)),
    ("HTTP/2 if there were any", ("--http2",)),
])
def test_large_body(shared, domain, why, words):
    report = a_report(domain)
    body = posts.plain(report) + b" " * (2 << 20)
    status, answer = posts.curl(shared, *words, data=body)
    assert status == 202, answer
    shared.drained()
    assert len(stored(shared, report)) == 1


def test_many_on_one_connection(shared, domain):
    client = posts.client(shared)
    sent = []
    for _ in range(20):
        report = a_report(domain)
        client.request("POST", posts.PATH, posts.gzipped(report))
        answer = client.getresponse()
        assert answer.status == 202, answer.read()
        answer.read()
        sent.append(report["report-id"])
    client.close()
    shared.drained()
    assert sorted(row[0] for row in shared.rows(
        "SELECT report_id FROM report WHERE policy_domain = %s", domain)) == sorted(sent)


@table("why, body, path, status", [
    ("empty", b"", posts.PATH, 400),
    ("not a report's form", b"hello", posts.PATH, 415),
    ("HTML", b"<!DOCTYPE html>", posts.PATH, 415),
    ("another path", b"{}", "/", 404),
    ("too large", b"{" + b" " * (25 << 20), posts.PATH, 413),
])
def test_refusals_are_problem_documents(shared, why, body, path, status):
    """RFC 9457; and the client gets to read it even behind 25 MB that nobody wants."""
    before = shared.value("SELECT count(*) FROM receipt")
    got, headers, problem = posts.post(shared, body, path)
    assert got == status
    assert headers["Content-Type"] == "application/problem+json"
    assert problem["status"] == status and problem["title"] and problem["detail"]
    assert posts.curl(shared, data=body, path=path)[0] == status
    shared.drained()
    assert shared.value("SELECT count(*) FROM receipt") == before


def test_other_methods(shared):
    client = posts.client(shared)
    for method in ("GET", "HEAD", "PUT", "DELETE", "OPTIONS"):
        client.request(method, posts.PATH)
        answer = client.getresponse()
        answer.read()
        assert (answer.status, answer.headers["Allow"]) == (405, "POST"), method
        client.close()


@table("why, body", [
    ("broken JSON", b"{oops"),
    ("gzip cut short", gzip.compress(b'{"policies":[]}')[:-9]),
    ("gzip of something else", gzip.compress(b"hello")),
    ("somebody else's domain", posts.plain(a_report("elsewhere.example"))),
])
def test_accepted_then_quarantined(shared, why, body):
    """Accept, then decide: 2xx, and the receipt says why it is held."""
    status, _, document = posts.post(shared, body)
    assert status == 202
    shared.drained()
    (quarantined, reason), = shared.rows(
        "SELECT quarantined_count, reason FROM receipt WHERE receipt_id = %s",
        document["receipt_id"])
    assert quarantined == 1 and reason


def test_smuggled_requests_are_refused(shared, domain):
    """A proxy in front may read such bytes in another way."""
    inner = a_report(domain)
    hidden = (b"POST /v1/tlsrpt HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n"
              % len(posts.plain(inner)) + posts.plain(inner))
    for framing in (b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
                    b"Transfer-Encoding: gzip\r\n",
                    b"Content-Length: 5\r\nContent-Length: 5\r\n",
                    b"Transfer-Encoding:\r\n chunked\r\n"):
        with socket.create_connection(("127.0.0.1", shared.ports["https"])) as plain:
            plain.settimeout(60)
            with posts.any_certificate().wrap_socket(plain) as tls:
                tls.sendall(b"POST /v1/tlsrpt HTTP/1.1\r\nHost: x\r\n" + framing
                            + b"\r\n0\r\n\r\n" + hidden)
                answers = b""
                while piece := tls.recv(4096):
                    answers += piece
        assert answers.count(b"HTTP/1.1 ") == 1, (framing, answers)
        assert answers[9:12] in (b"400", b"501"), (framing, answers)
    shared.drained()
    assert stored(shared, inner) == []


def test_the_certificate_is_that_of_smtp(serving):
    with socket.create_connection(("127.0.0.1", serving.ports["https"])) as plain:
        with posts.any_certificate().wrap_socket(plain) as tls:
            of_https = tls.getpeercert(binary_form=True)
    with serving.smtp() as client:
        client.starttls(context=posts.any_certificate())
        assert client.sock.getpeercert(binary_form=True) == of_https
    assert ssl.DER_cert_to_PEM_cert(of_https) in (
        serving.data_dir / "tls-self-signed.pem").read_text()


# --- trust --------------------------------------------------------------------------


def provenance(daemon, report):
    """Who vouches, by reporter and by whether it counts."""
    return [(row[0], row[1]) for row in stored(daemon, report)]


def test_a_trusted_network_vouches(daemon):
    daemon.start("--trust-network", "192.0.2.0/24", "--trust-network", "127.0.0.0/8")
    trusted, proxied = a_report(), a_report()
    posts.deliver(daemon, trusted)
    for header in ("Forwarded", "X_Forwarded_For", "Via"):
        posts.deliver(daemon, proxied, **{header: "127.0.0.1"})
    daemon.drained()
    assert provenance(daemon, trusted) == [("google.com", True)]
    assert provenance(daemon, proxied) == [("", False)]


def test_other_networks_do_not(daemon):
    daemon.start("--trust-network", "192.0.2.0/24")
    report = a_report()
    posts.deliver(daemon, report, X_Forwarded_For="192.0.2.7")
    daemon.drained()
    assert provenance(daemon, report) == [("", False)]


def test_mail_from_a_trusted_network_is_not_vouched_for(daemon):
    daemon.start("--trust-network", "127.0.0.0/8")
    report = a_report()
    daemon.send(reports.mail(report))
    daemon.drained()
    assert provenance(daemon, report) == [("", False)]


def test_trust_is_decided_at_receipt(base, own_postgres):
    """What waits in the spool over a restart keeps the trust that it came with."""
    daemon = Daemon(base, database=own_postgres.dsn)
    try:
        daemon.start("--migrate", "--trust-network", "127.0.0.0/8")
        own_postgres.stop()
        trusted, not_trusted = a_report(), a_report()
        posts.deliver(daemon, trusted)
        assert daemon.stop() == 0, daemon.log_text()
        daemon.start()
        posts.deliver(daemon, not_trusted)
        assert daemon.stop() == 0, daemon.log_text()
        own_postgres.start()
        daemon.start("--trust-network", "127.0.0.0/8")
        daemon.drained()
        assert provenance(daemon, trusted) == [("google.com", True)]
        assert provenance(daemon, not_trusted) == [("", False)]
        assert daemon.stop() == 0
    finally:
        daemon.clean_up()


@table("why, flags, named", [
    ("every IPv4 address", ("--trust-network", "0.0.0.0/0"), "0.0.0.0/0"),
    ("every IPv6 address", ("--trust-network", "::/0"), "::/0"),
    ("every IPv4 address, written as IPv6", ("--trust-network", "::ffff:0.0.0.0/96"),
     "::ffff:0.0.0.0/96"),
    ("a slip", ("--trust-network", "192.0.2.77/24"), "192.0.2.0/24"),
    ("no network", ("--trust-network", "relay.example"), "relay.example"),
    ("a path that is none", ("--https-path", "reports"), "reports"),
])
def test_settings_that_are_refused(daemon, why, flags, named):
    daemon.start(*flags, wait=False)
    assert daemon.ended() not in (0, None)
    assert named in daemon.log_text()


# --- the service --------------------------------------------------------------------


def test_another_path(daemon):
    daemon.start("--https-path", "/reports")
    report = a_report()
    assert posts.post(daemon, posts.gzipped(report), "/reports")[0] == 202
    assert posts.post(daemon, posts.gzipped(report))[0] == 404
    daemon.drained()
    assert len(stored(daemon, report)) == 1


def test_without_https(daemon):
    daemon.start("--https", "")
    assert "https" not in daemon.ports and "smtp" in daemon.ports


def test_a_full_spool(daemon):
    """503 and when to come again; nothing is taken that would not be kept."""
    settings = daemon.base / "full.toml"
    settings.write_text('[spool]\nmin_free_disk = "1000TiB"\n')
    daemon.start("--config", str(settings))
    status, headers, problem = posts.post(daemon, posts.gzipped(a_report()))
    assert (status, headers["Retry-After"]) == (503, "300"), problem
    status, _ = posts.curl(daemon, "-H", "Expect: 100-continue",
                           data=posts.gzipped(a_report()))
    assert status == 503
    assert daemon.status()["spool_depth"] == 0


def test_accepted_is_kept_over_a_kill(daemon):
    daemon.start()
    sent = [a_report() for _ in range(20)]
    receipts = [posts.deliver(daemon, report) for report in sent]
    daemon.kill()
    daemon.start()
    daemon.drained()
    assert [str(row[0]) for row in daemon.rows(
        "SELECT receipt_id FROM receipt ORDER BY receipt_id")] == sorted(receipts)
    assert [len(stored(daemon, report)) for report in sent] == [1] * len(sent)


def test_stop_answers_what_is_under_way(serving):
    """A body half sent is told to come again; the process ends well."""
    with socket.create_connection(("127.0.0.1", serving.ports["https"])) as plain:
        plain.settimeout(60)
        with posts.any_certificate().wrap_socket(plain) as tls:
            tls.sendall(b"POST /v1/tlsrpt HTTP/1.1\r\nHost: x\r\n"
                        b"Expect: 100-continue\r\nContent-Length: 100\r\n\r\n")
            assert tls.recv(4096).startswith(b"HTTP/1.1 100 ")
            tls.sendall(b"{")
            serving.terminate()
            answer = tls.recv(4096)
            assert answer.startswith(b"HTTP/1.1 503 ") and b"Retry-After: " in answer
    assert serving.ended() == 0


def test_a_client_that_does_not_speak_tls(shared, domain):
    said = b"POST /v1/tlsrpt HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}"
    assert b"HTTP/1.1 2" not in attackers.talk(shared.ports["https"], said)
    posts.deliver(shared, a_report(domain))
