"""The way to PostgreSQL breaks in every way it can: nothing is lost, nothing is twice."""

import pytest

import reports
from conftest import Daemon, wait_until
from gate import Gate
from load import Load, assert_exactly_once
from recount import differences

PAUSE_SECONDS = 0.04  # of each of the 8 clients
ROUNDS = 3            # of what happens once and is over
MAILS_MEANWHILE = 60  # acknowledged while the way is broken


@pytest.fixture
def gated(base, own_postgres):
    with Gate(own_postgres) as gate:
        daemon = Daemon(base, "--migrate", database=gate.dsn)
        # Questions of the test itself do not go through the gate.
        daemon.connect = lambda: connect(own_postgres)
        try:
            daemon.gate = gate
            yield daemon.start()
        finally:
            daemon.clean_up()


def connect(postgres):
    import psycopg2
    return psycopg2.connect(postgres.dsn)


def recovered(daemon, load):
    """And it recovers, nothing acknowledged is missing, nothing is counted twice."""
    wait_until("the spool is empty", lambda: stored(daemon) >= len(load.receipts))
    daemon.drained()
    assert load.refused == [], "intake never noticed"
    assert_exactly_once(daemon, load)
    assert differences(daemon) == {}
    assert daemon.stop() == 0


def stored(daemon):
    return daemon.value("SELECT count(*) FROM receipt")


@pytest.mark.parametrize("mode", ["refuse", "delay", "trickle"])
def test_a_bad_way(gated, rng, mode):
    with Load(gated, rng, pause=PAUSE_SECONDS) as load:
        load.wait_for_more(50)
        gated.gate.set_mode(mode)
        load.wait_for_more(MAILS_MEANWHILE)
        gated.gate.set_mode("pass")
        load.wait_for_more(50)
    recovered(gated, load)


def test_cut_in_the_middle_of_a_batch(gated, rng):
    with Load(gated, rng, pause=PAUSE_SECONDS) as load:
        for number in range(ROUNDS):
            load.wait_for_more(30)
            before = gated.gate.cuts
            gated.gate.set_mode("cut")
            wait_until("a batch was cut", lambda: gated.gate.cuts > before)
            gated.gate.set_mode("pass")
        load.wait_for_more(50)
    recovered(gated, load)


def test_nobody_knows_what_became_of_the_commit(gated, rng):
    with Load(gated, rng, pause=PAUSE_SECONDS) as load:
        for number in range(ROUNDS):
            load.wait_for_more(30)
            before = gated.gate.lost_commits
            had = stored(gated)
            gated.gate.set_mode("lose_commit")
            wait_until("answers to COMMIT were lost",
                       lambda: gated.gate.lost_commits > before and stored(gated) > had)
            gated.gate.set_mode("pass")
        load.wait_for_more(50)
    recovered(gated, load)


def test_stops_while_the_way_swallows_everything(gated, rng):
    """A network that drops packets answers nothing, not even that it is gone."""
    with Load(gated, rng, pause=PAUSE_SECONDS) as load:
        load.wait_for_more(50)
        gated.gate.set_mode("hang")
        load.wait_for_more(MAILS_MEANWHILE)
    assert gated.stop() == 0
    gated.gate.set_mode("refuse")  # what hung is gone
    gated.gate.set_mode("pass")
    gated.start()
    recovered(gated, load)


def test_recovers_from_a_way_that_swallows_everything(gated, rng):
    with Load(gated, rng, pause=PAUSE_SECONDS) as load:
        load.wait_for_more(50)
        gated.gate.set_mode("hang")
        load.wait_for_more(MAILS_MEANWHILE)
        gated.gate.set_mode("pass")
        load.wait_for_more(50)
    recovered(gated, load)


def test_mail_is_taken_while_the_first_connection_hangs(base, own_postgres):
    """A start into a network that answers nothing says so, and does not hang for ever."""
    with Gate(own_postgres) as gate:
        daemon = Daemon(base, "--migrate", database=gate.dsn)
        try:
            daemon.start()
            assert daemon.stop() == 0
            daemon.flags.remove("--migrate")
            gate.set_mode("hang")
            daemon.start()  # the domains are known from last time
            daemon.send(reports.mail(reports.report(reports.sts("firm.example"))))
            gate.set_mode("pass")
            daemon.connect = lambda: connect(own_postgres)
            wait_until("it is stored", lambda: stored(daemon) == 1)
            assert daemon.stop() == 0
        finally:
            daemon.clean_up()
