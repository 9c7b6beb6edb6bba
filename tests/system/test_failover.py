"""A PostgreSQL of the administrator's restarts under load, or is lost and replaced by a
copy that is older than what it had: nothing is missing, nothing counts twice."""

import datetime

import pytest

import reports
from conftest import Daemon, wait_until
from load import Load, assert_exactly_once
from recount import differences

RESTARTS = 3
PAUSE_SECONDS = 0.1


@pytest.fixture
def beside(base, own_postgres):
    """A daemon on that PostgreSQL."""
    daemon = Daemon(base, "--migrate", database=own_postgres.dsn)
    try:
        yield daemon.start()
    finally:
        daemon.clean_up()


def has_all(daemon, load):
    kept = {str(row[0]) for row in daemon.rows("SELECT receipt_id FROM receipt")}
    return set(load.receipts) <= kept


@pytest.mark.parametrize("mode", ["fast", "immediate"])
def test_postgres_restarts_under_load(beside, own_postgres, rng, mode):
    """`fast` ends what is under way, `immediate` is a crash that it recovers from."""
    with Load(beside, rng, pause=PAUSE_SECONDS) as load:
        for _ in range(RESTARTS):
            load.wait_for_more(40)
            own_postgres.stop(mode)
            own_postgres.start()
        load.wait_for_more(40)
    assert load.refused == [], "intake never noticed"
    beside.drained()
    assert_exactly_once(beside, load)
    assert differences(beside) == {}
    assert beside.stop() == 0


@pytest.mark.parametrize("running", [True, False], ids=["serving", "stopped"])
def test_an_older_copy_takes_over(beside, own_postgres, rng, running):
    """As when a backup is restored, or a standby that lagged behind is promoted: what was
    committed since the copy is gone, and the spool still has it (spool.keep)."""
    with Load(beside, rng, pause=PAUSE_SECONDS) as load:
        load.wait_for_more(60)
        since = datetime.datetime.now(datetime.timezone.utc)
        own_postgres.copy("older")
        known = load.count()
        load.wait_for_more(100)
        wait_until("what came since the copy is stored", lambda: beside.value(
            "SELECT count(*) FROM receipt") > known + 20)
        own_postgres.stop("immediate")
        own_postgres.become("older")
        own_postgres.start()
        assert not has_all(beside, load), "nothing was lost with the old one"
        if not running:
            assert beside.stop() == 0
        # A minute earlier is harmless, and clocks differ.
        since -= datetime.timedelta(minutes=1)
        beside.cli("spool", "replay", "--since", since.strftime("%Y-%m-%dT%H:%M:%SZ"))
        if not running:
            beside.start()
        load.wait_for_more(40)
    wait_until("all is there again", lambda: has_all(beside, load))
    beside.drained()
    assert_exactly_once(beside, load)
    assert differences(beside) == {}
    beside.send(reports.mail(reports.report(reports.sts("firm.example"))))
    beside.drained()
    assert beside.stop() == 0
