"""Words of a call that say nothing, or too much, and output that cannot be written."""

import json
import os
import signal
import stat
import subprocess

import psycopg2
import pytest

from conftest import ENVIRONMENT, table

USAGE, UNAVAILABLE, UNWRITTEN, SETTINGS = 64, 69, 74, 78
# A call that gets as far as its database ends with UNAVAILABLE.
NOWHERE = ("--database", "host=/nonexistent")
WAIVE = ("--reporter", "google.com", "--result-type", "validation-failure")


def call(program, *words, **options):
    return subprocess.run([program, *words], timeout=60, env=ENVIRONMENT,
                          **{"capture_output": True, **options})


# --- nothing behind the = -------------------------------------------------------------


def test_an_empty_value_takes_nothing_with_it(shared):
    """As a script writes it whose variable is not set."""
    words = ["reprocess", "--all", "--authserv-id=", "--dry-run", "--json"]
    assert json.loads(shared.cli(*words))["dry_run"] is True
    assert json.loads(shared.cli("quarantine", "retry", "--all", "--authserv-id=",
                                 "--dry-run", "--json"))["dry_run"] is True


def test_an_empty_value_is_the_value(shared, domain):
    shared.cli("waive", domain, *WAIVE, "--mx=", "--why", "an empty one")
    shared.cli("waive", domain, *WAIVE, "--mx", "", "--reason", "another", "--why",
               "--mx=")
    said = {(use["mx"], use["why"])
            for use in json.loads(shared.cli("waive", domain, "--list", "--json"))}
    assert said == {(None, "an empty one"), (None, "--mx=")}, "the value of --why stays whole"


@table("why, words, named", [
    ("a flag that does", ["quarantine", "drop", "--all", "--why", "x", "--yes="], "--yes="),
    ("a flag with a default", ["import", "--vouch=", "/nowhere"], "--vouch="),
    ("a flag at the end", ["reprocess", "--all", "--dry-run="], "--dry-run="),
    ("an option in between", ["reprocess", "--since=", "--dry-run"], "--since"),
    ("a number", ["spool", "list", "--limit=", "--json"], "--limit"),
    ("no option of ours", ["status", "--nonsense="], "--nonsense="),
    ("behind --", ["domain", "add", "--", "--domain="], "--domain="),
])
def test_nothing_behind_the_equals_sign(program, why, words, named):
    done = call(program, *words, *(() if "--" in words else NOWHERE))
    assert done.returncode == USAGE and named in done.stderr.decode(), (why, done)


# --- words that are empty, unknown, or more than a line -----------------------------


@table("why, words, message", [
    ("as of", ["readiness", "firm.example", "--as-of", ""], "--as-of"),
    ("known at", ["readiness", "firm.example", "--known-at", ""], "--known-at"),
    ("as of of the worker", ["worker", "--once", "--as-of", ""], "--as-of"),
    ("as of without --once", ["worker", "--as-of", ""], "--as-of"),
    ("since", ["reprocess", "--since", ""], "--since"),
    ("since of the spool", ["spool", "replay", "--since", ""], "--since"),
    ("domain", ["reprocess", "--domain", ""], "--domain"),
    ("older than", ["quarantine", "list", "--older-than", ""], "--older-than"),
    ("newer than", ["quarantine", "retry", "--all", "--newer-than", ""], "--newer-than"),
    ("reporter", ["quarantine", "list", "--reporter", ""], "--reporter"),
    ("reason", ["quarantine", "list", "--reason", ""], "--reason"),
    ("on", ["reporter", "list", "--on", ""], "--on"),
    ("why of a drop", ["quarantine", "drop", "0", "--why", ""], "say why (--why)"),
    ("blanks for a why", ["quarantine", "drop", "0", "--why", " "], "say why (--why)"),
    ("an unknown reason", ["quarantine", "list", "--reason", "keys"], "foreign_domain"),
    ("the same of retry", ["quarantine", "retry", "--reason", "keys"], "crash"),
    ("the same of drop", ["quarantine", "drop", "--reason", "keys", "--why", "x"], "key"),
    ("a limit of none", ["quarantine", "list", "--limit", "0"], "range 1 to 1000000000"),
    ("the same of the spool", ["spool", "list", "--limit", "0"], "range 1 to 1000000000"),
    ("a token without a name", ["token", "create", "--name", ""], "--name"),
    ("a token of two lines", ["token", "create", "--name", "a\nb"], "--name"),
    ("a long name", ["token", "create", "--name", "a" * 256], "255"),
    ("a who with a tab", ["waive", "firm.example", "--mx", "", "--reporter", "google.com",
                          "--why", "x", "--who", "a\tb"], "--who"),
    ("a why of two lines", ["waive", "firm.example", "--mx", "", "--reporter",
                            "google.com", "--why", "a\r\nb"], "--why"),
    ("a mute that clears the screen", ["reporter", "mute", "google.com", "--until",
                                       "2100-01-01", "--why", "\x1b[2J"], "--why"),
    ("DEL in the who of a mute", ["reporter", "mute", "google.com", "--until",
                                  "2100-01-01", "--why", "x", "--who", "a\x7f"], "--who"),
    ("a drop of two lines", ["quarantine", "drop", "0", "--why", "a\nb"], "--why"),
    ("by two lines", ["quarantine", "drop", "0", "--why", "a", "--by", "a\nb"], "--by"),
])
def test_words_that_are_refused(program, why, words, message):
    done = call(program, *words, *NOWHERE)
    assert done.returncode == USAGE and message in done.stderr.decode(), (why, done)
    assert len(done.stderr) < 400, "for people to read"


