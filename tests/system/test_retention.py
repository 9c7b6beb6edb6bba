"""Old months go, whole; totals stay. The clock is moved by `worker --as-of`."""

import datetime
import subprocess

import reports
from conftest import ENVIRONMENT, wait_until


def months_later(n, day=None):
    """The 15th of the month that is n months after today's."""
    day = day or reports.today()
    month = day.year * 12 + day.month - 1 + n
    return datetime.date(month // 12, month % 12 + 1, 15)


def partitions(daemon, table):
    return [row[0] for row in daemon.rows(
        "SELECT inhrelid::regclass::text FROM pg_inherits "
        "WHERE inhparent = %s::regclass ORDER BY 1", table)]


def month_of(day):
    return f"p{day.year:04}{day.month:02}"


def sums(daemon):
    return daemon.rows("SELECT node, name, value FROM node_counter ORDER BY 1, 2")


def test_dry_run_names_what_would_go_and_drops_nothing(serving):
    assert serving.cli("worker", "--dry-run") == "nothing to drop\n"
    before = {t: partitions(serving, t) for t in ("report", "receipt", "receipt_raw")}
    printed = serving.cli("worker", "--dry-run", "--as-of", str(months_later(3)))
    first = min(before["report"])
    assert f"would drop {first}," in printed
    assert {t: partitions(serving, t) for t in before} == before


def test_a_time_to_come_needs_yes(serving):
    done = serving.run("worker", "--once", "--as-of", str(months_later(3)))
    assert done.returncode == 64 and b"--yes" in done.stderr
    done = serving.run("worker", "--as-of", str(months_later(3)))
    assert done.returncode == 64


def test_nothing_is_written_as_of_the_past(serving):
    """The log of answers would say that today's was given then."""
    serving.cli("import", "--vouch", *reports.write_json(serving.base / "files", [
        reports.report(reports.sts("firm.example"))]))
    log = "SELECT * FROM state_change ORDER BY 1"
    wait_until("it is evaluated", lambda: serving.rows(log) and not serving.rows(
        "SELECT * FROM work WHERE kind = 'evaluate'"))
    before = serving.rows(log), partitions(serving, "report")
    done = serving.run("worker", "--once", "--as-of", str(months_later(-3)))
    assert done.returncode == 64 and b"is past" in done.stderr, done
    assert (serving.rows(log), partitions(serving, "report")) == before
    assert serving.cli("worker", "--dry-run", "--as-of", str(months_later(-3))) == (
        "nothing to drop\n")


def test_reports_go_after_25_months_and_totals_stay(serving):
    old, new = reports.days_ago(400), reports.days_ago(3)
    serving.cli("import", "--vouch", *reports.write_json(serving.base / "files", [
        reports.report(reports.sts("firm.example", 5, 1, [reports.detail(
            "certificate-expired")]), day=day) for day in (old, new)]))
    totals = sums(serving)
    status = serving.status()
    # The month of `old` is the last that is still kept.
    serving.cli("worker", "--once", "--yes", "--as-of", str(months_later(25, old)))
    assert serving.value("SELECT count(*) FROM report") == 2
    printed = serving.cli("worker", "--once", "--yes", "--as-of",
                          str(months_later(26, old)))
    for table in ("report", "policy_result", "report_failure", "domain_day",
                  "domain_day_failure"):
        assert f"dropped {table}_{month_of(old)}," in printed
        assert serving.rows(f"SELECT DISTINCT day FROM {table}") == [(new,)], table
    assert sums(serving) == totals
    assert serving.status()["reports_stored"] == status["reports_stored"] == 2
    # What is gone stays gone: its receipt is not read again into no partition.
    assert "0 changed" in serving.cli("reprocess", "--all")


def test_raw_mails_go_after_13_months_and_quarantine_with_them(serving):
    stored = serving.send(reports.mail(reports.report(reports.sts("firm.example"))))
    held = serving.send(reports.mail([], payloads=[b"{\"policies\": 17"]))
    serving.drained()
    assert serving.status()["reports_quarantined"] == 1
    when = months_later(14)
    printed = serving.cli("worker", "--dry-run", "--as-of", str(when))
    raw = f"receipt_raw_{month_of(reports.today())}"
    (line,) = [line for line in printed.splitlines() if raw in line]
    assert "1 receipts in quarantine lose their bytes" in line
    serving.cli("worker", "--once", "--yes", "--as-of", str(when))
    assert serving.value("SELECT count(*) FROM receipt_raw") == 0
    assert serving.value("SELECT count(*) FROM report") == 1, "reports stay longer"
    # What cannot be tried again any more holds nothing back any more, and says so.
    assert serving.status()["reports_quarantined"] == 0
    assert serving.rows("SELECT receipt_id::text, dropped_by, why FROM quarantine_drop") == [
        (held, "tlsrptd worker", "the retention of its bytes ended")]
    assert "gone" in serving.cli("quarantine", "show", held)
    done = serving.run("quarantine", "show", "--raw", stored)
    assert done.returncode == 66 and b"retention.raw_months" in done.stderr
    assert "left alone: their bytes" in serving.cli("reprocess", "--all")


def test_receipts_stay_as_long_as_the_longer(serving):
    serving.send(reports.mail(reports.report(reports.sts("firm.example"))))
    serving.drained()
    serving.cli("worker", "--once", "--yes", "--as-of", str(months_later(25)))
    assert serving.value("SELECT count(*) FROM receipt") == 1
    serving.cli("worker", "--once", "--yes", "--as-of", str(months_later(26)))
    assert serving.value("SELECT count(*) FROM receipt") == 0


def test_the_settings_say_how_long(daemon):
    daemon.environment = dict(ENVIRONMENT, TLSRPTD_RETENTION_REPORTS_MONTHS="3",
                              TLSRPTD_RETENTION_RAW_MONTHS="2")
    daemon.start()
    # By itself, at its first turn: the data directory was made with 25 months.
    wait_until("old months are gone", lambda: min(partitions(daemon, "report")).endswith(
        month_of(months_later(-3))))
    wait_until("and of the bytes", lambda: min(partitions(daemon, "receipt_raw")).endswith(
        month_of(months_later(-2))))
    assert len(partitions(daemon, "report")) == 3 + 1 + 2


def test_a_report_that_has_gone_keeps_no_other_from_being_stored(daemon):
    """Two in one mail: the month of the first is dropped, the other's domain added."""
    daemon.start()
    path = daemon.base / "two.eml"
    path.write_bytes(reports.mail([
        reports.report(reports.sts("firm.example", 5), day=reports.days_ago(120)),
        reports.report(reports.sts("later.example", 7), day=reports.days_ago(3))]))
    daemon.cli("import", "--vouch", str(path), check=1)
    receipt = "SELECT stored_count, quarantined_count FROM receipt WHERE peer = %s"
    assert daemon.rows(receipt, str(path)) == [(1, 1)]
    daemon.stop()
    daemon.environment = dict(ENVIRONMENT, TLSRPTD_RETENTION_REPORTS_MONTHS="2",
                              TLSRPTD_RETENTION_RAW_MONTHS="2")
    daemon.start()
    # The daemon's own turn comes once an hour, and may have been before it was stopped.
    daemon.cli("worker", "--once")
    assert daemon.value("SELECT count(*) FROM report") == 0
    daemon.cli("domain", "add", "later.example")
    wait_until("the other is stored", lambda: daemon.rows(receipt, str(path)) == [(2, 0)])
    assert daemon.rows("SELECT policy_domain FROM report") == [("later.example",)]
    assert daemon.status()["reports_stored"] == 2
    assert daemon.value("SELECT value FROM node_counter WHERE name = "
                        "'sessions/sts/success/vouched'") == 5 + 7


def test_partitions_are_made_by_the_worker(serving):
    """Two months ahead, as seen from the months to come."""
    ahead = months_later(5)
    assert not any(name.endswith(month_of(ahead)) for name in partitions(serving, "report"))
    printed = serving.cli("worker", "--once", "--as-of", str(months_later(3)), "--yes")
    assert "made 24 partitions" in printed
    assert any(name.endswith(month_of(ahead)) for name in partitions(serving, "report"))


def test_worker_apart_on_a_database_of_yours(daemon, own_postgres):
    daemon.database = own_postgres.dsn
    daemon.domains = ()
    daemon.cli("migrate")
    assert daemon.run("worker", "--once").returncode == 0
    apart = daemon.command("worker", "--write-ports", str(daemon.base / "worker.json"))
    with open(daemon.log_path, "ab") as log:
        daemon.process = subprocess.Popen(apart, stdin=subprocess.DEVNULL, stdout=log,
                                          stderr=log, env=daemon.environment, cwd="/")
    daemon.cli("domain", "add", "new.example")
    wait_until("it does the work", lambda: daemon.rows(
        "SELECT kind FROM work WHERE domain = 'new.example'") == [("retry_foreign_late",)])
    assert daemon.stop() == 0, daemon.log_text()


def test_worker_apart_needs_a_database(unused):
    done = unused.run("worker")
    assert done.returncode == 64 and b"--database" in done.stderr
