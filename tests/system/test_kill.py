"""kill -9 at random under load: nothing acknowledged is lost, nothing counts twice."""

import os
import signal
import smtplib
import sqlite3

import reports
from conftest import DRAIN_SECONDS, LONG, deliver, processes_in, wait_until
from load import Load, assert_exactly_once
from recount import differences

DAEMON_ROUNDS = 200 if LONG else 10
POSTGRES_ROUNDS = 20 if LONG else 3
# A kill falls after so many further mails at most: from "just begun" to "in full swing".
MAILS_BEFORE_KILL = 300
# How long a client waits for the 250 that must not come. A slow machine cannot make the
# test fail: it only makes the daemon answer later.
CANNOT_ANSWER_SECONDS = 3


def test_daemon_killed(serving, rng):
    with Load(serving, rng) as load:
        for number in range(DAEMON_ROUNDS):
            load.wait_for_more(rng.randrange(1, MAILS_BEFORE_KILL))
            serving.kill()
            serving.start()
        load.wait_for_more(50)
    # Some 50 were in hand at each kill, and each is taken alone afterwards.
    serving.drained(max(DRAIN_SECONDS, 5 * DAEMON_ROUNDS))
    assert_exactly_once(serving, load)
    assert differences(serving) == {}
    # What was in hand at a kill is no poison: four strangers' crashes are not its own.
    assert serving.value("SELECT count(*) FROM receipt WHERE reason = 'crash'") == 0


def test_postgres_killed(serving, rng):
    with Load(serving, rng) as load:
        for number in range(POSTGRES_ROUNDS):
            load.wait_for_more(rng.randrange(1, MAILS_BEFORE_KILL))
            killed = serving.postmaster()
            os.kill(killed, signal.SIGKILL)
            load.wait_for_more(50)  # intake does not wait for it
            # What dies again and again is started again ever later, up to a minute.
            with load.held():
                wait_until("another PostgreSQL answers",
                           lambda: answers(serving, killed))
        load.wait_for_more(50)
    serving.drained()
    assert serving.log_path.read_text().count("postgres_died") == POSTGRES_ROUNDS
    assert_exactly_once(serving, load)
    assert differences(serving) == {}


def test_postgres_told_to_stop(serving, rng):
    """SIGTERM, of somebody else: PostgreSQL refuses all who come and waits for the end of
    those who are there, for ever, if nobody ends it and starts another."""
    with Load(serving, rng) as load:
        load.wait_for_more(50)
        told = serving.postmaster()
        os.kill(told, signal.SIGTERM)
        load.wait_for_more(50)  # intake does not wait for it
        wait_until("another PostgreSQL answers", lambda: answers(serving, told))
        load.wait_for_more(50)
    serving.drained()
    log = serving.log_path.read_text()
    assert log.count("postgres_died") == 1 and "told to stop, not by us" in log
    assert serving.status()["database"] == "ok"
    assert_exactly_once(serving, load)
    assert differences(serving) == {}


def test_backend_killed(serving, rng):
    """PostgreSQL then ends every connection and recovers by itself."""
    with Load(serving, rng) as load:
        for number in range(POSTGRES_ROUNDS):
            load.wait_for_more(rng.randrange(1, MAILS_BEFORE_KILL))
            postmaster = serving.postmaster()
            os.kill(a_writer(serving), signal.SIGKILL)
            load.wait_for_more(50)
            wait_until("PostgreSQL answers again", lambda: answers(serving, None))
            assert serving.postmaster() == postmaster
        load.wait_for_more(50)
    serving.drained()
    assert_exactly_once(serving, load)
    assert differences(serving) == {}


def test_everything_killed_at_once(serving, rng):
    """As a power cut, but for what the disk itself forgets."""
    with Load(serving, rng) as load:
        for number in range(POSTGRES_ROUNDS):
            load.wait_for_more(rng.randrange(1, MAILS_BEFORE_KILL))
            victims = [serving.process.pid, serving.postmaster(),
                       *processes_in(serving.data_dir)]
            for pid in victims:
                kill_if_there(pid)
            serving.ended()
            serving.start()
        load.wait_for_more(50)
    serving.drained()
    assert_exactly_once(serving, load)
    assert differences(serving) == {}


def test_no_250_before_the_spool_has_it(serving):
    """While nobody can write to the spool, nobody is told that his report is ours."""
    spool = sqlite3.connect(serving.data_dir / "spool.sqlite", isolation_level=None)
    told = None
    try:
        spool.execute("BEGIN IMMEDIATE")
        with serving.smtp() as client:
            client.timeout = CANNOT_ANSWER_SECONDS
            client.sock.settimeout(CANNOT_ANSWER_SECONDS)
            try:
                told = deliver(client, reports.mail(
                    reports.report(reports.sts("firm.example"))))
            except (TimeoutError, smtplib.SMTPException):
                pass  # no answer, or "try again later"
            serving.kill()  # with the mail in memory
    except smtplib.SMTPServerDisconnected:
        pass  # of the QUIT
    finally:
        spool.close()
    assert told is None, "told 250 for what was only in memory"
    serving.start()
    serving.send(reports.mail(reports.report(reports.sts("firm.example"))))
    assert serving.drained().status()["reports_stored"] == 1


def kill_if_there(pid):
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        pass  # went down with another of them


def a_writer(daemon):
    """Process id of a backend that stores reports."""
    def found():
        return daemon.rows(
            "SELECT pid FROM pg_stat_activity WHERE application_name = 'tlsrptd' "
            "AND query ~ 'receipt|report|COMMIT' AND pid <> pg_backend_pid()")
    return wait_until("a worker is connected", found)[0][0]


def answers(daemon, not_this_one):
    try:
        return daemon.postmaster() != not_this_one and daemon.rows("SELECT 1")
    except Exception:  # not there yet: no pid file, no socket, still recovering
        return False
