"""Whatever strangers put into a report, nobody else's report waits for it."""

import gzip
import io
import json
import zipfile

import reports
from conftest import deliver, table, wait_until
from http_client import Api
from recount import differences

BATCH = 500  # what one transaction of the writer takes, and more
STORED, QUARANTINED = 1, 3


def with_member(name, value):
    def make(domain):
        return reports.report(reports.sts(domain), **{name: value})
    return make


def with_policy_member(name, value):
    def make(domain):
        one = reports.report(reports.sts(domain))
        one["policies"][0]["policy"][name] = value
        return one
    return make


def with_detail(name, value):
    def make(domain):
        found = reports.detail("certificate-expired", 1)
        found[name] = value
        return reports.report(reports.sts(domain, 5, 1, [found]))
    return make


def with_counts(success, failure):
    def make(domain):
        return reports.report(reports.sts(domain, success, failure))
    return make


def many_policies(domain):
    return reports.report([reports.sts(domain, 1) for _ in range(40_000)])


def many_details(domain):
    found = reports.detail("certificate-expired", 1)
    return reports.report(reports.sts(domain, 1, 40_000, [found] * 40_000))


# What a page, a shell, a query, a log or a spreadsheet might take for its own.
LANGUAGES = ("<script>alert(1)</script>'; DROP TABLE tlsrptd.report; --\"\\$(id)`id`"
             "{{7*7}}%s%n=cmd|' /C calc'!A0 \u202egpj.exe")


def in_every_text(text):
    def make(domain):
        found = dict(reports.detail("certificate-expired", 1), **{
            "result-type": text, "receiving-mx-hostname": text, "receiving-mx-helo": text,
            "failure-reason-code": text, "additional-information": text,
            "sending-mta-ip": text, "receiving-ip": text, text: text})
        one = reports.report(reports.sts(domain, 5, 1, [found]),
                             report_id=reports.new_id(text),
                             **{"organization-name": text, "contact-info": text,
                                text: text})
        one["policies"][0]["policy"].update({
            "policy-type": text, "policy-string": [text, "mx: " + text, "mode: " + text],
            "mx-host": [text]})
        return one
    return make


# PostgreSQL takes no NUL, no broken UTF-8, no lone surrogate, no number past bigint, no
# date before 4713 BC, no address with letters in it, no index row past a third of a page.
HOSTILE = [
    ("NUL in organization-name", with_member("organization-name", "a\0b")),
    ("NUL in report-id", with_member("report-id", "id\0id")),
    ("NUL in contact-info", with_member("contact-info", "a\0b@c.example")),
    ("NUL in policy-domain", with_policy_member("policy-domain", "firm\0.example")),
    ("NUL in policy-string", with_policy_member("policy-string", ["mode: te\0sting"])),
    ("NUL in mx-host", with_policy_member("mx-host", ["mx\0.firm.example"])),
    ("NUL in policy-type", with_policy_member("policy-type", "s\0ts")),
    ("NUL in a reason", with_detail("failure-reason-code", "a\0b")),
    ("NUL in a result type", with_detail("result-type", "cert\0")),
    ("NUL in an MX", with_detail("receiving-mx-hostname", "mx\0")),
    ("a lone surrogate", with_member("report-id", "\ud800")),
    ("a lone surrogate in a detail", with_detail("additional-information", "\udfff")),
    ("U+FFFF and friends", with_member("organization-name", "\uffff\ufffe\U0010ffff")),
    ("a megabyte of report-id", with_member("report-id", "x" * (1 << 20))),
    ("a megabyte that does not compress",
     with_member("organization-name", "".join(chr(0x4e00 + n * 7919 % 20000)
                                              for n in range(1 << 18)))),
    ("no IP address", with_detail("sending-mta-ip", "not an address")),
    ("octets past 255", with_detail("sending-mta-ip", "999.1.1.1")),
    ("a network", with_detail("sending-mta-ip", "192.0.2.1/33")),
    ("a zone", with_detail("receiving-ip", "fe80::1%eth0")),
    ("NUL behind an address", with_detail("receiving-ip", "192.0.2.1\0")),
    ("a number as address", with_detail("sending-mta-ip", 12345)),
    ("counts past bigint", with_counts(10**30, 10**30)),
    ("counts past the floats", with_counts(json.loads("1e308"), 0)),
    ("negative counts", with_counts(-5, -7)),
    ("max_age past bigint",
     with_policy_member("policy-string", ["mode: testing", "max_age: " + "9" * 40])),
    ("negative max_age", with_policy_member("policy-string", ["max_age: -1"])),
    ("the year 0", with_member("date-range", {"start-datetime": "0000-01-01T00:00:00Z",
                                              "end-datetime": "0000-01-02T00:00:00Z"})),
    ("the year 9999", with_member("date-range", {
        "start-datetime": "9999-12-31T00:00:00Z",
        "end-datetime": "9999-12-31T23:59:59Z"})),
    ("quotes and backslashes", with_member("report-id", "'; DROP TABLE report; --\\'")),
    ("everybody's language in every text", in_every_text(LANGUAGES)),
    ("dollar quotes and braces", with_member("organization-name", '$$,{"a",NULL}\\x00')),
    ("array syntax in a pattern",
     with_policy_member("mx-host", ['{"a,b",}', "NULL", "\\"])),
    ("more policies than a smallint counts", many_policies),
    ("more details than a smallint counts", many_details),
    ("a policy-domain without end", with_policy_member("policy-domain", "a." * 5000)),
]


