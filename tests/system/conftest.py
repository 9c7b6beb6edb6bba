"""Starts the real daemon on free ports of the loopback and looks at what it leaves.

The daemon's data directory holds its PostgreSQL; tests look into it through the unix
socket with psycopg2, as an administrator would with psql.

  TLSRPTD         the program to test; without it build/dev/tlsrptd
  RUN_LONG_TESTS  1: more rounds (TLSRPTD_... would be a setting of the program)
  TEST_SEED       repeats a run whose seed was printed
"""

import contextlib
import datetime
import json
import os
import pathlib
import pwd
import random
import shutil
import signal
import smtplib
import socket
import subprocess
import sys
import tempfile
import time

import psycopg2
import pytest

SOURCE = pathlib.Path(__file__).resolve().parents[2]
TLSRPTD = os.environ.get("TLSRPTD", str(SOURCE / "build/dev/tlsrptd"))
LONG = os.environ.get("RUN_LONG_TESTS", "") not in ("", "0")
POSTGRES = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin"))[-1]
AS_ROOT = os.geteuid() == 0
# All three only bound a wait for an event; nothing is measured with them.
START_SECONDS = 120  # the first start runs initdb
DRAIN_SECONDS = 180
STOP_SECONDS = 60
MAX_CRASHES = 4  # kMaxCrashes of ingest/spool/spool.h

# What the machine says about tlsrptd is not part of a test.
ENVIRONMENT = {k: v for k, v in os.environ.items() if not k.startswith("TLSRPTD_")}


def table(names, rows):
    """A table of cases; the first column, `why`, is what pytest calls each."""
    return pytest.mark.parametrize(names, rows, ids=[row[0] for row in rows])


def wait_until(what, holds, seconds=DRAIN_SECONDS):
    """Waits for an event; fails by name when it does not come."""
    end = time.monotonic() + seconds
    while True:
        value = holds()
        if value:
            return value
        assert time.monotonic() < end, "did not happen: " + what
        time.sleep(0.02)


