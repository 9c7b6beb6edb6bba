"""Reading again what an older parser read, beside intake: every sum stays exact.

An older parser is made by writing rows as it would have left them: the rows, the sums that
go with them and the parser version, in one transaction.
"""

import json
import subprocess
import threading

import reports
from conftest import wait_until
from load import Load, assert_exactly_once
from recount import differences

STORED, DUPLICATE, QUARANTINED = 1, 2, 3
RECEIPT = ("SELECT outcome, report_count, stored_count, duplicate_count, "
           "quarantined_count, parser_version > 0 FROM receipt WHERE receipt_id = %s")


def in_one(daemon, *statements):
    """Changes rows as an older program would have, past the roles."""
    connection = daemon.connect()
    with connection, connection.cursor() as cursor:
        cursor.execute("SET search_path = tlsrptd; SET timezone = 'UTC'")
        for statement in statements:
            cursor.execute(statement)
    connection.close()


# A parser that did not know failure details, read every number as one less, called every
# organisation by its first letter, and had no idea of anomalies.
OLDER_PARSER = (
    "UPDATE receipt SET parser_version = 0",
    "UPDATE report SET parser_version = 0, organisation = left(organisation, 1), "
    "anomalies = ARRAY['count_clamped policies[0].summary']",
    "UPDATE domain_day_failure f SET vouched_failed_sessions = 0, "
    "unvouched_failed_sessions = 0",
    "DELETE FROM domain_day_failure",
    "DELETE FROM report_failure",
    "UPDATE policy_result SET success_sessions = success_sessions - 1, "
    "unexplained_sessions = 0",
    "UPDATE domain_day d SET "
    "vouched_success_sessions = vouched_success_sessions - vouched_reports, "
    "unvouched_success_sessions = unvouched_success_sessions - unvouched_reports, "
    "vouched_unexplained_sessions = 0, unvouched_unexplained_sessions = 0",
)

ROWS = {
    "report": "SELECT policy_domain, day, report_key, reporter, vouched, organisation, "
              "report_id, anomalies FROM report ORDER BY 1, 2, 3, 4, 5",
    "policy_result": "SELECT policy_domain, day, report_key, policy_ix, policy_type, "
                     "policy_hash, success_sessions, failure_sessions, "
                     "unexplained_sessions, vouched FROM policy_result "
                     "ORDER BY 1, 2, 3, vouched, 4",
    "failure_detail": "SELECT policy_domain, day, report_key, policy_ix, detail_ix, "
                      "result_type, failed_sessions, receiving_mx FROM failure_detail "
                      "ORDER BY 1, 2, 3, vouched, 4, 5",
    "domain_day": "SELECT * FROM domain_day ORDER BY policy_domain, day, kind",
    "domain_day_failure": "SELECT * FROM domain_day_failure "
                          "ORDER BY policy_domain, day, kind, result_type",
}


def all_rows(daemon):
    return {table: daemon.rows(sql) for table, sql in ROWS.items()}


def reprocess(daemon, *words):
    return json.loads(daemon.cli("reprocess", "--json", *words))


def some_reports(domain="firm.example"):
    """One sts report with failures a day, one of Microsoft's doubled ones, one plain."""
    made = []
    for n in range(1, 6):
        day = reports.days_ago(n)
        made.append(reports.report(
            reports.sts(domain, 100, 5, [reports.detail("certificate-expired", 3)]),
            day=day))
        made.append(reports.report(
            [reports.sts(domain, 20), reports.policy("tlsa", domain, 15)], day=day,
            reporter="microsoft.com"))
    return made


def filled(daemon):
    """Mail and imports, with a duplicate of each kind; what a fresh parse leaves."""
    made = some_reports()
    receipts = [daemon.send(reports.mail(one)) for one in made[:6]]
    daemon.drained()
    daemon.cli("import", "--vouch", *reports.write_json(daemon.base / "files", made))
    receipts.append(daemon.send(reports.mail(made[0])))  # a duplicate
    daemon.drained()
    assert differences(daemon) == {}
    return receipts