def payload_of(one):
    return gzip.compress(json.dumps(one).encode("utf-8", "surrogatepass"), 1)


@table("why, make", HOSTILE)
def test_hostile_report_is_kept_and_answered_for(shared, domain, why, make):
    """Stored or quarantined with a reason, alone; never "tried again later" for ever."""
    receipt_id = shared.send(
        reports.mail([], domain, payloads=[payload_of(make(domain))]), f"tlsrpt@{domain}")
    neighbour = reports.report(reports.sts(domain))
    shared.send(reports.mail(neighbour, domain), f"tlsrpt@{domain}")
    shared.drained()
    ((outcome, reports_inside, reason),) = shared.rows(
        "SELECT outcome, report_count, reason FROM receipt WHERE receipt_id = %s",
        receipt_id)
    assert reports_inside == 1
    assert (outcome, reason) == (STORED, "") or (outcome == QUARANTINED and reason), why
    assert shared.value("SELECT count(*) FROM report WHERE report_id = %s",
                        neighbour["report-id"]) == 1


def test_every_language_is_only_text(shared, domain):
    """Stored as it was sent, and answered as JSON that nobody takes for a page."""
    one = in_every_text(LANGUAGES)(domain)
    shared.send(reports.mail([], domain, payloads=[payload_of(one)]), f"tlsrpt@{domain}")
    shared.drained()
    assert shared.rows("SELECT organisation, contact, report_id FROM report "
                       "WHERE policy_domain = %s", domain) == [
        (LANGUAGES, LANGUAGES, one["report-id"])]
    assert shared.rows("SELECT result_type_text, receiving_mx, helo, reason, information "
                       "FROM failure_detail WHERE policy_domain = %s", domain) == [
        (LANGUAGES,) * 5]
    assert shared.rows("SELECT sending_mta_ip, receiving_ip FROM failure_detail "
                       "WHERE policy_domain = %s", domain) == [(None, None)]
    answer = Api(shared.ports["api"]).get(f"/v1/domains/{domain}/reports")
    assert answer.headers["content-type"].startswith("application/json")
    assert answer.headers["x-content-type-options"] == "nosniff"
    (listed,) = answer.json()["items"]
    assert (listed["organisation"], listed["report_id"]) == (LANGUAGES, one["report-id"])


def zip_of(files):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(files):
            archive.writestr(f"{number}.txt", b"x")
    return out.getvalue()


def gzip_times(times, data=b"{}"):
    for _ in range(times):
        data = gzip.compress(data, 1)
    return data


LIMIT = 20 << 20  # kMaxReportBytes


@table("why, payload, reason, words", [
    ("a gzip bomb", gzip_times(1, bytes(LIMIT + 1)), "unpack", "unpacks to more than"),
    ("a gzip bomb in gzip", gzip_times(2, bytes(LIMIT + 1)), "unpack",
     "unpacks to more than"),
    ("a gzip in a gzip in a gzip in a gzip", gzip_times(4), "unpack", "packed more than 3"),
    ("a gzip cut short", gzip_times(1)[:-3], "unpack", "cut short"),
    ("an archive of a thousand files", zip_of(1000), "unpack", "more than 100 entries"),
    ("JSON a million deep", gzip_times(1, b'{"a":' * 1_000_000), "parse",
     "nested deeper than 32"),
    ("a million values", gzip_times(1, b'{"a":[' + b"0," * (1 << 20) + b"0]}"), "parse",
     "more than 1048576 values"),
    ("a text of 3 MB", gzip_times(1, b'{"a":"' + b"x" * (3 << 20) + b'"}'), "parse",
     "longer than 2097152 bytes"),
    ("a number of 3 MB", gzip_times(1, b'{"a":' + b"9" * (3 << 20) + b"}"), "parse",
     "longer than 2097152 bytes"),
    ("two reports in one text", gzip_times(1, b'{"a":1}{"a":2}'), "parse",
     "a second value may follow"),
    ("JSON that breaks off", gzip_times(1, b'{"policies":['), "parse", "JSON: byte"),
])
def test_the_quarantine_says_why(shared, domain, why, payload, reason, words):
    neighbour = reports.report(reports.sts(domain))
    receipt_id = shared.send(
        reports.mail(neighbour, domain, payloads=[payload, payload_of(neighbour)]),
        f"tlsrpt@{domain}")
    shared.drained()
    ((got, detail, held),) = shared.rows(
        "SELECT reason, reason_detail, quarantined_count FROM receipt "
        "WHERE receipt_id = %s", receipt_id)
    assert got == reason and words in detail and held >= 1, (why, got, detail)
    assert shared.value("SELECT count(*) FROM report WHERE report_id = %s",
                        neighbour["report-id"]) == 1, "its neighbour in the mail is stored"


