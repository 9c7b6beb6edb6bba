"""A gate between the daemon and PostgreSQL: a TCP proxy that breaks in a chosen way.

    with Gate(postgres) as gate:
        Daemon(..., database=gate.dsn)
        gate.mode = "refuse"

Modes, for connections that are there and for new ones:

  pass         as if it were not there
  refuse       every connection is reset
  delay        every piece waits DELAY_SECONDS
  trickle      a few bytes at a time
  cut          each connection is reset in the middle of a statement
  hang         nothing goes through and nothing is closed: a network that swallows packets
  lose_commit  the server commits a batch, and the connection is reset before its answer:
               nobody on our side can know what became of the transaction
"""

import socket
import struct
import threading
import time

DELAY_SECONDS = 0.05
TRICKLE_BYTES = 512
TRICKLE_SECONDS = 0.002
PIECE_BYTES = 65536
# A cut falls after so many bytes towards the server: in the middle of a batch, which is
# tens of kilobytes long, and after a connection's first words, which are fewer.
CUT_AFTER_BYTES = 6000


class Gate:
    def __init__(self, postgres):
        self.socket_path = f"{postgres.base}/.s.PGSQL.5432"
        self.listener = socket.create_server(("127.0.0.1", 0))
        port = self.listener.getsockname()[1]
        # Without TLS: the gate reads along to know a COMMIT.
        self.dsn = (f"host=127.0.0.1 port={port} user=postgres dbname=postgres "
                    "sslmode=disable gssencmode=disable")
        self.mode = "pass"
        self.lost_commits = 0
        self.cuts = 0
        self.open = set()
        self.lock = threading.Lock()
        self.closing = False
        self.thread = threading.Thread(target=self._accept, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.closing = True
        # shutdown() wakes accept(); close() alone does not.
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.reset_all()

    def set_mode(self, mode):
        """`refuse` also ends what is there; every other mode meets it as it is."""
        self.mode = mode
        if mode == "refuse":
            self.reset_all()

    def reset_all(self):
        with self.lock:
            for pair in list(self.open):
                pair.reset()

    def _accept(self):
        while not self.closing:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            if self.mode == "refuse":
                reset(client)
                continue
            try:
                server = socket.socket(socket.AF_UNIX)
                server.connect(self.socket_path)
            except OSError:
                reset(client)
                continue
            pair = Pair(self, client, server)
            with self.lock:
                self.open.add(pair)
            pair.start()


class Pair:
    """One connection through the gate, a thread each way."""

    def __init__(self, gate, client, server):
        self.gate, self.client, self.server = gate, client, server
        self.sent_bytes = 0
        self.commit_sent = threading.Event()
        self.words = Messages()

    def start(self):
        for run in (self._to_server, self._to_client):
            threading.Thread(target=run, daemon=True).start()

    def reset(self):
        reset(self.client)
        reset(self.server)
        self.gate.open.discard(self)

    def _to_server(self):
        self._carry(self.client, self.server, self._before_server)

    def _to_client(self):
        self._carry(self.server, self.client, self._before_client)

    def _carry(self, source, target, before):
        try:
            while piece := source.recv(PIECE_BYTES):
                if not before(piece):
                    break
                self._send(target, piece)
        except OSError:
            pass
        with self.gate.lock:
            self.reset()

    def _send(self, target, piece):
        while self.gate.mode == "hang" and not self.gate.closing:
            time.sleep(0.02)
        if self.gate.mode == "delay":
            time.sleep(DELAY_SECONDS)
        if self.gate.mode != "trickle":
            target.sendall(piece)
            return
        for at in range(0, len(piece), TRICKLE_BYTES):
            target.sendall(piece[at:at + TRICKLE_BYTES])
            if self.gate.mode == "trickle":
                time.sleep(TRICKLE_SECONDS)

    def _before_server(self, piece):
        commits = self.words.add(piece)
        if commits and self.gate.mode == "lose_commit":
            self.commit_sent.set()
        if self.gate.mode != "cut":
            return True
        self.sent_bytes += len(piece)
        if self.sent_bytes <= CUT_AFTER_BYTES:
            return True
        # Half of it arrives: the server sees a message that never ends.
        self.server.sendall(piece[:len(piece) // 2])
        self.gate.cuts += 1
        return False

    def _before_client(self, piece):
        if not self.commit_sent.is_set():
            return True
        self.gate.lost_commits += 1
        return False


class Messages:
    """Reads along with what a client says: which messages commit a batch."""

    def __init__(self):
        self.held = b""
        self.started = False
        self.wrote = False  # receipts, in the transaction under way

    def add(self, piece):
        """How many COMMITs of batches end in `piece`."""
        self.held += piece
        commits = 0
        while True:
            head = 5 if self.started else 4  # the first message has no type
            if len(self.held) < head:
                return commits
            length = struct.unpack(">I", self.held[head - 4:head])[0] + head - 4
            if len(self.held) < length:
                return commits
            message, self.held = self.held[:length], self.held[length:]
            self.wrote |= b"INSERT INTO receipt " in message
            if self.started and message[:1] == b"Q" and message[5:11] == b"COMMIT":
                commits += self.wrote
                self.wrote = False
            self.started = True


def reset(connection):
    """Closes it so that the other end sees a reset and not an orderly end."""
    try:
        if connection.family == socket.AF_INET:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                  struct.pack("ii", 1, 0))
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass
    connection.close()
