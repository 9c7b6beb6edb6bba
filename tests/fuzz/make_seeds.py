#!/usr/bin/env python3
"""Writes the seeds of the targets here that are not of an RFC, from what is below.

  make_seeds.py [FOLDER]    FOLDER: where to, else seeds/ beside this file

Run again after an edit and commit what changes. A finding is a seed too, with a name of
its own (it is not written here, and is left alone).
"""

import base64
import io
import json
import pathlib
import sys
import zipfile
import zlib


def gzip(data):
    pack = zlib.compressobj(9, zlib.DEFLATED, 31)
    return pack.compress(data) + pack.flush()


def zipped(files, method=zipfile.ZIP_DEFLATED):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in files:
            archive.writestr(zipfile.ZipInfo(name), data, method)
    return out.getvalue()


def crlf(*lines):
    return "".join(line + "\r\n" for line in lines).encode()


def report(failures=0, details=(), **policy):
    one = {
        "organization-name": "Mail Example",
        "date-range": {"start-datetime": "2026-04-01T00:00:00Z",
                       "end-datetime": "2026-04-01T23:59:59Z"},
        "contact-info": "tlsrpt@mail.example",
        "report-id": "1",
        "policies": [{
            "policy": {"policy-type": "sts", "policy-domain": "firm.example",
                       "policy-string": ["version: STSv1", "mode: testing",
                                         "mx: mx.firm.example", "max_age: 86400"],
                       "mx-host": ["mx.firm.example"], **policy},
            "summary": {"total-successful-session-count": 7,
                        "total-failure-session-count": failures},
        }],
    }
    if details:
        one["policies"][0]["failure-details"] = list(details)
    return one


DETAIL = {"result-type": "certificate-expired", "sending-mta-ip": "2001:db8::1",
          "receiving-mx-hostname": "mx.firm.example", "receiving-ip": "192.0.2.1",
          "receiving-mx-helo": "mx.firm.example", "failed-session-count": 3,
          "failure-reason-code": "X509_V_ERR_CERT_HAS_EXPIRED",
          "additional-information": "https://mail.example/1"}
PLAIN = json.dumps(report()).encode()
FAILED = json.dumps(report(3, [DETAIL])).encode()


def mail(*parts, kind='multipart/report; report-type=tlsrpt; boundary="b"'):
    head = crlf("From: tlsrpt@mail.example", "TLS-Report-Domain: firm.example",
                "TLS-Report-Submitter: mail.example",
                "Subject: Report Domain: firm.example Submitter: mail.example",
                " Report-ID: <1@mail.example>", "Content-Type: " + kind, "")
    return head + b"".join(b"--b\r\n" + part + b"\r\n" for part in parts) + b"--b--\r\n"


def part(media_type, body, encoding=None, name=None):
    lines = ["Content-Type: " + media_type]
    if encoding:
        lines.append("Content-Transfer-Encoding: " + encoding)
    if name:
        lines.append(f'Content-Disposition: attachment; filename="{name}"')
    return crlf(*lines, "") + body


TEXT = part("text/plain", b"This is an aggregate report.")
GZIP_PART = part("application/tlsrpt+gzip", base64.encodebytes(gzip(PLAIN)), "base64",
                 "mail.example!firm.example!1775001600!1775087999!001.json.gz")

EHLO = crlf("EHLO mail.sender.example")
ENVELOPE = crlf("MAIL FROM:<tlsrpt@sender.example> SIZE=100 BODY=8BITMIME",
                "RCPT TO:<tlsrpt@firm.example>")
MESSAGE = crlf("Subject: report", "", ".", "..body")
DATA = ENVELOPE + crlf("DATA") + MESSAGE + crlf(".")
BDAT = (ENVELOPE + crlf("BDAT 5") + b"a\r\nb\r" + crlf("BDAT 1") + b"\n"
        + crlf("BDAT 0 LAST"))


def smtp(talk, lmtp=False, tls=False, refuses=False, full=False, piece=7):
    """As smtp_session.cc reads its input."""
    if lmtp:
        talk = talk.replace(b"EHLO", b"LHLO")
    kind = lmtp | tls << 1 | refuses << 2 | full << 3
    return bytes([kind, piece]) + talk


def http(*headers, body=b"", start="POST /v1/tlsrpt HTTP/1.1"):
    """As http_post.cc reads its input: cut into pieces of ten bytes."""
    return bytes([9]) + crlf(start, "Host: x", *headers, "") + body


def sized(body):
    return http(f"Content-Length: {len(body)}", body=body)


