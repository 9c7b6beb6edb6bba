"""The process dies between two steps whose order is the promise: nothing acknowledged is
lost, nothing counts twice.

Where a kill at random (test_kill.py) falls, nobody knows; tlsrptd_crash, which stands
beside the program, dies at the very point that it is told (base/crash_point.h).
docs/faults.md has the table of what is promised.
"""

import signal
import subprocess

import psycopg2
import pytest

import reports
from conftest import ENVIRONMENT, LONG, MAX_CRASHES, TLSRPTD, table, wait_until
from load import Load, assert_exactly_once
from recount import differences
from test_reprocess import in_one
from test_retention import month_of, months_later, partitions

CRASHING = TLSRPTD + "_crash"
DEATHS = 3
# Of each of the 8 clients: some tens of mails a second, so that what one start leaves is
# stored by the next.
PAUSE_SECONDS = 0.1
# Where every receipt is looked at again, one transaction each.
REWORK_PAUSE_SECONDS = 0.5


def armed(point, count):
    return dict(ENVIRONMENT, CRASH_POINT=f"{point}:{count}")


def dies_serving(daemon, point, count):
    """Serves until it reaches the point for the COUNT-th time."""
    daemon.program, daemon.environment = CRASHING, armed(point, count)
    daemon.start(wait=False)

    def dead():
        daemon.read_ports()  # clients go on meanwhile
        return daemon.process.poll() is not None
    wait_until(f"it dies at {point}", dead)
    assert daemon.ended() == -signal.SIGKILL, daemon.log_text()


def dies_running(daemon, point, count, *words):
    """A call that never comes to its end."""
    done = subprocess.run([CRASHING, *daemon.command(*words)[1:]], capture_output=True,
                          env=armed(point, count), cwd="/", timeout=120)
    assert done.returncode == -signal.SIGKILL, (point, done)


def lives(daemon, *flags):
    daemon.program, daemon.environment = TLSRPTD, ENVIRONMENT
    daemon.start(*flags)


def whole(daemon, load):
    """And it recovers, nothing acknowledged is missing, nothing is counted twice."""
    daemon.drained()
    # What was in hand at MAX_CRASHES of the deaths was not looked into again.
    daemon.run("quarantine", "retry", "--all", "--reason", "crash")
    assert_exactly_once(daemon, load)
    assert differences(daemon) == {}


@table("point, most", [
    ("spool.put", 60),        # durable, and nobody has been told
    ("smtp.acknowledged", 60),  # the client has read its 250, or will
    ("spool.taken", 10),      # in hand, and nothing has been done
    ("batch.before_commit", 10),
    ("batch.in_commit", 10),  # PostgreSQL has the COMMIT, and nobody hears its answer
    ("batch.after_commit", 10),
    ("drain.stored", 10),     # in PostgreSQL, and not marked done
    ("spool.returned", 10),   # marked done, and nothing else
])
def test_dies_under_load(daemon, rng, point, most):
    with Load(daemon.start(), rng, pause=PAUSE_SECONDS) as load:
        load.wait_for_more(10)
        daemon.kill()
        for _ in range(DEATHS):
            dies_serving(daemon, point, rng.randrange(1, most))
        lives(daemon)
        load.wait_for_more(20)
    whole(daemon, load)


def test_what_was_in_hand_at_four_deaths_is_kept(daemon):
    """It is not looked into again, since it may have been to blame; it is seen, and stored
    when somebody says so."""
    daemon.start()
    daemon.kill()
    daemon.program, daemon.environment = CRASHING, armed("spool.taken", 1)
    daemon.start()  # dies with the first that it takes
    receipt = daemon.send(reports.mail(reports.report(reports.sts("firm.example"))))
    wait_until("it dies", lambda: not daemon.alive())
    assert daemon.ended() == -signal.SIGKILL
    for _ in range(MAX_CRASHES - 1):
        dies_serving(daemon, "spool.taken", 1)
    lives(daemon)
    daemon.drained()
    assert daemon.rows("SELECT receipt_id::text, reason FROM receipt") == [
        (receipt, "crash")]
    daemon.cli("quarantine", "retry", "--all", "--reason", "crash")
    assert daemon.value("SELECT receipt_id::text FROM report") == receipt
    assert differences(daemon) == {}


