"""`tlsrptd health`: what Docker and systemd ask a role that runs beside them."""

import socket
import subprocess
import threading

import pytest

from conftest import (ENVIRONMENT, START_SECONDS, TLSRPTD, Daemon, Postgres, table,
                      wait_until)


def health(*words, **environment):
    """A call of `tlsrptd health`."""
    return subprocess.run([TLSRPTD, "health", *words], env={**ENVIRONMENT, **environment},
                          capture_output=True, timeout=START_SECONDS, cwd="/")


@pytest.fixture
def postgres(base):
    made = Postgres(base).start()
    Daemon(base, database=made.dsn).cli("migrate")
    return made


@table("role, while_away", [("ingest", 0), ("api", 1), ("worker", 1)])
def test_role_with_and_without_its_database(base, postgres, role, while_away):
    """An intake is ready while the database is away, for it spools."""
    daemon = Daemon(base, "--health", "127.0.0.1:0", database=postgres.dsn)
    daemon.role = role
    daemon.start()
    try:
        at = f"127.0.0.1:{daemon.ports['health']}"

        def answers(status):
            wait_until(f"health ends with {status}",
                       lambda: health("--health", at).returncode == status)

        answers(0)
        postgres.stop()
        answers(while_away)
        assert health("--live", "--health", at).returncode == 0
        assert health("--live", TLSRPTD_HEALTH_LISTEN=at).returncode == 0
        postgres.start()
        answers(0)
        assert daemon.stop() == 0
        assert health("--health", at).returncode == 69, "nobody answers"
    finally:
        daemon.clean_up()


def test_listener_on_every_address(daemon):
    daemon.start("--health", "0.0.0.0:0")
    assert health("--health", f"0.0.0.0:{daemon.ports['health']}").returncode == 0


def test_no_address_is_an_error_that_says_so():
    done = health()
    assert done.returncode == 64 and b"TLSRPTD_HEALTH_LISTEN" in done.stderr


@table("why, bytes_sent", [
    ("closes", b""),
    ("another protocol", b"220 mail.example ESMTP\r\n"),
    ("short", b"HTTP"),
])
def test_somebody_else_at_that_port(why, bytes_sent):
    with socket.create_server(("127.0.0.1", 0)) as server:
        def answer():
            client, _ = server.accept()
            client.recv(4096)
            client.sendall(bytes_sent)
            client.close()
        other = threading.Thread(target=answer)
        other.start()
        done = health("--health", f"127.0.0.1:{server.getsockname()[1]}")
        other.join()
    assert done.returncode == 69 and b"no health listener" in done.stderr, done
