"""Reports by HTTPS: any certificate will do, as to senders (RFC 8460, 3)."""

import gzip
import http.client
import io
import json
import socket
import ssl
import subprocess
import zipfile

PATH = "/v1/tlsrpt"


def any_certificate():
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def client(daemon, peer="127.0.0.1"):
    """`peer`: the address that it comes from."""
    return http.client.HTTPSConnection("127.0.0.1", daemon.ports["https"], timeout=60,
                                       context=any_certificate(),
                                       source_address=(peer, 0))


def post(daemon, body, path=PATH, peer="127.0.0.1", **headers):
    """Status, headers and document of the answer; headers are written a_b for a-b."""
    connection = client(daemon, peer)
    try:
        connection.request("POST", path, body, {name.replace("_", "-"): value
                                                for name, value in headers.items()})
        answer = connection.getresponse()
        return answer.status, answer.headers, json.loads(answer.read())
    finally:
        connection.close()


def deliver(daemon, report, peer="127.0.0.1", **headers):
    """POSTs the report as gzip; the receipt id."""
    status, _, document = post(daemon, gzipped(report), peer=peer, **headers)
    assert status == 202, (status, document)
    return document["receipt_id"]


def curl(daemon, *words, data=b"", path=PATH):
    """Status and body, by a client that many senders are made of."""
    done = subprocess.run(
        ["curl", "--silent", "--show-error", "--insecure", "--max-time", "60",
         "--noproxy", "*", "--write-out", "\n%{http_code}", *words, "--data-binary", "@-",
         f"https://127.0.0.1:{daemon.ports['https']}{path}"],
        input=data, capture_output=True, timeout=120)
    assert done.returncode == 0, (words, done.returncode, done.stderr)
    body, _, status = done.stdout.rpartition(b"\n")
    return int(status), body


def answer_to_head(daemon, body_bytes):
    """The status line for a client that asks before it sends so large a body."""
    with socket.create_connection(("127.0.0.1", daemon.ports["https"]), timeout=60) as tcp:
        with any_certificate().wrap_socket(tcp) as tls, tls.makefile("rb") as file:
            tls.sendall(b"POST %s HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n"
                        b"Content-Length: %d\r\n\r\n" % (PATH.encode(), body_bytes))
            return file.readline()


def plain(report):
    return json.dumps(report).encode()


def gzipped(report):
    return gzip.compress(plain(report))


def zipped(report):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("report.json", plain(report))
    return out.getvalue()