@table("why, words", [
    ("each reason is known", ["quarantine", "list", "--reason", "key"]),
    ("everybody's language", ["token", "create", "--name", "Überwachung"]),
    ("a name as long as may be", ["token", "create", "--name", "a" * 255]),
])
def test_words_that_are_not(program, why, words):
    assert call(program, *words, *NOWHERE).returncode == UNAVAILABLE, why


@table("why, name", [("empty", ""), ("two lines", "a\nb"), ("too long", "a" * 256)])
def test_node_is_a_name(program, base, why, name):
    """A setting, so with the status of one; out of the environment as well."""
    words = [program, "serve", "--data-dir", str(base / "data")]
    done = call(*words, "--node", name)
    assert done.returncode == SETTINGS and b"--node" in done.stderr, (why, done)
    done = subprocess.run(words, timeout=60, env={**ENVIRONMENT, "TLSRPTD_NODE": name},
                          capture_output=True)
    assert done.returncode == SETTINGS and b"TLSRPTD_NODE" in done.stderr, (why, done)


def test_help_names_every_reason(program):
    for command in ("list", "retry", "drop"):
        text = call(program, "quarantine", command, "--help").stdout.decode()
        for reason in ("unpack", "parse", "file", "foreign_domain", "crash", "store",
                       "key"):
            assert reason in text.split("--reason")[1].split("--reporter")[0]


@pytest.mark.parametrize("flag", ["--help-config", "--help-log", "--help-metrics",
                                  "--version"])
def test_help_stands_behind_a_subcommand_too(program, flag):
    alone = call(program, flag)
    assert alone.returncode == 0 and alone.stdout
    for words in (["serve"], ["domain", "list"]):
        done = call(program, *words, flag)
        assert (done.returncode, done.stdout, done.stderr) == (0, alone.stdout, b"")


# --- output ---------------------------------------------------------------------------


@pytest.mark.parametrize("words", [["--help"], ["--help-config"], ["--version"],
                                   ["domain", "--help"]])
def test_a_full_disk_is_no_success(program, words):
    with open("/dev/full", "wb") as full:
        done = call(program, *words, capture_output=False, stdout=full,
                    stderr=subprocess.PIPE)
    assert done.returncode == UNWRITTEN, done
    assert b"cannot write standard output: No space left on device" in done.stderr


def test_a_full_disk_under_an_answer(shared):
    tokens = shared.cli("token", "list")
    for words in (["domain", "list"], ["readiness", "firm.example", "--json"],
                  ["token", "create", "--name", "unseen"]):
        with open("/dev/full", "wb") as full:
            done = subprocess.run(shared.command(*words), stdout=full, timeout=60,
                                  stderr=subprocess.PIPE, env=ENVIRONMENT)
        assert done.returncode == UNWRITTEN and b"No space left" in done.stderr, done
    assert shared.cli("token", "list") == tokens, "nobody has its secret"


