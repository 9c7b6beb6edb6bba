"""Clients that do not mean well: they connect from many addresses, say what they are told
to, and stay."""

import contextlib
import errno
import os
import socket
import ssl

import posts
from conftest import DRAIN_SECONDS

EHLO = b"EHLO client.example\r\n"
ENVELOPE = EHLO + b"MAIL FROM:<a@b.example>\r\nRCPT TO:<tlsrpt@firm.example>\r\n"
POST = b"POST /v1/tlsrpt HTTP/1.1\r\nHost: x\r\n"
HANDSHAKE = bytes.fromhex("1603010200010001fc0303")  # how a ClientHello begins

# What a client meets whose bytes nobody wants any more.
HUNG_UP = (ConnectionResetError, BrokenPipeError, ssl.SSLEOFError)

# Where a client may stop, at which port, and whether it speaks TLS there.
STEPS = [
    (name, step, said.replace(b"EHLO", b"LHLO") if name == "lmtp" else said, False)
    for name in ("smtp", "lmtp") for step, said in [
        ("says nothing", b""),
        ("half a greeting", b"EHLO cli"),
        ("half a line break", EHLO[:-1]),
        ("after the greeting", EHLO),
        ("after MAIL", EHLO + b"MAIL FROM:<a@b.example>\r\n"),
        ("after RCPT", ENVELOPE),
        ("before a message", ENVELOPE + b"DATA\r\n"),
        ("in a message", ENVELOPE + b"DATA\r\nSubject: x\r\n\r\nx"),
        ("before its last dot", ENVELOPE + b"DATA\r\nSubject: x\r\n\r\nx\r\n."),
        ("in a chunk", ENVELOPE + b"BDAT 1000\r\nSubject: x"),
        ("between chunks", ENVELOPE + b"BDAT 3\r\nabc"),
        ("before a handshake", EHLO + b"STARTTLS\r\n"),
        ("in a handshake", EHLO + b"STARTTLS\r\n" + HANDSHAKE),
    ]
] + [
    ("https", "says nothing", b"", False),
    ("https", "in a handshake", HANDSHAKE, False),
    ("https", "after the handshake", b"", True),
    ("https", "in the request line", b"POST /v1/tl", True),
    ("https", "in the header", POST + b"Content-Length: 5\r\nX", True),
    ("https", "before the body", POST + b"Content-Length: 5\r\n\r\n", True),
    ("https", "in the body", POST + b"Content-Length: 5\r\n\r\n{", True),
    ("https", "waits to be asked for it",
     POST + b"Content-Length: 5\r\nExpect: 100-continue\r\n\r\n", True),
    ("https", "in a chunk",
     POST + b"Transfer-Encoding: chunked\r\n\r\n5\r\n{", True),
    ("https", "before the last chunk",
     POST + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n", True),
    ("https", "between requests", b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", True),
    ("api", "says nothing", b"", False),
    ("api", "in the request line", b"GET /v1/sta", False),
    ("api", "in the header", b"GET /v1/status HTTP/1.1\r\nHost: x\r\nX", False),
    ("api", "in the body",
     b"POST /v1/domains HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n{", False),
    ("api", "reads no answer", b"GET /v1/status HTTP/1.1\r\nHost: x\r\n\r\n" * 50, False),
]


def address(number):
    """One of the addresses that attackers come from; all of 127.0.0.0/8 is loopback."""
    return f"127.1.{number // 250}.{number % 250 + 1}"


def connect(port, peer="127.0.0.1", tls=False):
    made = socket.create_connection(("127.0.0.1", port), timeout=DRAIN_SECONDS,
                                    source_address=(peer, 0))
    return posts.any_certificate().wrap_socket(made) if tls else made


def end_of_words(client):
    """Says that nothing more will come; the other side may be gone already."""
    try:
        client.shutdown(socket.SHUT_WR)
    except OSError as error:
        if error.errno != errno.ENOTCONN:
            raise


def talk(port, said, peer="127.0.0.1", tls=False):
    """Sends it all in one piece and no more; what comes back until the other side closes."""
    with connect(port, peer, tls) as client:
        say(client, said)
        if not tls:
            end_of_words(client)
        answer = b""
        with contextlib.suppress(*HUNG_UP):
            while piece := client.recv(1 << 16):
                answer += piece
        return answer


def say(client, said):
    """All of it, or what is taken: the answer may be there although not all was."""
    with contextlib.suppress(*HUNG_UP):
        client.sendall(said)


def throw(port, said, tls=False):
    """Sends it and is gone: what comes back is nobody's. From an address of its own, since
    the server may hear a while later that it is gone."""
    with connect(port, address(0), tls) as client:
        say(client, said)


class Crowd:
    """Connections that are held open."""

    def __init__(self):
        self.clients = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for client in self.clients:
            client.close()

    def stand(self, port, said=b"", peer="127.0.0.1", tls=False):
        client = connect(port, peer, tls)
        self.clients.append(client)
        if said:
            client.sendall(said)
        return client


def descriptors(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))
