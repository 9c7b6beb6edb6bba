"""From the 250 to the rows: what a mail leaves in each table."""

import base64
import datetime
import gzip
import io
import json
import zipfile


import reports
from conftest import table
from recount import differences

STORED, DUPLICATE, QUARANTINED, ORDINARY = 1, 2, 3, 4
STS, TLSA, NO_POLICY_FOUND, DISTINCT = 1, 2, 3, 9
STARTTLS_NOT_SUPPORTED, CERTIFICATE_EXPIRED, UNEXPLAINED = 1, 3, 100

RECEIPT = ("SELECT outcome, report_count, stored_count, duplicate_count, "
           "quarantined_count, reason FROM receipt WHERE receipt_id = %s")
DAY = ("SELECT unvouched_reports, unvouched_success_sessions, "
       "unvouched_failure_sessions, unvouched_unexplained_sessions, vouched_reports, "
       "vouched_success_sessions "
       "FROM domain_day WHERE policy_domain = %s AND day = %s AND kind = %s")


def send(shared, domain, mail):
    """Mails it; the receipt id, once it is in the database."""
    receipt_id = shared.send(mail, f"tlsrpt@{domain}")
    shared.drained()
    return receipt_id


def test_one_report_in_every_table(shared, domain):
    day = reports.yesterday()
    details = [reports.detail("certificate-expired", 3, f"mx1.{domain}", "X"),
               reports.detail("starttls-not-supported", 1, f"mx1.{domain}")]
    one = reports.report([
        reports.sts(domain, 100, 5, details),
        reports.policy("tlsa", domain, 90),
        reports.policy("no-policy-found", domain, 7)])
    mail = reports.mail(one, domain)
    receipt_id = send(shared, domain, mail)

    assert shared.rows(RECEIPT, receipt_id) == [(STORED, 1, 1, 0, 0, "")]
    assert shared.rows(
        "SELECT policy_domain, day, first_day, last_day, receipt_id::text, report_ix, "
        "provenance, vouched, reporter, organisation, report_id, contact, "
        "period_start::text, period_end::text, anomalies "
        "FROM report WHERE policy_domain = %s", domain) == [
            (domain, day, day, day, receipt_id, 0, 0, False, "", "Google Inc.",
             one["report-id"], "smtp-tls-reporting@google.com", f"{day} 00:00:00+00",
             f"{day} 23:59:59+00", ["unexplained_failures policies[0].summary"])]
    assert shared.rows(
        "SELECT policy_ix, policy_type, success_sessions, failure_sessions, "
        "unexplained_sessions, policy_hash IS NULL, vouched "
        "FROM policy_result WHERE policy_domain = %s ORDER BY 1", domain) == [
            (0, STS, 100, 5, 1, False, False), (1, TLSA, 90, 0, 0, True, False),
            (2, NO_POLICY_FOUND, 7, 0, 0, True, False)]
    assert shared.rows(
        "SELECT policy_ix, detail_ix, result_type, failed_sessions, "
        "host(sending_mta_ip), receiving_mx, reason "
        "FROM failure_detail WHERE policy_domain = %s ORDER BY 1, 2", domain) == [
            (0, 0, CERTIFICATE_EXPIRED, 3, "192.0.2.1", f"mx1.{domain}", "X"),
            (0, 1, STARTTLS_NOT_SUPPORTED, 1, "192.0.2.1", f"mx1.{domain}", "")]
    assert shared.rows(
        "SELECT policy_type, mode, max_age_seconds, mx_patterns FROM policy_text "
        "WHERE policy_domain = %s", domain) == [(STS, 2, 86400, [f"mx1.{domain}"])]
    # Distinct: no-policy-found + max(sts, tlsa) = 7 + 105 sessions, 5 of them failures.
    assert shared.rows(DAY, domain, day, STS) == [(1, 100, 5, 1, 0, 0)]
    assert shared.rows(DAY, domain, day, TLSA) == [(1, 90, 0, 0, 0, 0)]
    assert shared.rows(DAY, domain, day, NO_POLICY_FOUND) == [(1, 7, 0, 0, 0, 0)]
    assert shared.rows(DAY, domain, day, DISTINCT) == [(1, 107, 5, 1, 0, 0)]
    assert shared.rows(
        "SELECT kind, result_type, unvouched_failed_sessions, vouched_failed_sessions "
        "FROM domain_day_failure WHERE policy_domain = %s ORDER BY 1, 2", domain) == [
            (STS, STARTTLS_NOT_SUPPORTED, 1, 0), (STS, CERTIFICATE_EXPIRED, 3, 0),
            (STS, UNEXPLAINED, 1, 0)]
    assert body_of(shared, receipt_id) == mail
    assert differences(shared) == {}


