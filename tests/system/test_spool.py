"""What waits in the spool, seen; what was stored, stored again in a database set back."""

import json

import pytest

import reports
from conftest import wait_until
from recount import differences

EVERYTHING = ("receipt", "receipt_raw", "report", "policy_result", "report_failure",
              "domain_day", "domain_day_failure", "node_counter", "policy_text", "mx_host")


def spool(daemon, *words):
    return json.loads(daemon.cli("spool", "list", "--json", *words))


def set_back(daemon):
    """The database as it was before the first mail."""
    connection = daemon.connect()
    with connection, connection.cursor() as cursor:
        cursor.execute("SET search_path = tlsrptd")
        cursor.execute("TRUNCATE " + ", ".join(EVERYTHING))
    connection.close()


def some_mail(daemon, count=5):
    receipts = {daemon.send(reports.mail(reports.report(reports.sts("firm.example", n))))
                for n in range(count)}
    receipts.add(daemon.send(reports.mail([], payloads=[b"{\"policies\": 17"])))
    daemon.drained()
    return receipts


def kept(daemon):
    return {row[0] for row in daemon.rows("SELECT receipt_id::text FROM receipt")}


def test_list_while_serving_and_after(daemon, own_postgres):
    daemon.database = own_postgres.dsn
    daemon.start("--migrate")
    stored = daemon.send(reports.mail(reports.report(reports.sts("firm.example"))))
    wait_until("it is done", lambda: spool(daemon)["done"] == 1)
    assert spool(daemon)["entries"] == [] and stored
    own_postgres.stop()
    waiting = [daemon.send(reports.mail(reports.report(reports.sts("firm.example"))))
               for _ in range(3)]
    listed = spool(daemon)
    assert [entry["receipt_id"] for entry in listed["entries"]] == waiting
    assert (listed["depth"], listed["done"]) == (3, 1)
    assert listed["oldest_at"] == listed["entries"][0]["received_at"]
    assert {entry["state"] for entry in listed["entries"]} <= {
        "ready", "waiting", "in hand", "suspect"}
    assert len(spool(daemon, "--limit", "2")["entries"]) == 2
    assert "3 waiting" in daemon.cli("spool", "list")
    daemon.stop()
    assert [entry["crashes"] for entry in spool(daemon)["entries"]] == [0, 0, 0]
    own_postgres.start()
    daemon.start()
    daemon.drained()
    assert spool(daemon)["depth"] == 0 and spool(daemon)["done"] == 4


def test_no_spool_yet(unused):
    done = unused.run("spool", "list")
    assert done.returncode == 66 and b"no spool" in done.stderr


@pytest.mark.parametrize("running", [True, False], ids=["serving", "stopped"])
def test_replay_mends_a_database_that_was_set_back(serving, running):
    receipts = some_mail(serving)
    totals = serving.status()
    set_back(serving)
    assert kept(serving) == set()
    if not running:
        assert serving.stop() == 0
    printed = serving.cli("spool", "replay", "--since", str(reports.yesterday()))
    assert printed.startswith("6 entries")
    if not running:
        assert spool(serving)["depth"] == 6
        serving.start()
    wait_until("all are stored again", lambda: kept(serving) == receipts)
    serving.drained()
    assert serving.status() == totals
    assert differences(serving) == {}
    assert not (serving.data_dir / "spool.sqlite-replay").exists()


def test_replay_over_what_is_there_changes_nothing(serving):
    some_mail(serving)
    before = serving.rows("SELECT * FROM receipt ORDER BY receipt_id")
    for _ in range(2):
        serving.cli("spool", "replay", "--since", str(reports.yesterday()))
        wait_until("all are done again", lambda: spool(serving)["depth"] == 0)
    assert serving.rows("SELECT * FROM receipt ORDER BY receipt_id") == before
    wait_until("the log says so", lambda: "spool_replayed" in serving.log_path.read_text())
    assert differences(serving) == {}


def test_replay_of_a_receipt_that_would_be_read_otherwise_now(serving):
    """Held as foreign, then the domain was added: the replay must not add its rows behind
    the receipt's back, and looking again must."""
    receipt = serving.send(reports.mail(reports.report(reports.sts("late.example", 3))))
    serving.drained()
    connection = serving.connect()
    with connection, connection.cursor() as cursor:
        # Past the program, so that no work is asked for.
        cursor.execute("INSERT INTO tlsrptd.domain (added_at, domain, source) "
                       "VALUES (now(), 'late.example', 'command')")
    connection.close()
    wait_until("the list is read", lambda: serving.accepts("tlsrpt@late.example"))
    some_mail(serving, 2)
    serving.cli("spool", "replay", "--since", str(reports.yesterday()))
    wait_until("all are done again", lambda: spool(serving)["depth"] == 0
               and spool(serving)["done"] == 4)
    assert serving.rows("SELECT outcome FROM receipt WHERE receipt_id = %s", receipt) == [
        (3,)]
    assert differences(serving) == {}
    serving.cli("quarantine", "retry", receipt)
    assert serving.value("SELECT count(*) FROM report WHERE "
                         "policy_domain = 'late.example'") == 1
    assert differences(serving) == {}


def test_replay_of_a_time_before_the_spool_says_so(serving):
    some_mail(serving, 1)
    done = serving.run("spool", "replay", "--since", "2020-01-01")
    assert done.returncode == 0 and b"spool.keep" in done.stderr
    done = serving.run("spool", "replay", "--since", "soon")
    assert done.returncode == 64
    assert "nothing was stored since" in serving.cli(
        "spool", "replay", "--since", str(reports.days_ago(-1)))