def free_port():
    """A port for somebody who must be told one, free for TCP and UDP: below those that the
    system gives to connections, so that none which begins meanwhile takes it away."""
    system = pathlib.Path("/proc/sys/net/ipv4/ip_local_port_range").read_text()
    above = int(system.split()[0])
    while True:
        port = random.SystemRandom().randrange(above // 2, above)
        try:
            for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
                with socket.socket(socket.AF_INET, kind) as probe:
                    probe.bind(("127.0.0.1", port))
        except OSError:
            continue
        return port


def processes_in(folder):
    """The processes that work in `folder` or below: a PostgreSQL has its data there."""
    found = []
    for process in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            where = os.readlink(process / "cwd")
        except OSError:
            continue
        if where == str(folder) or where.startswith(str(folder) + "/"):
            found.append(int(process.name))
    return found


def is_gone(pid):
    """No such process, or one that only waits to be reaped."""
    try:
        stat = pathlib.Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return True
    return stat.rsplit(")", 1)[1].split()[0] in "ZX"


def assert_none_left_in(folder):
    """Nobody works in `folder`. PostgreSQL's logger alone ends after its postmaster, when
    it has written down what that said last; it is waited for. So is what ends just now: it
    has given up its memory and with it its command line, but not its folder yet."""
    def command_of(pid):
        try:
            return pathlib.Path(f"/proc/{pid}/cmdline").read_bytes()
        except OSError:
            return b""

    left = {pid: command_of(pid) for pid in processes_in(folder)}
    assert {pid: command for pid, command in left.items()
            if command and not command.startswith(b"postgres: logger")} == {}
    wait_until("the last one ends", lambda: all(is_gone(pid) for pid in left), STOP_SECONDS)


def end_processes_in(folder):
    """Ends what a test left behind. Only ever given a folder that the test made."""
    for pid in processes_in(folder):
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
    wait_until(f"processes in {folder} are gone",
               lambda: all(is_gone(pid) for pid in processes_in(folder)), STOP_SECONDS)


class Daemon:
    """One `tlsrptd serve` and the questions a test asks of it."""

    def __init__(self, base, *flags, domains=("firm.example",), database=None):
        self.base = pathlib.Path(base)
        self.data_dir = self.base / "data"
        self.log_path = self.base / "daemon.log"
        self.ports_path = self.base / "ports.json"
        self.flags = list(flags)
        self.domains = domains
        self.database = database
        self.program = TLSRPTD
        self.role = "serve"  # or one of its parts apart
        self.user = None
        self.environment = ENVIRONMENT
        self.process = None
        self.port = None
        self.ports = {}

    def command(self, *words):
        where = ["--data-dir", str(self.data_dir)]
        if self.database:
            where += ["--database", self.database]
        return [self.program, *words, *where]

    def start(self, *flags, wait=True):
        self.ports_path.unlink(missing_ok=True)
        words = ["--write-ports", str(self.ports_path), *self.flags, *flags]
        for listen in ("--smtp", "--https", "--api"):
            if listen not in words:
                words += [listen, "127.0.0.1:0"]
        for domain in self.domains:
            words += ["--domain", domain]
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                self.command(self.role, *words), stdin=subprocess.DEVNULL, stdout=log,
                stderr=log, env=self.environment, cwd="/", user=self.user)
        if wait:
            def listening():
                assert self.process.poll() is None, "it ended: " + self.log_text()
                return self.read_ports()
            wait_until("serve listens", listening, START_SECONDS)
        return self

    def read_ports(self):
        """Whether it listens; after start(wait=False) somebody has to ask."""
        if not self.ports_path.exists():
            return False
        self.ports = json.loads(self.ports_path.read_text())
        self.port = self.ports.get("smtp")  # none for `tlsrptd api`
        return True

    def log_text(self):
        return self.log_path.read_text(errors="replace")[-4000:]

    def terminate(self):
        self.process.send_signal(signal.SIGTERM)

    def ended(self):
        """Waits for the end; the exit status."""
        status = self.process.wait(STOP_SECONDS)
        self.process = None
        return status

    def stop(self):
        """SIGTERM; the exit status."""
        self.terminate()
        return self.ended()

    def kill(self):
        self.process.kill()
        self.ended()

    def clean_up(self):
        """Whatever state a failed test left it in: nothing runs afterwards."""
        try:
            if self.process is not None:
                self.kill()
        finally:
            end_processes_in(self.base)

    def run(self, *words, input=None):
        """A call of tlsrptd that ends by itself."""
        return subprocess.run(self.command(*words), input=input, timeout=START_SECONDS,
                              capture_output=True, env=self.environment, cwd="/",
                              user=self.user)

    def cli(self, *words, check=0):
        """The standard output of a call that must end with status `check`."""
        done = self.run(*words)
        assert done.returncode == check, (words, done.returncode, done.stdout,
                                          done.stderr, self.log_text())
        return done.stdout.decode()

    def status(self):
        return json.loads(self.cli("status", "--json"))

    def readiness(self, domain, *words):
        """Exit status and verdict."""
        done = self.run("readiness", domain, "--json", *words)
        assert done.returncode < 64, (done.returncode, done.stderr)
        return done.returncode, json.loads(done.stdout)

    def smtp(self, peer="127.0.0.1"):
        """`peer`: the address that the client comes from."""
        return smtplib.SMTP("127.0.0.1", self.port, local_hostname="client.example",
                            timeout=60, source_address=(peer, 0))

    def send(self, mail, to="tlsrpt@firm.example", sender="sender@google.com",
             peer="127.0.0.1"):
        """Mails it; the receipt id that the 250 carries."""
        with self.smtp(peer) as client:
            return deliver(client, mail, to, sender)

    def accepts(self, address):
        """Whether it takes mail for `address` now."""
        with self.smtp() as client:
            client.ehlo()
            assert client.mail("sender@google.com")[0] == 250
            code, text = client.rcpt(address)
            assert code in (250, 550), (code, text)
            return code == 250

    def connect(self):
        if self.database:
            return psycopg2.connect(self.database)
        return psycopg2.connect(host=str(self.data_dir / "pg-socket"), port=5432,
                                user="tlsrptd", dbname="tlsrptd")

    def rows(self, sql, *parameters):
        connection = self.connect()
        try:
            with connection.cursor() as cursor:
                cursor.execute("SET search_path = tlsrptd; SET timezone = 'UTC'")
                cursor.execute(sql, parameters)
                return cursor.fetchall()
        finally:
            connection.close()

    def value(self, sql, *parameters):
        rows = self.rows(sql, *parameters)
        assert len(rows) == 1 and len(rows[0]) == 1, rows
        return rows[0][0]

    def drained(self, seconds=DRAIN_SECONDS):
        """Waits until everything acknowledged is in the database."""
        wait_until("the spool is empty",
                   lambda: self.status()["spool_depth"] == 0 or not self.alive(), seconds)
        # A verdict goes by the heartbeat, which may tell of a moment ago.
        wait_until("the heartbeat says so, too", lambda: not self.alive() or self.value(
            "SELECT count(*) FROM node WHERE spool_depth > 0"
            " AND heartbeat_at > now() - interval '1 minute'") == 0)
        assert self.alive(), self.log_text()
        return self

    def evaluated(self):
        """Waits until every domain was evaluated with all that is in the database."""
        wait_until("no evaluation is waiting", lambda: not self.alive() or self.rows(
            "SELECT domain FROM work WHERE kind = 'evaluate' UNION ALL "
            "SELECT domain FROM domain WHERE left(domain, 1) <> '.' "
            "AND domain NOT IN (SELECT policy_domain FROM domain_status)") == [])
        assert self.alive(), self.log_text()
        return self

    def alive(self):
        return self.process is not None and self.process.poll() is None

    def postmaster(self):
        """Process id of its own PostgreSQL."""
        pid_file = self.data_dir / "postgres" / "postmaster.pid"
        pid = int(pid_file.read_text().split()[0])
        assert pid in processes_in(self.data_dir / "postgres"), "not our PostgreSQL"
        return pid