def test_several_reports_in_one_mail(shared, domain):
    three = [reports.report(reports.sts(domain, success)) for success in (1, 2, 4)]
    receipt_id = send(shared, domain, reports.mail(three, domain))
    assert shared.rows(RECEIPT, receipt_id) == [(STORED, 3, 3, 0, 0, "")]
    assert shared.rows("SELECT report_ix, report_id FROM report WHERE policy_domain = %s "
                       "ORDER BY 1", domain) == [
        (n, one["report-id"]) for n, one in enumerate(three)]
    assert shared.rows(DAY, domain, reports.yesterday(), STS) == [(3, 7, 0, 0, 0, 0)]


def test_duplicates_count_once(shared, domain):
    before = shared.drained().status()
    one = reports.report(reports.sts(domain, 11))
    mail = reports.mail(one, domain)
    first = send(shared, domain, mail)
    again = send(shared, domain, mail)
    inside = send(shared, domain, reports.mail([one, one], domain))
    assert shared.rows(RECEIPT, first) == [(STORED, 1, 1, 0, 0, "")]
    assert shared.rows(RECEIPT, again) == [(DUPLICATE, 1, 0, 1, 0, "")]
    assert shared.rows(RECEIPT, inside) == [(DUPLICATE, 2, 0, 2, 0, "")]
    assert shared.rows(DAY, domain, reports.yesterday(), STS) == [(1, 11, 0, 0, 0, 0)]
    after = shared.status()
    assert after["reports_stored"] - before["reports_stored"] == 1
    assert after["reports_duplicate"] - before["reports_duplicate"] == 3
    assert differences(shared) == {}


def test_twice_in_one_mail_counts_once(shared, domain):
    one = reports.report(reports.sts(domain, 11))
    receipt_id = send(shared, domain, reports.mail([one, one], domain))
    assert shared.rows(RECEIPT, receipt_id) == [(STORED, 2, 1, 1, 0, "")]
    assert shared.rows(DAY, domain, reports.yesterday(), STS) == [(1, 11, 0, 0, 0, 0)]


@table("why, change", [
    ("another day under the same report-id",
     lambda one: one["date-range"].update(
         {"start-datetime": f"{reports.days_ago(2)}T00:00:00Z",
          "end-datetime": f"{reports.days_ago(2)}T23:59:59Z"})),
    ("another organisation under the same report-id",
     lambda one: one.update({"organization-name": "Another"})),
])
def test_the_report_id_alone_is_no_identity(shared, domain, why, change):
    one = reports.report(reports.sts(domain))
    other = json.loads(json.dumps(one))
    change(other)
    send(shared, domain, reports.mail(one, domain))
    send(shared, domain, reports.mail(other, domain))
    assert shared.value("SELECT count(*) FROM report WHERE report_id = %s",
                        one["report-id"]) == 2, why


def test_one_report_on_two_of_our_domains(shared, domain):
    other = next(shared.next_domain)
    before = shared.drained().status()["reports_stored"]
    one = reports.report([reports.sts(domain, 3), reports.sts(other, 4)])
    receipt_id = send(shared, domain, reports.mail(one, domain))
    assert shared.rows(DAY, domain, reports.yesterday(), DISTINCT)[0][:2] == (1, 3)
    assert shared.rows(DAY, other, reports.yesterday(), DISTINCT)[0][:2] == (1, 4)
    assert shared.rows(RECEIPT, receipt_id) == [(STORED, 1, 1, 0, 0, "")]
    assert shared.status()["reports_stored"] - before == 1  # one report, filed twice


def test_foreign_part_is_held_and_the_own_part_stored(shared, domain):
    one = reports.report([reports.sts("foreign.example", 3), reports.sts(domain, 4)])
    receipt_id = send(shared, domain, reports.mail(one, domain))
    assert shared.rows("SELECT policy_domain FROM report WHERE report_id = %s",
                       one["report-id"]) == [(domain,)]
    assert shared.value("SELECT foreign_domains FROM receipt WHERE receipt_id = %s",
                        receipt_id) == ["foreign.example"]


def test_foreign_report_is_quarantined(shared, domain):
    before = shared.drained().status()["reports_quarantined"]
    mail = reports.mail(reports.report(reports.sts("foreign.example", 3)), domain)
    receipt_id = send(shared, domain, mail)
    assert shared.rows(RECEIPT, receipt_id) == [
        (QUARANTINED, 1, 0, 0, 1, "foreign_domain")]
    assert "foreign.example" in reason(shared, receipt_id)
    assert "domain add" in reason(shared, receipt_id)
    assert body_of(shared, receipt_id) == mail
    assert shared.status()["reports_quarantined"] - before == 1