@pytest.mark.parametrize("point", [
    "spool.before_copy", "spool.after_copy",  # most of the log, beside the writer
    "spool.before_checkpoint", "spool.after_checkpoint"])  # the rest
def test_dies_around_a_checkpoint(daemon, rng, point):
    """The log is copied into the file after each mebibyte of it: a sixteenth of the quota."""
    daemon.flags += ["--spool-quota", "16MiB"]
    with Load(daemon.start(), rng, pause=PAUSE_SECONDS / 2) as load:
        load.wait_for_more(10)
        daemon.kill()
        for _ in range(DEATHS):
            dies_serving(daemon, point, 1)
        lives(daemon)
        load.wait_for_more(20)
    whole(daemon, load)


@pytest.mark.parametrize("point", ["before_commit", "in_commit", "after_commit"])
def test_dies_in_a_migration_while_mail_comes(daemon, rng, point):
    """Every start applies views and grants: its second transaction of that kind."""
    with Load(daemon.start(), rng, pause=PAUSE_SECONDS) as load:
        load.wait_for_more(10)
        daemon.kill()
        for count in (1, 2, 2):
            dies_serving(daemon, f"migrate.{point}", count)
        lives(daemon)
        load.wait_for_more(20)
    whole(daemon, load)


def shape(daemon):
    """Every column, constraint, index, view and grant there is. Not the grants on a
    partition: those go by the table, and how they are written down by the call."""
    return [daemon.rows(sql) for sql in (
        "SELECT version, oldest_program, name FROM schema_version ORDER BY 1",
        "SELECT table_name, column_name, data_type, is_nullable, column_default "
        "FROM information_schema.columns WHERE table_schema = 'tlsrptd' ORDER BY 1, 2",
        "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) "
        "FROM pg_constraint WHERE connamespace = 'tlsrptd'::regnamespace ORDER BY 1, 2",
        "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'tlsrptd' "
        "ORDER BY 1",
        "SELECT viewname, definition FROM pg_views WHERE schemaname = 'tlsrptd' "
        "ORDER BY 1",
        "SELECT relname, relacl::text FROM pg_class WHERE NOT relispartition "
        "AND relnamespace = 'tlsrptd'::regnamespace ORDER BY 1")]


@table("point, count", [
    # Each call gets one step further than the last, after one that is always done again.
    ("migrate.before_commit", 3),
    ("partitions.before_commit", 3),
] + [("migrate.in_commit", 2), ("migrate.after_commit", 2)] * LONG)
def test_dies_at_each_step_of_the_first_migration(unused, own_postgres, point, count):
    daemon, names = unused, iter(("one_go", "many_deaths"))

    def fresh_database():
        connection = psycopg2.connect(own_postgres.dsn)
        connection.autocommit = True
        name = next(names)
        connection.cursor().execute(f"CREATE DATABASE {name}")
        connection.close()
        daemon.database = own_postgres.dsn.replace("dbname=postgres", f"dbname={name}")

    fresh_database()
    daemon.cli("migrate")
    wanted = shape(daemon)
    wanted_version = daemon.rows("SELECT max(version) FROM schema_version")
    fresh_database()
    deaths, version = 0, None
    while True:
        done = subprocess.run([CRASHING, *daemon.command("migrate")[1:]], cwd="/",
                              capture_output=True, env=armed(point, count), timeout=120)
        if done.returncode == 0:
            break
        assert done.returncode == -signal.SIGKILL, done
        deaths += 1
        # The last step, views and grants, is done by every call.
        before, version = version, daemon.rows("SELECT max(version) FROM schema_version")
        if point.startswith("migrate") and version == before == wanted_version:
            break
        assert deaths < 100, "it never gets further"
    assert deaths >= DEATHS
    daemon.cli("migrate")
    assert shape(daemon) == wanted
    daemon.start()
    daemon.send(reports.mail(reports.report(reports.sts("firm.example"))))
    daemon.drained()
    assert daemon.value("SELECT count(*) FROM report") == 1
    assert differences(daemon) == {}
    assert daemon.stop() == 0