def test_what_hostile_reports_did_to_the_sums(shared):
    """Last in the file on purpose: all of the above, counted again."""
    assert shared.value("SELECT count(*) FROM receipt") >= len(HOSTILE)
    assert differences(shared) == {}
    assert "internal_error" not in shared.log_path.read_text()


@table("why, header", [
    ("NUL in a field", b"Subject: a\0b"),
    ("broken UTF-8 in a field", b"Subject: \xff\xfe"),
    ("a field without end", b"X: " + b"x" * 20000),
    ("a file name with NUL",
     b'Content-Disposition: attachment; filename="a\0b.json.gz"'),
    ("an encoded word that decodes to NUL", b"Subject: =?utf-8?q?a=00b?="),
])
def test_hostile_header(shared, domain, why, header):
    mail = header + b"\r\n" + reports.mail(reports.report(reports.sts(domain)), domain)
    receipt_id = shared.send(mail, f"tlsrpt@{domain}")
    shared.drained()
    # Stored, held, or both: a limit that was reached is told of beside the report.
    assert shared.value("SELECT stored_count + quarantined_count FROM receipt "
                        "WHERE receipt_id = %s", receipt_id) in (1, 2), why
    body = bytes(shared.value("SELECT body FROM receipt_raw WHERE receipt_id = %s",
                              receipt_id))
    assert len(body) == len(mail) and body == mail


def test_a_batch_with_one_that_postgres_refuses(serving, rng):
    """The bad one is found by halving, held with PostgreSQL's reason, and alone in it.

    The parser leaves nothing that the schema refuses, so the schema refuses more here.
    """
    alter(serving, "ALTER TABLE report ADD CONSTRAINT not_this_one "
                   "CHECK (report_id <> 'poison')")
    bad_at = rng.randrange(BATCH)
    blocker = serving.connect()  # so that all of them lie in the spool at once
    try:
        with blocker.cursor() as cursor:
            cursor.execute("LOCK TABLE tlsrptd.receipt, tlsrptd.report IN SHARE MODE")
        good, sent = [], []
        with serving.smtp() as client:
            for number in range(BATCH):
                one = reports.report(reports.sts("firm.example", number))
                if number == bad_at:
                    one["report-id"] = "poison"
                else:
                    good.append(one["report-id"])
                sent.append(deliver(client, reports.mail(one)))
    finally:
        blocker.close()
    serving.drained()
    assert sorted(row[0] for row in serving.rows("SELECT report_id FROM report")) == (
        sorted(good))
    assert serving.rows("SELECT receipt_id::text, reason, quarantined_domains "
                        "FROM receipt WHERE outcome = 3") == [
        (sent[bad_at], "store", ["firm.example"])]
    assert "not_this_one" in serving.value(
        "SELECT reason_detail FROM receipt WHERE outcome = 3")
    assert serving.value("SELECT count(*) FROM receipt") == BATCH
    assert differences(serving) == {}
    assert serving.status()["reports_quarantined"] == 1


def test_a_missing_partition_keeps_the_report(serving):
    """It waits in the spool and says so; nobody else waits with it."""
    # Or it would make the partition again.
    wait_until("the worker has looked for missing ones", lambda: serving.rows(
        "SELECT 1 FROM work WHERE kind = 'partitions' AND not_before > now()"))
    day = reports.days_ago(400)
    name = serving.value(
        "SELECT c.relname FROM pg_class c JOIN pg_inherits i ON i.inhrelid = c.oid "
        "WHERE i.inhparent = 'report'::regclass "
        "AND pg_get_expr(c.relpartbound, c.oid) LIKE %s", f"%FROM ('{day:%Y-%m}-01')%")
    alter(serving, f'DROP TABLE "{name}"')
    missing = reports.report(reports.sts("firm.example"), day=day)
    neighbour = reports.report(reports.sts("firm.example"))
    with serving.smtp() as client:
        deliver(client, reports.mail(missing))
        deliver(client, reports.mail(neighbour))

    def neighbour_is_stored():
        return serving.value("SELECT count(*) FROM report WHERE report_id = %s",
                             neighbour["report-id"])
    wait_until("the neighbour is stored", neighbour_is_stored)
    wait_until("the other waits", lambda: serving.status()["spool_depth"] == 1)
    wait_until("the log says so",
               lambda: "partition_missing" in serving.log_path.read_text())
    serving.cli("migrate")  # as the log advises
    assert serving.stop() == 0
    serving.start()
    # Its turn comes after the back-off, which outlives the restart: minutes. That it is
    # not lost is what counts here.
    assert serving.status()["spool_depth"] == 1 or serving.value(
        "SELECT count(*) FROM report WHERE report_id = %s", missing["report-id"]) == 1


def alter(daemon, sql):
    connection = daemon.connect()
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute("SET search_path = tlsrptd")
            cursor.execute(sql)
    finally:
        connection.close()