def test_ordinary_mail_is_ordinary(shared, domain):
    mail = reports.plain_mail(to=f"postmaster@{domain}")
    receipt_id = shared.send(mail, f"postmaster@{domain}")
    shared.drained()
    assert shared.rows(RECEIPT, receipt_id) == [(ORDINARY, 0, 0, 0, 0, "")]
    assert body_of(shared, receipt_id) == mail


def cut_gzip(domain):
    whole = gzip.compress(json.dumps(reports.report(reports.sts(domain))).encode())
    return whole[:len(whole) // 2]


def period(start, end):
    def payload(domain):
        one = reports.report(reports.sts(domain))
        one["date-range"] = {"start-datetime": start, "end-datetime": end}
        return gzip.compress(json.dumps(one).encode())
    return payload


NEXT_YEAR = datetime.date.today().year + 1


@table("why, payload, code", [
    ("gzip that was cut short", cut_gzip, "unpack"),
    ("a failed CRC", lambda d: gzip.compress(b"{}")[:-8] + b"12345678", "unpack"),
    ("no JSON", lambda d: gzip.compress(b"hello"), "unpack"),
    ("JSON that is no object", lambda d: gzip.compress(b"[1, 2, 3]"), "parse"),
    ("JSON that is no report", lambda d: gzip.compress(b'{"a": 1}'), "parse"),
    ("JSON that was cut short", lambda d: gzip.compress(b'{"policies": [{'), "parse"),
    ("nesting without end", lambda d: gzip.compress(b'{"a":' * 100000), "parse"),
    ("a period of a year",
     period("2026-01-01T00:00:00Z", "2026-12-31T23:59:59Z"), "file"),
    ("reversed", period("2026-11-02T00:00:00Z", "2026-11-01T00:00:00Z"), "file"),
    ("the future",
     period(f"{NEXT_YEAR}-11-02T00:00:00Z", f"{NEXT_YEAR}-11-02T23:59:59Z"), "file"),
    ("before the retention",
     period("2019-11-02T00:00:00Z", "2019-11-02T23:59:59Z"), "file"),
])
def test_broken_report_is_quarantined_with_its_bytes(shared, domain, why, payload, code):
    mail = reports.mail([], domain, payloads=[payload(domain)])
    receipt_id = send(shared, domain, mail)
    assert shared.rows(RECEIPT, receipt_id) == [(QUARANTINED, 1, 0, 0, 1, code)], (
        why, reason(shared, receipt_id))
    assert len(reason(shared, receipt_id)) > 10, "a sentence that says why"
    # It came as a report, so it may be one about the domain it was sent to.
    assert shared.value("SELECT quarantined_domains FROM receipt WHERE receipt_id = %s",
                        receipt_id) == [domain]
    assert body_of(shared, receipt_id) == mail


def test_a_gigabyte_of_gzip_costs_little(shared, domain):
    """The limit stops decompression; the daemon's memory says so."""
    bomb = gzip.compress(b"\0" * (64 << 20))
    for _ in range(4):  # 1 GiB, wrapped up small
        bomb = gzip.compress(bomb)
    flat = b"".join([gzip.compress(b" " * (64 << 20), 9)] * 16)
    for payload in (bomb, flat):
        receipt_id = send(shared, domain, reports.mail([], domain, payloads=[payload]))
        assert shared.rows(RECEIPT, receipt_id)[0][0] == QUARANTINED
    peak_kib = int(process_status(shared, "VmHWM").split()[0])
    assert peak_kib < 512 * 1024, f"{peak_kib} KiB at the peak"


def test_one_broken_part_does_not_cost_the_others(shared, domain):
    good = reports.report(reports.sts(domain))
    payloads = [gzip.compress(b"broken"), gzip.compress(json.dumps(good).encode())]
    receipt_id = send(shared, domain, reports.mail([good], domain, payloads=payloads))
    assert shared.rows(RECEIPT, receipt_id) == [(STORED, 2, 1, 0, 1, "unpack")]
    assert shared.value("SELECT count(*) FROM report WHERE report_id = %s",
                        good["report-id"]) == 1


def zipped(one):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("report.json", json.dumps(one))
    return out.getvalue()


@table("why, pack", [
    ("plain JSON under the gzip type", lambda one: json.dumps(one).encode()),
    ("with a byte order mark", lambda one: b"\xef\xbb\xbf" + json.dumps(one).encode()),
    ("zip", zipped),
    ("gzip twice", lambda one: gzip.compress(gzip.compress(json.dumps(one).encode()))),
])
def test_bytes_decide_not_names(shared, domain, why, pack):
    one = reports.report(reports.sts(domain))
    receipt_id = send(shared, domain, reports.mail([one], domain, payloads=[pack(one)]))
    assert shared.rows(RECEIPT, receipt_id) == [(STORED, 1, 1, 0, 0, "")], (
        why, reason(shared, receipt_id))


def test_bare_json_as_the_whole_body(shared, domain):
    one = reports.report(reports.sts(domain))
    body = base64.encodebytes(json.dumps(one).encode()).replace(b"\n", b"\r\n")
    mail = (b"From: tlsrpt-noreply@microsoft.com\r\nSubject: Report Domain: x\r\n"
            b"Content-Type: application/tlsrpt+json\r\n"
            b"Content-Transfer-Encoding: base64\r\n\r\n" + body)
    receipt_id = send(shared, domain, mail)
    assert shared.rows(RECEIPT, receipt_id) == [(STORED, 1, 1, 0, 0, "")]


def test_mail_is_stored_and_never_vouched_for(shared, domain):
    """Anybody can mail: a fortnight of perfect reports moves nothing."""
    for day in reports.window():
        for reporter in ("google.com", "microsoft.com"):
            shared.send(reports.mail(
                reports.report(reports.sts(domain, 1000), day=day, reporter=reporter),
                domain, reporter), f"tlsrpt@{domain}")
    shared.drained()
    assert shared.rows("SELECT DISTINCT provenance, vouched, reporter FROM report "
                       "WHERE policy_domain = %s", domain) == [(0, False, "")]
    assert shared.value("SELECT count(*) FROM report WHERE policy_domain = %s",
                        domain) == 28
    status, verdict = shared.readiness(domain, "--reports-only")
    assert (status, verdict["verdict"]) == (2, "insufficient_evidence")
    assert verdict["coverage"]["reporters"] == []
    assert verdict["replay"]["sessions"] == 0


def test_recount_notices(serving):
    """The check that the fault tests end with must be able to fail."""
    serving.send(reports.mail(reports.report(
        reports.sts("firm.example", 10, 2, [reports.detail("certificate-expired", 2)]))))
    serving.drained()
    assert differences(serving) == {}
    for spoil, mend, named in (
            ("UPDATE domain_day SET unvouched_success_sessions = 11 WHERE kind = 9",
             "UPDATE domain_day SET unvouched_success_sessions = 10 WHERE kind = 9",
             "domain_day"),
            ("UPDATE domain_day_failure SET unvouched_failed_sessions = 3",
             "UPDATE domain_day_failure SET unvouched_failed_sessions = 2", "failures"),
            ("UPDATE node_counter SET value = 2 WHERE name = 'reports_stored'",
             "UPDATE node_counter SET value = 1 WHERE name = 'reports_stored'",
             "node_counter"),
            ("UPDATE receipt SET report_count = 2", "UPDATE receipt SET report_count = 1",
             "receipt"),
            ("CREATE TABLE spare AS TABLE receipt_raw; DELETE FROM receipt_raw",
             "INSERT INTO receipt_raw TABLE spare", "receipt_raw"),
            ("UPDATE receipt SET same_bytes_as = receipt_id",
             "UPDATE receipt SET same_bytes_as = NULL", "receipt_raw"),
            # Without its bytes, and the receipt it names is no import's.
            ("DELETE FROM receipt_raw; UPDATE receipt SET same_bytes_as = receipt_id",
             "INSERT INTO receipt_raw TABLE spare; UPDATE receipt SET same_bytes_as = NULL",
             "receipt_raw"),
            ("CREATE TABLE spare2 AS TABLE policy_result; DELETE FROM policy_result",
             "INSERT INTO policy_result TABLE spare2", "orphans")):
        change(serving, spoil)
        assert named in differences(serving), named
        change(serving, mend)
    assert differences(serving) == {}


def change(daemon, sql):
    connection = daemon.connect()
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute("SET search_path = tlsrptd")
            cursor.execute(sql)
    finally:
        connection.close()


def reason(daemon, receipt_id):
    return daemon.value("SELECT reason_detail FROM receipt WHERE receipt_id = %s",
                        receipt_id)


def body_of(daemon, receipt_id):
    return bytes(daemon.value("SELECT body FROM receipt_raw WHERE receipt_id = %s",
                              receipt_id))


def process_status(daemon, name):
    with open(f"/proc/{daemon.process.pid}/status") as file:
        for line in file:
            if line.startswith(name + ":"):
                return line.split(":", 1)[1].strip()
    raise AssertionError(name)