@pytest.mark.parametrize("point", ["before_commit", "in_commit", "after_commit"])
def test_dies_when_old_months_go(serving, rng, point):
    old = reports.days_ago(400)
    serving.cli("import", "--vouch", *reports.write_json(serving.base / "files", [
        reports.report(reports.sts("firm.example", 5, 1, [reports.detail(
            "certificate-expired")]), day=old)]))
    kept = serving.value("SELECT sum(value) FROM node_counter WHERE name = 'reports_stored'")
    words = ("worker", "--once", "--yes", "--as-of", str(months_later(26, old)))
    with Load(serving, rng, pause=PAUSE_SECONDS) as load:
        for count in (1, 2, 2):
            load.wait_for_more(10)
            dies_running(serving, f"retention.{point}", count, *words)
        load.wait_for_more(10)
        serving.cli(*words)
        load.wait_for_more(10)
    serving.drained()
    for name in ("report", "policy_result", "report_failure", "domain_day",
                 "domain_day_failure"):
        assert f"{name}_{month_of(old)}" not in partitions(serving, name)
    assert_exactly_once(serving, load)
    found = differences(serving)
    # A receipt and the totals still say what was stored once (DESIGN 5).
    assert set(found) == {"receipt", "node_counter"} and kept == 1
    assert len(found["receipt"]) == 1
    (counter,) = found["node_counter"]
    assert counter[0] == "reports_stored" and counter[2] - counter[1] == 1


@pytest.mark.parametrize("point", ["before_commit", "in_commit", "after_commit"])
def test_dies_in_reprocess(serving, rng, point):
    with Load(serving, rng, pause=REWORK_PAUSE_SECONDS) as load:
        load.wait_for_more(40)
        serving.drained()
        in_one(serving, "UPDATE receipt SET parser_version = 0",
               "UPDATE report SET parser_version = 0, organisation = 'x' WHERE receipt_id"
               " IN (SELECT receipt_id FROM receipt WHERE parser_version = 0)")
        for _ in range(DEATHS):
            dies_running(serving, f"rewrite.{point}", rng.randrange(1, 10), "reprocess")
            load.wait_for_more(10)
        serving.cli("reprocess")
    serving.drained()
    assert serving.value("SELECT count(*) FROM report WHERE organisation = 'x'") == 0
    assert_exactly_once(serving, load)
    assert differences(serving) == {}


@pytest.mark.parametrize("point", ["before_commit", "in_commit", "after_commit"])
def test_dies_in_a_retry_from_quarantine(serving, rng, point):
    """Held as foreign; then the domain is ours, and nobody but the retry knows."""
    held = [reports.report(reports.sts("late.example", 3)) for _ in range(12)]
    for one in held:
        serving.send(reports.mail(one))
    serving.drained()
    in_one(serving, "INSERT INTO domain (added_at, domain, source) "
                    "VALUES (now(), 'late.example', 'command')")
    with Load(serving, rng, pause=REWORK_PAUSE_SECONDS) as load:
        for _ in range(DEATHS):
            load.wait_for_more(10)
            dies_running(serving, f"rewrite.{point}", rng.randrange(1, 4), "quarantine",
                         "retry", "--all", "--reason", "foreign_domain")
        serving.cli("quarantine", "retry", "--all")
        load.wait_for_more(10)
    serving.drained()
    assert serving.value(
        "SELECT count(*) FROM report WHERE policy_domain = 'late.example'") == len(held)
    assert serving.status()["reports_quarantined"] == 0
    load.begun.update(one["report-id"] for one in held)
    assert_exactly_once(serving, load)
    assert differences(serving) == {}


def test_the_program_itself_has_no_crash_points(program):
    """What is installed cannot be told to die; what is tested above can."""
    def names(path):
        symbols = subprocess.run(["nm", "-C", path], capture_output=True, check=True).stdout
        with open(path, "rb") as binary:
            text = binary.read()
        return {word for word in (b"CRASH_POINT", b"smtp.acknowledged", b"before_commit")
                if word in text} | ({b"symbols"} if b"CrashPoint" in symbols else set())
    assert names(program) == set()
    assert len(names(CRASHING)) == 4


def test_a_point_that_is_not_understood_is_refused(daemon):
    """A test that arms nothing must not pass for one that was survived."""
    daemon.program = CRASHING
    for value in ("", "spool.put", "spool.put:0", "spool.put:x", ":1"):
        daemon.environment = dict(ENVIRONMENT, CRASH_POINT=value)
        assert daemon.run("migrate").returncode == -signal.SIGABRT, value
