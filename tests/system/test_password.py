"""The password of the database out of a file: `database_password_file`."""

import psycopg2
import pytest

from conftest import ENVIRONMENT, SOURCE, Daemon, table

PASSWORD = "s3cret 'quoted\\ p\u00e4ss"


@pytest.fixture
def locked(own_postgres):
    """A PostgreSQL that asks `firm` for the password; the DSN without it."""
    connection = psycopg2.connect(own_postgres.dsn)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute("CREATE ROLE firm LOGIN CREATEROLE PASSWORD %s", (PASSWORD,))
        cursor.execute("CREATE DATABASE firm OWNER firm")
    connection.close()
    rules = own_postgres.base / "cluster" / "pg_hba.conf"
    rules.write_text("local all firm scram-sha-256\n" + rules.read_text())
    own_postgres.run("pg_ctl", "reload", "-D", str(own_postgres.base / "cluster"))
    return f"host={own_postgres.base} port=5432 user=firm dbname=firm"


def asks(base, dsn, file, *words):
    """What a call says, and its exit status."""
    tool = Daemon(base, database=dsn)
    tool.environment = dict(ENVIRONMENT, TLSRPTD_DATABASE_PASSWORD_FILE=str(file))
    done = tool.run(*words)
    said = (done.stdout + done.stderr).decode()
    assert "s3cret" not in said
    return done.returncode, said


@pytest.mark.parametrize("ends", ["", "\n", "\r\n"])
def test_password_of_a_file(base, locked, ends):
    file = base / "password"
    file.write_bytes((PASSWORD + ends).encode())
    assert asks(base, locked, file, "migrate")[0] == 0
    assert asks(base, locked, file, "domain", "add", "firm.example")[0] == 0
    assert "firm.example" in asks(base, locked, file, "domain", "list")[1]


def test_every_subcommand_takes_the_flag(base, locked):
    file = base / "password"
    file.write_text(PASSWORD)
    tool = Daemon(base, database=locked)
    example = SOURCE / "docs/examples/report.eml"
    for words in ("migrate", "domain add firm.example", "domain list", "status",
                  f"import --vouch {example}", "reporter list", "quarantine list",
                  "waive firm.example --list", "token list", "node list",
                  "reprocess --dry-run", "demo --remove", "worker --once"):
        done = tool.run(*words.split(), "--database-password-file", str(file))
        assert done.returncode == 0, (words, done.stderr)
    tool.cli("readiness", "firm.example", "--database-password-file", str(file), check=2)


def test_password_that_is_wrong(base, locked):
    file = base / "password"
    file.write_text("another\n")
    status, said = asks(base, locked, file, "migrate")
    assert status == 69 and "password authentication failed" in said


@table("why, content, dsn, named", [
    ("no such file", None, "host=h", "No such file"),
    ("empty", b"", "host=h", "empty"),
    ("a line end alone", b"\n", "host=h", "empty"),
    ("two lines", b"s3cret\nmore\n", "host=h", "one line"),
    ("a NUL", b"s3cret\0", "host=h", "one line"),
    ("no password's length", b"s3cret" * 1000, "host=h", "too long"),
    ("a second password", b"s3cret\n", "host=h password=other", "take one of the two"),
    ("a DSN that cannot be read", b"s3cret\n", "host=h what=ever", "cannot be read"),
    ("no DSN", b"s3cret\n", None, "--database"),
])
def test_errors_of_the_file(base, why, content, dsn, named):
    file = base / "password"
    if content is not None:
        file.write_bytes(content)
    status, said = asks(base, dsn, file, "status")
    assert status == 78 and named in said and str(file) in said, said
    assert len(said.splitlines()) == 1, said


def test_folder_in_place_of_a_file(base):
    status, said = asks(base, "host=h", base, "status")
    assert status == 78 and "cannot be read" in said
