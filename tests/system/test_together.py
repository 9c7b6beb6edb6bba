"""Several writers at once: workers, imports and mail meet in the same rows."""

import re
import signal
import subprocess

import reports
from conftest import ENVIRONMENT, START_SECONDS, wait_until
from load import CONNECTIONS, Load, assert_exactly_once
from recount import differences

FILES = 400
IMPORT_BATCH = 500  # ImportOptions::batch_receipts


def importer(daemon, files):
    """A running `import`: its process."""
    return subprocess.Popen(daemon.command("import", "--vouch", *files), env=ENVIRONMENT,
                            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, cwd="/")


def many(folder, rng, count=FILES):
    """Reports of one domain and few days: every one changes the same few sums."""
    return reports.write_json(folder, [
        reports.report(reports.sts("firm.example", rng.randrange(100), 1,
                                   [reports.detail("certificate-expired")]),
                       day=reports.days_ago(1 + number % 3))
        for number in range(count)])


def test_imports_of_the_same_files_at_once(serving, rng):
    """Each report is stored by one of them, and a duplicate for the other."""
    files = many(serving.base / "files", rng)
    running = [importer(serving, files), importer(serving, list(reversed(files)))]
    printed = [process.communicate(timeout=START_SECONDS) for process in running]
    assert [process.returncode for process in running] == [0, 0], printed
    counts = [[int(number) for number in re.findall(r"\d+", out.decode())[1:]]
              for out, _ in printed]  # stored, duplicate, quarantined
    assert [sum(one) for one in counts] == [FILES, FILES], printed
    assert sum(one[0] for one in counts) == FILES, printed
    assert serving.value("SELECT count(*) FROM report") == FILES
    assert differences(serving) == {}


def test_mail_and_imports_at_once(serving, rng):
    with Load(serving, rng) as load:
        load.wait_for_more(50)
        running = [importer(serving, many(serving.base / f"files{n}", rng))
                   for n in range(2)]
        for process in running:
            _, err = process.communicate(timeout=START_SECONDS)
            assert process.returncode == 0, err
        load.wait_for_more(50)
    serving.drained()
    assert serving.value("SELECT count(*) FROM report WHERE vouched") == 2 * FILES
    assert differences(serving) == {}
    assert "internal_error" not in serving.log_path.read_text()
    change = serving.connect()
    try:  # what is left is the mail's
        with change, change.cursor() as cursor:
            cursor.execute("DELETE FROM tlsrptd.report WHERE vouched")
            cursor.execute("DELETE FROM tlsrptd.receipt WHERE transport = 4")
    finally:
        change.close()
    assert_exactly_once(serving, load)


def test_import_killed(serving, rng):
    """Said again, it stores what is missing and nothing twice."""
    files = many(serving.base / "files", rng, 4 * IMPORT_BATCH)
    killed = 0
    for _ in range(5):
        before = serving.value("SELECT count(*) FROM report")
        process = importer(serving, files)
        wait_until("it has stored more, or all", lambda: process.poll() is not None or
                   serving.value("SELECT count(*) FROM report") > before)
        process.kill()
        process.communicate(timeout=START_SECONDS)
        killed += process.returncode == -signal.SIGKILL
        assert differences(serving) == {}
    assert killed > 0, "none was killed before its end, so nothing was tested"
    out = serving.cli("import", "--vouch", *files)
    assert out.endswith("0 quarantined\n")
    assert serving.value("SELECT count(*) FROM report") == len(files)
    assert differences(serving) == {}


def test_status_and_readiness_under_load(serving, rng):
    """Questions are answered meanwhile, and what they say never runs backwards."""
    stored = []
    with Load(serving, rng) as load:
        for _ in range(10):
            load.wait_for_more(20)
            stored.append(serving.status()["reports_stored"])
            status, verdict = serving.readiness("firm.example", "--reports-only")
            assert (status, verdict["verdict"]) == (2, "insufficient_evidence")
    assert stored == sorted(stored)
    assert serving.drained().status()["reports_stored"] >= stored[-1]
    assert_exactly_once(serving, load)


def test_more_connections_than_workers(serving, rng):
    """Each of them is answered, though one worker thread serves them all."""
    clients = [serving.smtp() for _ in range(5 * CONNECTIONS)]
    try:
        for client in clients:
            client.ehlo()
            assert client.mail("sender@google.com")[0] == 250
        for client in reversed(clients):
            assert client.rcpt("tlsrpt@firm.example")[0] == 250
        sent = []
        for client in clients:
            one = reports.report(reports.sts("firm.example"))
            assert client.data(reports.mail(one))[0] == 250
            sent.append(one["report-id"])
    finally:
        for client in clients:
            client.close()
    serving.drained()
    assert sorted(row[0] for row in serving.rows("SELECT report_id FROM report")) == (
        sorted(sent))