SEEDS = {
    "smtp_session": {
        "data": smtp(EHLO + DATA + crlf("QUIT")),
        "two": smtp(EHLO + DATA + DATA, refuses=True),
        "bdat": smtp(EHLO + BDAT + BDAT),
        "lmtp": smtp(EHLO + ENVELOPE + crlf("RCPT TO:<postmaster>", "DATA") + MESSAGE
                     + crlf(".", "NOOP"), lmtp=True),
        "lmtp_bdat": smtp(EHLO + ENVELOPE + crlf("RCPT TO:<postmaster>", "BDAT 1 LAST")
                          + b"a", lmtp=True),
        "bare_lf": smtp(EHLO + ENVELOPE + crlf("DATA") + b"a\n.\nb\r.\r\r\n.\r\n"
                        + crlf("NOOP")),
        "starttls": smtp(EHLO + crlf("STARTTLS") + EHLO + DATA, tls=True, piece=26),
        "full": smtp(EHLO + crlf("MAIL FROM:<> SIZE=11", "MAIL FROM:<> SIZE=12 SMTPUTF8",
                                 "RCPT TO:<tlsrpt+a@firm.example>", "RSET"), full=True),
        "errors": smtp(EHLO + crlf("RCPT TO:<>", "VRFY a", "EXPN", "HELP", "BDAT 3 FIRST",
                                   "GET / HTTP/1.1")),
    },
    "http_post": {
        "gzip": sized(gzip(PLAIN)),
        "json": sized(PLAIN),
        "two": sized(b"{}") + sized(b"{}")[1:],
        "chunks": http("Transfer-Encoding: chunked",
                       body=b"2;a=b\r\n{}\r\n0\r\nX: y\r\n\r\n"),
        "proxied": http("Via: 1.1 proxy", "X-Forwarded-For: 192.0.2.1",
                        "Content-Length: 2", body=b"{}"),
        "expects": http("Expect: 100-continue", "Content-Length: 2", body=b"{}"),
        "get": http(start="GET /metrics?a=b HTTP/1.1"),
        "absolute": http(start="POST http://x/v1/tlsrpt HTTP/1.1"),
        "old": http(start="POST /v1/tlsrpt HTTP/1.0"),
        "both": http("Content-Length: 2", "Transfer-Encoding: chunked", body=b"{}"),
    },
    "mime": {
        "gzip": mail(TEXT, GZIP_PART),
        "json": mail(TEXT, part("application/tlsrpt+json", PLAIN)),
        "quoted": mail(part("application/tlsrpt+json", PLAIN.replace(b"=", b"=3D"),
                            "quoted-printable")),
        "zip": mail(part("application/tlsrpt+zip",
                         base64.encodebytes(zipped([("a.json", PLAIN)])), "base64")),
        "bounce": mail(TEXT, part("message/rfc822", mail(TEXT, GZIP_PART).replace(
            b"--b", b"--c").replace(b'"b"', b'"c"')),
            kind="multipart/report; report-type=delivery-status; boundary=b"),
        "encoded": mail(part("message/rfc822", base64.encodebytes(
            crlf("Content-Type: application/tlsrpt+json", "") + PLAIN), "base64")),
        "whole": crlf("From: a@b.example", "Content-Type: application/tlsrpt+json",
                      "Content-Transfer-Encoding: base64", "") + base64.encodebytes(PLAIN),
        "names": mail(part("application/octet-stream; name*0*=utf-8''a%20;name*1=b (c)",
                           gzip(gzip(PLAIN)))),
        "ordinary": crlf("From: a@b.example", "Subject: hello", "", "hello"),
        "mbox": b"From a@b.example Thu Nov 26 00:00:00 2026\n" + mail(GZIP_PART),
        "file": gzip(FAILED),
    },
    "base64": {
        "lines": base64.encodebytes(PLAIN),
        "one": b"QQ==", "two": b"QUI=", "bare": b"QUI", "split": b"Q Q\r\n=\t=",
        "after": b"QQ==QQ==", "bad": b"Q{QQ", "padded": b"Q===",
    },
    "gunzip": {
        "report": gzip(PLAIN), "empty": gzip(b""), "members": gzip(b"a") + gzip(b"b"),
        "padded": gzip(b"a") + bytes(9), "cut": gzip(PLAIN)[:-9],
        "bomb": gzip(bytes(1 << 20)), "raw": zlib.compress(PLAIN)[2:-4],
        "stored": b"\x01\x03\x00\xfc\xffabc",
    },
    "unzip": {
        "one": zipped([("report.json", PLAIN)]),
        "stored": zipped([("a/", b""), ("a/b", b"x")], zipfile.ZIP_STORED),
        "many": zipped([(f"{n}", b"x") for n in range(102)]),
        "no_directory": zipped([("a", PLAIN), ("b", b"")])[:-130],
        "bomb": zipped([("a", bytes(1 << 20)), ("b", bytes(1 << 20))]),
        "empty": zipped([]),
    },
    "report": {
        "plain": PLAIN, "failed": FAILED,
        "tlsa": json.dumps(report(**{"policy-type": "tlsa", "policy-string": [
            '["3 1 1 AB","3 1 1 CD"]']})).encode(),
        "none": json.dumps(report(**{"policy-type": "no-policy-found"})).encode(),
        "unexplained": json.dumps(report(9, [DETAIL, "starttls-not-supported", None]))
                       .encode(),
        "texts": FAILED.replace(b"3}", b'"3"}').replace(b": 7", b": 7.5"),
        "twice": PLAIN.replace(b'"summary"', b'"summary": {"failure-aggregate": 2}, '
                                             b'"summary"'),
        "huge": FAILED.replace(b'count": 3', b'count": 99999999999999999999'),
        "mended": PLAIN.replace(b"Example", b"\xff\n\\q\\ud800"),
        "after": PLAIN + b"\n\0 text",
    },
    "report_time": {
        "utc": b"2016-04-01T23:59:59Z", "offset": b"2016-04-01T00:00:00.5+05:30",
        "west": b"2016-02-29t00:00:00-00:59", "microsoft": b"2016-04-01T00:00:00",
        "leap": b"2016-12-31 23:59:60z", "year_0": b"0000-01-01T00:00:00+23:59",
    },
}


def main():
    folder = pathlib.Path(sys.argv[1] if len(sys.argv) > 1
                          else pathlib.Path(__file__).parent / "seeds")
    for target, seeds in SEEDS.items():
        (folder / target).mkdir(parents=True, exist_ok=True)
        for name, data in seeds.items():
            (folder / target / name).write_bytes(data)


if __name__ == "__main__":
    main()
