"""PostgreSQL away: intake goes on, and all of it is stored once it is back."""

import time

import reports
from conftest import Daemon, wait_until
from load import Load, assert_exactly_once
from recount import differences

AWAY_SECONDS = 60
PAUSE_SECONDS = 0.04  # of each of the 8 clients: some 100 mails a second, as at a hoster


def start_daemon(base, postgres, *flags):
    return Daemon(base, "--migrate", *flags, database=postgres.dsn).start()


def test_database_away_for_a_minute_under_load(base, own_postgres, rng):
    daemon = start_daemon(base, own_postgres)
    try:
        with Load(daemon, rng, pause=PAUSE_SECONDS) as load:
            load.wait_for_more(100)
            own_postgres.stop()
            back_at = time.monotonic() + AWAY_SECONDS
            before = daemon.status()
            while time.monotonic() < back_at:
                load.wait_for_more(50)  # the whole time
            away = daemon.status()
            assert before["database"] == away["database"] == "away"
            assert away["reports_stored"] is None, "a total that nobody can know"
            assert away["spool_depth"] > before["spool_depth"]
            assert away["spool_age_seconds"] >= AWAY_SECONDS // 2
            own_postgres.start()
            load.wait_for_more(50)
        assert load.refused == []
        daemon.drained()
        assert daemon.status()["database"] == "ok"
        assert_exactly_once(daemon, load)
        assert differences(daemon) == {}
        log = daemon.log_path.read_text()
        assert "database_away" in log and "database_back" in log
        assert daemon.stop() == 0
    finally:
        daemon.clean_up()


def test_restarts_while_the_database_is_away(base, own_postgres):
    """The domains are known from last time, and what the spool held is still there."""
    daemon = start_daemon(base, own_postgres)
    try:
        daemon.cli("domain", "add", "added.example")
        wait_until("the daemon knows it", lambda: daemon.accepts("tlsrpt@added.example"))
        own_postgres.stop()
        first = daemon.send(reports.mail(reports.report(reports.sts("firm.example"))))
        assert daemon.stop() == 0
        daemon.flags.remove("--migrate")  # that needs the database, and says so
        daemon.start()
        second = daemon.send(
            reports.mail(reports.report(reports.sts("added.example")), "added.example"),
            to="tlsrpt@added.example")
        assert daemon.status()["spool_depth"] == 2
        own_postgres.start()
        daemon.drained()
        assert receipts(daemon) == {first, second}
        assert daemon.value("SELECT count(*) FROM report") == 2
        assert daemon.stop() == 0
    finally:
        daemon.clean_up()


def test_stops_while_the_database_is_away(base, own_postgres):
    daemon = start_daemon(base, own_postgres)
    try:
        own_postgres.stop()
        receipt = daemon.send(reports.mail(reports.report(reports.sts("firm.example"))))
        assert daemon.stop() == 0
        own_postgres.start()
        daemon.start().drained()
        assert receipts(daemon) == {receipt}
        assert daemon.stop() == 0
    finally:
        daemon.clean_up()


def test_readiness_and_import_say_that_it_is_away(base, own_postgres):
    daemon = start_daemon(base, own_postgres)
    try:
        own_postgres.stop()
        file = reports.write_json(base / "files",
                                  [reports.report(reports.sts("firm.example"))])
        for words in (["readiness", "firm.example"], ["import", "--vouch", *file],
                      ["domain", "list"]):
            done = daemon.run(*words)
            assert done.returncode == 69, (words, done)
            assert done.stdout == b"" and b"own-postgres" in done.stderr, (words, done)
    finally:
        daemon.clean_up()


def receipts(daemon):
    return {str(row[0]) for row in daemon.rows("SELECT receipt_id FROM receipt")}
