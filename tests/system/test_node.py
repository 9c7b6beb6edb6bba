"""Two processes that were given one name: what the dead one holds is not forgotten."""

from conftest import Daemon, wait_until

NAME = "mx1"
HOUR_AGO = "UPDATE tlsrptd.node SET heartbeat_at = now() - interval '1 hour'"


def sql(postgres_daemon, statement, *parameters):
    change = postgres_daemon.connect()
    try:
        with change, change.cursor() as cursor:
            cursor.execute(statement, parameters)
    finally:
        change.close()


def listed(daemon):
    """{the beginning of a spool's id: its state}, of `node list`."""
    lines = daemon.cli("node", "list").splitlines()
    fields = [line.split("\t") for line in lines]
    assert all(len(words) == 6 and words[0] == NAME for words in fields), lines
    return {words[1]: words[2] for words in fields}


def test_a_dead_one_is_seen_beside_its_namesake(base, own_postgres):
    folders = [base / "alive", base / "dead"]
    for folder in folders:
        folder.mkdir()
        folder.chmod(0o755)
    alive, dead = (Daemon(folder, "--node", NAME, database=own_postgres.dsn)
                   for folder in folders)
    try:
        alive.start("--migrate")
        wait_until("it has said that it is there", lambda: len(listed(alive)) == 1)
        (first, ) = listed(alive)
        dead.role = "ingest"
        dead.start()
        wait_until("both have", lambda: len(listed(alive)) == 2)
        assert set(listed(alive).values()) == {"alive"}
        (second, ) = set(listed(alive)) - {first}

        done = alive.run("node", "remove", NAME)
        assert done.returncode == 64 and b"2 nodes are called mx1" in done.stderr
        done = alive.run("node", "remove", NAME, "--spool", second)
        assert done.returncode == 64 and b"lives" in done.stderr

        dead.kill()
        sql(alive, HOUR_AGO + ", spool_depth = 3 WHERE spool_id = %s", second)
        assert listed(alive) == {first: "alive", second: "silent"}
        code, verdict = alive.readiness("firm.example")
        settled = next(one for one in verdict["criteria"] if one["id"] == "intake_settled")
        assert settled["status"] == "unknown" and NAME in settled["sentence"]
        assert "tlsrptd node remove" in settled["remedy"]

        # Its clock may have been ahead: it would never be old enough.
        sql(alive, "UPDATE tlsrptd.node SET heartbeat_at = now() + interval '1 year'"
            " WHERE spool_id = %s", second)
        assert listed(alive) == {first: "alive", second: "silent"}
        done = alive.run("node", "remove", NAME, "--spool", second)
        assert done.returncode == 64 and b"--lost" in done.stderr
        assert second in listed(alive)
        alive.cli("node", "remove", NAME, "--spool", second, "--lost")
        assert listed(alive) == {first: "alive"}
        assert alive.run("node", "remove", "mx2").returncode == 66
    finally:
        dead.clean_up()
        alive.clean_up()


def test_its_last_word_is_of_its_end(base, own_postgres):
    """What it accepted after the last beat would pass for stored until it is silent."""
    daemon = Daemon(base, database=own_postgres.dsn)
    try:
        daemon.start("--migrate")
        wait_until("it has said that it is there",
                   lambda: daemon.rows("SELECT * FROM node"))
        before = daemon.value("SELECT now()")
        daemon.stop()
        assert daemon.value("SELECT heartbeat_at FROM node") > before
    finally:
        daemon.clean_up()


def test_a_node_keeps_its_row_over_a_restart(serving):
    wait_until("it has said that it is there", lambda: serving.rows("SELECT * FROM node"))
    before = serving.rows("SELECT node, spool_id FROM node")
    serving.kill()
    serving.start()
    wait_until("it has said so again",
               lambda: serving.value("SELECT count(*) FROM node"
                                     " WHERE heartbeat_at > started_at"))
    assert serving.rows("SELECT node, spool_id FROM node") == before