def deliver(client, mail, to="tlsrpt@firm.example", sender="sender@google.com"):
    """One transaction on an open connection; the receipt id out of its 250."""
    client.ehlo_or_helo_if_needed()
    for command, argument in ((client.mail, sender), (client.rcpt, to),
                              (client.data, mail)):
        code, text = command(argument)
        if code != 250:
            raise smtplib.SMTPDataError(code, text)
    return receipt_id_of(text)


def receipt_id_of(answer):
    """Of "2.6.0 0193... received"."""
    words = answer.decode().split()
    assert words[0] == "2.6.0" and words[-1] == "received" and len(words) == 3, answer
    return words[1]


class Postgres:
    """A PostgreSQL that is the administrator's, for --database: the test may stop it."""

    def __init__(self, base):
        self.base = pathlib.Path(base) / "own-postgres"
        self.user = "postgres" if AS_ROOT else None
        self.base.mkdir()
        if AS_ROOT:
            shutil.chown(self.base, "postgres")
        self.run("initdb", "--username=postgres", "--auth=trust", "--encoding=UTF8",
                 "--locale=C.UTF-8", "--no-sync", "--pgdata", str(self.base / "cluster"))
        self.dsn = f"host={self.base} port=5432 user=postgres dbname=postgres"

    def run(self, program, *words):
        log = self.base / "commands.log"  # not a pipe: the server would hold it open
        with open(log, "ab") as out:
            done = subprocess.run(
                [str(POSTGRES / program), *words], stdin=subprocess.DEVNULL, stdout=out,
                stderr=out, timeout=START_SECONDS, cwd=self.base, user=self.user,
                env=dict(ENVIRONMENT, HOME=str(self.base)))
        assert done.returncode == 0, (program, log.read_text(errors="replace")[-2000:])

    def start(self):
        self.run("pg_ctl", "start", "-w", "-t", str(START_SECONDS), "-D",
                 str(self.base / "cluster"), "-l", str(self.base / "server.log"), "-o",
                 "-c listen_addresses= -c port=5432 "
                 f"-c unix_socket_directories={self.base}")
        return self

    def stop(self, mode="fast"):
        self.run("pg_ctl", "stop", "-w", "-t", str(START_SECONDS), "-m", mode, "-D",
                 str(self.base / "cluster"))

    def copy(self, name):
        """As it is now, while it runs."""
        self.run("pg_basebackup", "--host", str(self.base), "--username=postgres",
                 "--checkpoint=fast", "--no-sync", "--pgdata", str(self.base / name))

    def become(self, name):
        """The copy, in the place of the one that was stopped."""
        shutil.rmtree(self.base / "cluster")
        (self.base / name).rename(self.base / "cluster")


@pytest.fixture(scope="session")
def program():
    assert os.access(TLSRPTD, os.X_OK), f"{TLSRPTD} is not there; set TLSRPTD to it"
    return TLSRPTD