def test_after_an_older_parser_rows_are_as_a_fresh_import_leaves_them(serving):
    filled(serving)
    fresh = all_rows(serving)
    totals = serving.status()
    in_one(serving, *OLDER_PARSER)
    assert all_rows(serving) != fresh
    # The older parser kept books of its own, and they were right.
    assert differences(serving) == {}

    dry = reprocess(serving, "--dry-run")
    assert (dry["receipts"], dry["changed"], dry["entered_quarantine"]) == (17, 16, 0)
    assert differences(serving) == {} and all_rows(serving) != fresh
    fields = {one["field"]: one["reports"] for one in dry["fields"]}
    assert fields["organisation"] == 16 and fields["results.success_sessions"] == 16
    assert fields["results.details"] == 8 and fields["results.unexplained_sessions"] == 8
    anomalies = {one["anomaly"]: (one["gained"], one["lost"]) for one in dry["anomalies"]}
    assert anomalies == {"count_clamped policies[].summary": (0, 16),
                         "unexplained_failures policies[].summary": (8, 0)}

    assert reprocess(serving)["changed"] == 16
    assert all_rows(serving) == fresh
    assert differences(serving) == {}
    assert serving.status() == dict(totals, spool_age_seconds=0)
    # Nothing is left to do, and what is read by today's parser is left alone.
    again = reprocess(serving)
    assert (again["receipts"], again["changed"]) == (0, 0)
    everything = reprocess(serving, "--all")
    assert (everything["receipts"], everything["changed"]) == (17, 0)


def test_since_and_domain_bound_it(serving):
    serving.cli("domain", "add", "second.example")
    for domain in ("firm.example", "second.example"):
        serving.cli("import", "--vouch", *reports.write_json(
            serving.base / "files", some_reports(domain)))
    in_one(serving, *OLDER_PARSER)
    assert reprocess(serving, "--dry-run", "--since", str(reports.today()))[
        "receipts"] == 20
    tomorrow = reports.days_ago(-1)
    assert reprocess(serving, "--dry-run", "--since", str(tomorrow))["receipts"] == 0
    assert reprocess(serving, "--domain", "second.example")["changed"] == 10
    assert serving.rows("SELECT DISTINCT policy_domain, organisation FROM report "
                        "WHERE length(organisation) > 1 ORDER BY 1, 2") == [
        ("second.example", "Google Inc."), ("second.example", "Microsoft Corporation")]
    assert differences(serving) == {}
    assert reprocess(serving)["changed"] == 10
    assert differences(serving) == {}


def test_a_duplicate_takes_the_place_of_a_row_that_goes(serving):
    """The receipt that stored it reads as nothing now; another has the same report."""
    one = reports.report(reports.sts("firm.example", 9))
    first = serving.send(reports.mail(one))
    serving.drained()
    second = serving.send(reports.mail(one))
    third = serving.send(reports.mail(one))
    serving.drained()
    assert serving.rows(RECEIPT, first) == [(STORED, 1, 1, 0, 0, True)]
    assert serving.rows(RECEIPT, second) == [(DUPLICATE, 1, 0, 1, 0, True)]
    # As if the parser had learnt that these bytes are no report: other bytes.
    in_one(serving,
           f"UPDATE receipt_raw SET body = 'x' WHERE receipt_id = '{first}'",
           f"UPDATE receipt SET parser_version = 0 WHERE receipt_id = '{first}'")
    done = reprocess(serving)
    assert (done["changed"], done["taken_over"], done["entered_quarantine"]) == (1, 1, 1)
    assert serving.rows(RECEIPT, first) == [(QUARANTINED, 1, 0, 0, 1, True)]
    assert serving.rows(RECEIPT, second) == [(STORED, 1, 1, 0, 0, True)]
    assert serving.rows(RECEIPT, third) == [(DUPLICATE, 1, 0, 1, 0, True)]
    assert serving.value("SELECT receipt_id::text FROM report") == second
    status = serving.status()
    assert (status["reports_stored"], status["reports_duplicate"],
            status["reports_quarantined"]) == (1, 1, 1)
    assert differences(serving) == {}