def test_the_reader_of_a_pipe_may_go(program):
    """As `| head -1`: ended by the signal, or left alone where that is ignored."""
    for restore, status in ((True, -signal.SIGPIPE), (False, 0)):
        reader, writer = os.pipe()
        os.close(reader)
        with os.fdopen(writer, "wb") as pipe:
            done = call(program, "--help-config", capture_output=False, stdout=pipe,
                        stderr=subprocess.PIPE, restore_signals=restore)
        assert (done.returncode, done.stderr) == (status, b"")


def test_closed_standard_descriptors(unused):
    """What would be printed goes nowhere, and least of all into a file of ours."""
    def closed(*words):
        return subprocess.run(["sh", "-c", 'exec "$@" <&- >&- 2>&-', "sh",
                               *unused.command(*words)], env=ENVIRONMENT, cwd="/",
                              timeout=120)

    assert closed("domain", "add", "firm.example").returncode == UNWRITTEN
    # The lock, the socket and the spool: written by nobody who meant standard output.
    assert unused.cli("domain", "list") == "firm.example\tcommand\n"
    assert closed("nonsense").returncode == USAGE
    for path in unused.data_dir.glob("*.lock"):
        assert path.read_bytes() == b"", path


def test_a_daemon_without_standard_descriptors(daemon):
    daemon.command, command = lambda *words: [
        "sh", "-c", 'exec "$@" <&- >&- 2>&-', "sh", *command(*words)], daemon.command
    daemon.start()
    try:
        for number in range(3):
            target = os.readlink(f"/proc/{daemon.process.pid}/fd/{number}")
            assert target == "/dev/null", (number, target)
    finally:
        daemon.command = command


# --- the file of the ports ------------------------------------------------------------


def test_ports_are_written_over_no_device(daemon):
    """A FIFO stands for all that is no file: renaming over it would take it away."""
    daemon.ports_path = daemon.base / "fifo"
    os.mkfifo(daemon.ports_path)
    command = [*daemon.command("serve"), "--write-ports", str(daemon.ports_path), "--smtp",
               "127.0.0.1:0", "--https", "127.0.0.1:0", "--api", "127.0.0.1:0"]
    done = subprocess.run(command, capture_output=True, timeout=120, env=ENVIRONMENT,
                          cwd="/")
    assert done.returncode == USAGE, done
    assert f"{daemon.ports_path}: it is there, and no regular file".encode() in done.stderr
    assert stat.S_ISFIFO(daemon.ports_path.lstat().st_mode)
    assert not daemon.ports_path.with_suffix(".new").exists()


@pytest.mark.parametrize("words", [
    ["readiness", "firm.example"], ["domain", "list"], ["waive", "firm.example", "--list"],
    ["quarantine", "list"], ["reprocess"], ["worker", "--once"], ["token", "list"]])
def test_a_schema_that_is_not_this_programs(unused, own_postgres, words):
    """It could say anything of tables that another version filled."""
    unused.database = own_postgres.dsn
    done = unused.run(*words)
    assert done.returncode == UNAVAILABLE, (done.returncode, done.stderr)
    assert done.stdout == b"" and b"run `tlsrptd migrate`" in done.stderr
    owner = psycopg2.connect(own_postgres.dsn)
    with owner, owner.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_namespace WHERE nspname = 'tlsrptd'")
        assert cursor.fetchone() == (0,)
    unused.cli("migrate")
    for change, remedy in (
            ("INSERT INTO tlsrptd.schema_version SELECT version + 1, version + 1, 'later',"
             " now() FROM tlsrptd.schema_version ORDER BY version DESC LIMIT 1",
             b"use a newer tlsrptd"),
            ("DELETE FROM tlsrptd.schema_version WHERE version >= (SELECT max(version) - 1"
             " FROM tlsrptd.schema_version)", b"run `tlsrptd migrate`")):
        with owner, owner.cursor() as cursor:
            cursor.execute(change)
        done = unused.run(*words)
        assert done.returncode == UNAVAILABLE, (done.returncode, done.stderr)
        assert remedy in done.stderr and done.stdout == b""
    owner.close()