def make_base():
    # Not pytest's tmp_path: the PostgreSQL user must be able to reach it.
    path = pathlib.Path(tempfile.mkdtemp(prefix="tlsrptd-test-"))
    path.chmod(0o755)
    return path


@pytest.fixture
def base(program):
    """An empty folder; after the test nothing runs in it, and it is gone."""
    path = make_base()
    yield path
    try:
        end_processes_in(path)
    finally:
        shutil.rmtree(path, ignore_errors=True)


@pytest.fixture(scope="session")
def first_start(program):
    """A data directory after its first start, to copy: initdb takes seconds."""
    path = make_base()
    daemon = Daemon(path)
    try:
        daemon.start()
        assert daemon.stop() == 0, daemon.log_text()
        yield daemon.data_dir
    finally:
        daemon.clean_up()
        shutil.rmtree(path, ignore_errors=True)


def copy_of(first_start, base):
    subprocess.run(["cp", "-a", str(first_start), str(base / "data")], check=True)


@contextlib.contextmanager
def running(first_start, *flags, **options):
    """A daemon with a folder of its own, for as long as the tests of a file or a few."""
    base = make_base()
    copy_of(first_start, base)
    daemon = Daemon(base, *flags, **options)
    try:
        yield daemon.start()
        assert daemon.stop() == 0, daemon.log_text()
    finally:
        daemon.clean_up()
        shutil.rmtree(base, ignore_errors=True)


@pytest.fixture
def unused(base):
    """A daemon that was not started, on a data directory that is not there yet."""
    made = Daemon(base)
    yield made
    made.clean_up()


@pytest.fixture
def daemon(first_start, base):
    """A daemon that was not started, on a data directory that has been in use."""
    copy_of(first_start, base)
    made = Daemon(base)
    yield made
    try:
        if made.process is not None:
            status = made.stop()
            assert status == 0, "serve ended with %s: %s" % (status, made.log_text())
    finally:
        made.clean_up()


@pytest.fixture
def serving(daemon):
    return daemon.start()


@pytest.fixture(scope="module")
def shared(first_start):
    """One daemon for the tests of a file that use a domain each, see `domain`."""
    domains = ["firm.example"] + [f"d{n}.example" for n in range(100)]
    with running(first_start, domains=domains) as made:
        made.next_domain = iter(domains[1:])
        wait_until("it has said that it is there",
                   lambda: made.rows("SELECT node FROM node"))
        yield made


@pytest.fixture(scope="module")
def shared_browser(filled):
    """For a file about the page, with a daemon `filled`; see `browser`."""
    from browser import Browser, origin_of  # wants Selenium, which no other file does
    with contextlib.closing(Browser(origin_of(filled))) as opened:
        yield opened


@pytest.fixture
def browser(shared_browser):
    """On the page of `filled`; complains at the end of each test."""
    shared_browser.look()
    yield shared_browser
    assert shared_browser.complaints() == []


@pytest.fixture
def domain(shared):
    """A configured domain that no other test of the file uses."""
    return next(shared.next_domain)


@pytest.fixture
def own_postgres(base):
    made = Postgres(base)
    yield made.start()  # ended with everything else that runs in `base`


@pytest.fixture
def rng():
    seed = int(os.environ.get("TEST_SEED") or random.SystemRandom().randrange(1 << 32))
    print(f"TEST_SEED={seed}")  # pytest shows it when the test fails
    return random.Random(seed)


def unprivileged():
    """A user that may run a daemon of its own."""
    return pwd.getpwnam("nobody")


# --- midnight -----------------------------------------------------------------------
#
# Most files ask about yesterday and the days before. One that runs over midnight (UTC)
# means other days than the program does, so that its failure says nothing.


def utc_date():
    return datetime.datetime.now(datetime.timezone.utc).date()


BEGAN_ON = utc_date()


def pytest_sessionfinish(session, exitstatus):
    session.config.has_failed = exitstatus == pytest.ExitCode.TESTS_FAILED


def pytest_unconfigure(config):
    """Once more, from the beginning, where a day has ended meanwhile."""
    if getattr(config, "has_failed", False) and utc_date() != BEGAN_ON:
        print("It became midnight (UTC): once more.", flush=True)
        os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])