def test_what_is_stored_of_a_domain_that_was_removed_stays(serving):
    serving.cli("domain", "add", "gone.example")
    serving.cli("import", "--vouch", *reports.write_json(
        serving.base / "files", [reports.report(reports.sts("gone.example", 4))]))
    serving.cli("domain", "remove", "gone.example")
    in_one(serving, *OLDER_PARSER)
    assert reprocess(serving)["changed"] == 1
    assert serving.rows("SELECT success_sessions FROM policy_result") == [(4,)]
    assert differences(serving) == {}


def test_without_its_bytes_a_receipt_is_left_alone(serving):
    filled(serving)
    in_one(serving, *OLDER_PARSER, "DELETE FROM receipt_raw")
    before = all_rows(serving)
    done = reprocess(serving)
    assert (done["without_bytes"], done["changed"]) == (17, 0)
    assert all_rows(serving) == before


def test_beside_intake_everything_is_there_exactly_once(serving, rng):
    """Rows go and come back while their duplicates arrive; nobody is lost or doubled."""
    with Load(serving, rng, pause=0.3) as load:
        load.wait_for_more(60)
        for _ in range(4):
            in_one(serving, *OLDER_PARSER[:2])
            serving.cli("reprocess")
            serving.cli("quarantine", "retry", "--all")
            load.wait_for_more(20)
    serving.drained()
    in_one(serving, "UPDATE receipt SET parser_version = 0")
    serving.cli("reprocess")
    assert_exactly_once(serving, load)
    assert differences(serving) == {}


class Again(threading.Thread):
    """Mails one report over and over."""

    def __init__(self, daemon, one):
        super().__init__()
        self.daemon_, self.mail = daemon, reports.mail(one)
        self.sent, self.enough = 0, threading.Event()

    def run(self):
        while not self.enough.is_set():
            self.daemon_.send(self.mail)
            self.sent += 1


def test_while_its_duplicates_arrive_a_row_that_goes_is_taken_over(serving):
    """Whoever stored it is made unreadable, again and again, in the middle of intake."""
    one = reports.report(reports.sts("firm.example", 9))
    again = Again(serving, one)
    again.start()
    try:
        for _ in range(12):
            here = again.sent
            wait_until("more of them came", lambda: again.sent > here + 2)
            wait_until("it is stored, and somebody can take over", lambda: serving.rows(
                "SELECT 1 FROM receipt WHERE outcome = %s", DUPLICATE))
            owner = serving.value("SELECT receipt_id::text FROM report")
            in_one(serving,
                   f"UPDATE receipt_raw SET body = 'x' WHERE receipt_id = '{owner}'",
                   f"UPDATE receipt SET parser_version = 0 WHERE receipt_id = '{owner}'")
            assert reprocess(serving)["changed"] == 1
            assert serving.value("SELECT receipt_id::text FROM report") != owner
    finally:
        again.enough.set()
        again.join()
    serving.drained()
    assert serving.rows("SELECT success_sessions FROM policy_result") == [(9,)]
    status = serving.status()
    assert (status["reports_stored"], status["reports_quarantined"]) == (1, 12)
    assert status["reports_duplicate"] == again.sent - 13
    assert differences(serving) == {}


def test_interrupted_it_goes_on_where_it_was(serving):
    serving.cli("import", "--vouch", *reports.write_json(
        serving.base / "files", [one for _ in range(20) for one in some_reports()]))
    fresh = all_rows(serving)
    in_one(serving, *OLDER_PARSER)
    process = subprocess.Popen(serving.command("reprocess"), stdout=subprocess.DEVNULL,
                               env=serving.environment, cwd="/")
    wait_until("it has begun", lambda: process.poll() is not None or serving.value(
        "SELECT count(*) FROM receipt WHERE parser_version > 0") > 0)
    process.kill()
    process.wait()
    assert differences(serving) == {}
    serving.cli("reprocess")
    assert all_rows(serving) == fresh
    assert differences(serving) == {}
