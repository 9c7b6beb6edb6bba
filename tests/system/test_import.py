"""`tlsrptd import`: every form and way in, and what becomes of one that does not end."""

import fcntl
import gzip
import io
import json
import os
import pty
import re
import signal
import struct
import subprocess
import termios
import zipfile

import pytest

import reports
from conftest import ENVIRONMENT, LONG, Daemon, make_base, table, wait_until
from recount import differences
from reports import sts

MAILS = 20_000
FEWER = 4_000
KILLS = 10 if LONG else 3
FROM_LINE = b"From sender@google.com Mon Apr  1 12:00:00 2024\n"
OPERATOR, NOBODY = 3, 0  # provenance
PARTLY, INTERRUPTED, TERMINATED = 1, 130, 143


def mail(domain, **members):
    return reports.mail(reports.report(sts(domain), **members), domain)


def a_json(domain):
    return json.dumps(reports.report(sts(domain))).encode()


def mbox(mails):
    """As a mailbox on Unix: LF, and lines that look like a from-line quoted."""
    quoted = [re.sub(rb"(?m)^(>*From )", rb">\1", one.replace(b"\r\n", b"\n"))
              for one in mails]
    return b"".join(FROM_LINE + one + b"\n" for one in quoted)


def zipped(members):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return out.getvalue()


def write(folder, files):
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return folder


@pytest.fixture
def folder(shared, domain):
    path = shared.base / f"import-{domain}"
    path.mkdir()
    return path


def stored(daemon, domain):
    return daemon.value("SELECT count(*) FROM report WHERE policy_domain = %s", domain)


def bytes_kept(daemon, domain):
    return {bytes(row[0]) for row in daemon.rows(
        "SELECT body FROM receipt_raw JOIN report USING (receipt_id) "
        "WHERE policy_domain = %s", domain)}


FORMS = [
    ("mail", 1, lambda d: {"a.eml": mail(d)}),
    ("json", 1, lambda d: {"a.json": a_json(d)}),
    ("json.gz", 1, lambda d: {"a.json.gz": gzip.compress(a_json(d))}),
    ("a name says nothing", 2, lambda d: {"a.pdf": mail(d), "b": a_json(d)}),
    ("mail.gz", 1, lambda d: {"a.eml.gz": gzip.compress(mail(d))}),
    ("mbox", 3, lambda d: {"Reports": mbox(mail(d) for _ in range(3))}),
    ("mbox.gz", 3, lambda d: {"r.mbox.gz": gzip.compress(
        mbox(mail(d) for _ in range(3)))}),
    ("zip of mails", 2, lambda d: {"a.zip": zipped(
        {"x/1.eml": mail(d), "2.eml": mail(d)})}),
    ("zip of reports", 2, lambda d: {"a.zip": zipped(
        {f"google.com!{d}!1!2.json": a_json(d), "2.json.gz": gzip.compress(a_json(d))})}),
    ("zip of an mbox", 2, lambda d: {"a.zip": zipped(
        {"inbox": mbox(mail(d) for _ in range(2))})}),
    ("Maildir", 2, lambda d: {"new/1.host": mail(d), "cur/2.host:2,S": mail(d),
                              "tmp/3.host": mail(d), "dovecot.index.log": b"\x00\x01"}),
    ("Maildir with a subfolder", 2, lambda d: {
        "new/1": mail(d), "cur/.keep": b"", ".TLSRPT/cur/2:2,": mail(d),
        ".TLSRPT/new/.keep": b"", ".TLSRPT/tmp/3": mail(d)}),
    ("folders in folders", 3, lambda d: {
        "2026/05/a.eml": mail(d), "2026/06/b.json": a_json(d), "c.json": a_json(d),
        ".hidden": b"x"}),
    ("reports one a line", 3, lambda d: {"all.ndjson": b"\n".join(
        a_json(d) for _ in range(3))}),
]


@table("why, count, files", FORMS)
def test_forms(shared, domain, folder, why, count, files):
    write(folder, files(domain))
    for outcome in (f"{count} stored, 0 duplicate", f"0 stored, {count} duplicate"):
        printed = shared.cli("import", "--vouch", str(folder))
        assert f": {outcome}, 0 quarantined\n" in printed, printed
    assert stored(shared, domain) == count
    assert differences(shared) == {}


STREAMS = [
    ("mail", 1, mail),
    ("json", 1, a_json),
    ("json.gz", 1, lambda d: gzip.compress(a_json(d))),
    ("mbox", 2, lambda d: mbox([mail(d), mail(d)])),
    ("mbox.gz", 2, lambda d: gzip.compress(mbox([mail(d), mail(d)]))),
    ("zip", 2, lambda d: zipped({"1.eml": mail(d), "2.json": a_json(d)})),
    ("cat *.json.gz", 2, lambda d: gzip.compress(a_json(d)) + gzip.compress(a_json(d))),
]


@table("why, count, bytes_of", STREAMS)
def test_standard_input(shared, domain, why, count, bytes_of):
    done = shared.run("import", "--vouch", "-", input=bytes_of(domain))
    assert done.returncode == 0, done.stderr
    assert f"{count} stored, 0 duplicate, 0 quarantined" in done.stdout.decode()
    assert stored(shared, domain) == count


def test_mbox_gives_back_the_bytes_that_were_signed(shared, domain, folder):
    signed = mail(domain).replace(b"\r\n", b"\n").replace(
        b"This is an aggregate", b"From now on:\n>From Google\nThis is an aggregate")
    write(folder, {"inbox": mbox([signed, mail(domain)])})
    assert b"\n>From now on:\n>>From Google\n" in (folder / "inbox").read_bytes()
    shared.cli("import", str(folder))
    assert signed in bytes_kept(shared, domain)


def test_origins_are_kept(shared, domain, folder):
    write(folder, {"inbox": mbox([mail(domain), mail(domain)]),
                   "a.zip": zipped({"x/1.json": a_json(domain)})})
    shared.cli("import", str(folder))
    second = len(mbox([mail(domain)]))  # report-ids are of one length, or nearly
    peers = sorted(row[0] for row in shared.rows(
        "SELECT r.peer FROM receipt r JOIN report USING (receipt_id) "
        "WHERE policy_domain = %s", domain))
    assert peers[:2] == [f"{folder}/a.zip!/x/1.json", f"{folder}/inbox:0"]
    assert abs(int(peers[2].removeprefix(f"{folder}/inbox:")) - second) < 20


def test_what_cannot_be_read_holds_up_nothing(shared, domain, folder):
    write(folder, {
        "1.eml": mail(domain),
        "2.json": b'{"organization-name": "x", "report-id": 1}',
        "3.zip": zipped({"bad.json": b'{"policies": 1}', "good.json": a_json(domain)}),
        "4.eml": reports.plain_mail(),
        "5.json": b"x" * (26 << 20),
    })
    os.mkfifo(folder / "6.pipe")
    words = [str(folder), str(folder / "absent"), "/dev/zero"]
    printed = shared.cli("import", "--vouch", *words, check=PARTLY)
    assert printed.startswith(
        "8 files with 5 mails or reports: 2 stored, 0 duplicate, 2 quarantined, "
        "1 ordinary mail, 4 not read\n"), printed
    for line in (f"quarantined  {folder}/2.json: ",
                 f"quarantined  {folder}/3.zip!/bad.json: ",
                 f"not read     {folder}/5.json: is larger than 25 MB",
                 f"not read     {folder}/6.pipe: is a pipe",
                 f"not read     {folder}/absent: cannot be read: No such file",
                 "not read     /dev/zero: is a pipe, a socket or a device"):
        assert line in printed, printed

    summary = json.loads(shared.cli("import", "--vouch", "--json", *words, check=PARTLY))
    assert {name: summary[name] for name in (
        "files", "messages", "reports_stored", "reports_duplicate", "reports_quarantined",
        "ordinary", "not_read", "interrupted")} == {
            "files": 8, "messages": 5, "reports_stored": 0, "reports_duplicate": 2,
            "reports_quarantined": 2, "ordinary": 1, "not_read": 4, "interrupted": False}
    assert summary["not_read_first"][0]["origin"] == f"{folder}/6.pipe"
    assert summary["quarantined_first"][0]["reason"]


def test_zip_bomb_stops_at_the_limit(shared, domain, folder):
    write(folder, {"bomb.zip": zipped(
        {"1": b"\0" * (300 << 20), "2.json": a_json(domain)})})
    printed = shared.cli("import", str(folder), check=PARTLY)
    assert "1 stored" in printed and f"not read     {folder}/bomb.zip!/1: " in printed


def test_bulky_reports_are_written_in_parts(shared, domain, folder):
    """What is read together is not held in memory together: 64 MB of it at most."""
    details = [reports.detail("certificate-expired", reason="x" * 1000)
               for _ in range(10_000)]
    write(folder, {f"{n}.json.gz": gzip.compress(
        json.dumps(reports.report(sts(domain, 0, 10_000, details))).encode(), 1)
        for n in range(8)})
    assert "8 stored" in shared.cli("import", str(folder))
    assert shared.value(
        "SELECT count(DISTINCT report.xmin::text) FROM report "
        "WHERE policy_domain = %s", domain) == 2
    assert stored(shared, domain) == 8


def test_more_than_ten_reasons_are_counted(shared, folder):
    write(folder, {f"{n}.json": b"{}" for n in range(12)})
    printed = shared.cli("import", str(folder), check=PARTLY)
    assert printed.count("quarantined  /") == 10
    assert "quarantined  and 2 more\n" in printed


@table("why, flags, provenance", [
    ("nobody", [], NOBODY),
    ("the operator", ["--vouch"], OPERATOR),
    ("the operator, whatever the signature says", ["--vouch=all"], OPERATOR),
    ("a relay that said nothing of this mail",
     ["--authserv", "--authserv-id", "relay.firm.example"], NOBODY),
])
def test_who_vouches(shared, domain, folder, why, flags, provenance):
    write(folder, {"a.eml": mail(domain)})
    done = shared.run("import", *flags, str(folder / "a.eml"))
    assert (done.returncode, done.stdout) == (
        0, b"1 file: 1 stored, 0 duplicate, 0 quarantined\n"), done.stderr
    assert shared.rows("SELECT provenance FROM report WHERE policy_domain = %s",
                       domain) == [(provenance,)]


def kept(daemon, folder):
    """Receipts of the files in `folder`, and how many keep their bytes themselves."""
    return daemon.rows(
        "SELECT count(*), count(w.receipt_id), count(same_bytes_as) FROM receipt "
        "LEFT JOIN receipt_raw w USING (received_on, receipt_id) WHERE peer LIKE %s",
        f"{folder}/%")[0]


# Known by their bytes: whatever form they come in, and under another name.
def test_known_files_are_kept_once(shared, domain, folder):
    mails = [mail(domain) for _ in range(5)]
    write(folder, {f"{n}.eml": one for n, one in enumerate(mails)})
    shared.cli("import", "--vouch", str(folder))
    assert kept(shared, folder) == (5, 5, 0)

    before = shared.status()
    (folder / "0.eml").rename(folder / "renamed.eml")
    write(folder, {"new.eml": mail(domain), "all.zip": zipped({"1": mails[1]})})
    printed = shared.cli("import", "--vouch=all", str(folder))
    assert ": 1 stored, 6 duplicate, 0 quarantined\n" in printed, printed
    assert kept(shared, folder) == (12, 6, 6)
    after = shared.status()
    assert {name: after[name] - before[name] for name in (
        "reports_stored", "reports_duplicate", "reports_quarantined")} == {
            "reports_stored": 1, "reports_duplicate": 6, "reports_quarantined": 0}
    assert stored(shared, domain) == 6
    assert differences(shared) == {}


def test_what_is_in_quarantine_is_held_once(shared, domain, folder):
    whole = reports.report(sts(domain))
    future = reports.report(sts(domain), day=reports.days_ago(-30))
    other = f"held-{domain}"
    write(folder, {"cut.json": json.dumps(whole)[:-2].encode(),
                   "future.json": json.dumps(future).encode(),
                   "other.json": json.dumps(reports.report(sts(other))).encode()})
    before = shared.status()["reports_quarantined"]
    for times in (1, 2, 3):
        printed = shared.cli("import", "--vouch", str(folder), check=1)
        assert ": 0 stored, 0 duplicate, 3 quarantined\n" in printed, printed
        assert "in the future" in printed, "why, each time"
        assert kept(shared, folder) == (3 * times, 3, 3 * (times - 1))
        assert shared.status()["reports_quarantined"] == before + 3
    # What has become readable since is stored, whoever holds it.
    shared.cli("domain", "add", other)
    shared.cli("import", "--vouch", str(folder), check=1)
    assert stored(shared, other) == 1
    wait_until("the worker has looked as well", lambda: shared.status()[
        "reports_quarantined"] == before + 2)
    for (held,) in shared.rows("SELECT receipt_id::text FROM receipt WHERE "
                               "quarantined_count > 0 AND peer LIKE %s", f"%{folder}%"):
        shared.cli("quarantine", "drop", held, "--why", "read")
    assert shared.status()["reports_quarantined"] == before
    shared.cli("import", "--vouch", str(folder), check=1)
    assert shared.status()["reports_quarantined"] == before + 2, "dropped, and come again"
    assert differences(shared) == {}


def test_only_the_operators_word_makes_a_file_known(shared, domain, folder):
    write(folder, {"a.eml": mail(domain)})
    for flags, outcome, bytes_kept_of in (
            ([], "1 stored, 0 duplicate", (1, 1, 0)),
            ([], "0 stored, 1 duplicate", (2, 2, 0)),
            (["--vouch"], "1 stored, 0 duplicate", (3, 3, 0)),
            ([], "0 stored, 1 duplicate", (4, 4, 0)),
            (["--vouch", "--authserv", "--authserv-id", "mx.firm.example"],
             "0 stored, 1 duplicate", (5, 5, 0)),
            (["--vouch"], "0 stored, 1 duplicate", (6, 5, 1))):
        assert outcome in shared.cli("import", *flags, str(folder)), flags
        assert kept(shared, folder) == bytes_kept_of, flags
    assert shared.rows(
        "SELECT vouched, count(*) FROM report WHERE policy_domain = %s GROUP BY 1 "
        "ORDER BY 1", domain) == [(False, 1), (True, 1)]
    assert differences(shared) == {}


def test_a_domain_added_since_is_looked_for(shared, domain, folder):
    other = f"added-{domain}"
    write(folder, {"a.json": json.dumps(
        reports.report([sts(domain), sts(other)])).encode()})
    shared.cli("import", "--vouch", str(folder))
    shared.cli("import", "--vouch", str(folder))
    assert kept(shared, folder) == (2, 2, 0)
    shared.cli("domain", "add", other)
    assert "1 stored" in shared.cli("import", "--vouch", str(folder))
    assert stored(shared, other) == 1
    assert differences(shared) == {}


def test_a_name_that_gives_the_domain_is_part_of_the_file(shared, domain, folder):
    nameless = sts(domain)
    del nameless["policy"]["policy-domain"]
    bytes_ = json.dumps(reports.report(nameless)).encode()
    other = next(shared.next_domain)
    for owner in (domain, other):
        write(folder, {f"google.com!{owner}!1!2.json": bytes_})
        shared.cli("import", "--vouch", str(folder))
        assert stored(shared, owner) == 1
    assert kept(shared, folder) == (3, 2, 1)


@table("why, words", [
    ("no path", ["--vouch"]),
    ("another word", ["--vouch=maybe", "/tmp"]),
    ("no connection at all", ["--jobs", "0", "/tmp"]),
    ("a number that is none", ["--jobs", "many", "/tmp"]),
    ("a resolver that is none: all keys would be away", ["--resolver", "dns", "/tmp"]),
])
def test_usage(shared, why, words):
    done = shared.run("import", *words)
    assert done.returncode == 64 and done.stdout == b"" and done.stderr


def unread_bytes(pipe):
    """What was written into a pipe, and nobody has read."""
    return struct.unpack("i", fcntl.ioctl(pipe, termios.FIONREAD, bytes(4)))[0]


def test_silent_pipe_can_be_interrupted(shared):
    process = subprocess.Popen(shared.command("import", "-"), env=ENVIRONMENT,
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, cwd="/")
    process.stdin.write(b'{"report')
    process.stdin.flush()
    wait_until("it has read that", lambda: unread_bytes(process.stdin) == 0)
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=60)
    assert process.returncode == TERMINATED, err
    assert b"0 stored" in out and b"stopped early" in err


# --- on a terminal -----------------------------------------------------------------------

def on_a_terminal(command, columns, **environment):
    """What it writes to a terminal of so many columns, that is its standard error."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    process = subprocess.Popen(command, env=dict(ENVIRONMENT, **environment), cwd="/",
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                               stderr=theirs)
    os.close(theirs)
    return process, ours


def read_all(terminal):
    seen = b""
    while True:
        try:
            more = os.read(terminal, 4096)
        except OSError:  # the last one that had it open is gone
            more = b""
        if not more:
            os.close(terminal)
            return seen.decode()
        seen += more


@table("why, columns", [("wide", 120), ("narrow", 40)])
def test_bar_on_a_terminal(shared, domain, folder, why, columns):
    write(folder, {f"{n}.eml": mail(domain) for n in range(20)})
    pipe = folder / "last"
    os.mkfifo(pipe)
    process, terminal = on_a_terminal(
        shared.command("import", *map(str, sorted(folder.glob("*.eml"))), str(pipe)),
        columns, TERM="xterm")
    writer = os.open(pipe, os.O_WRONLY)  # it is drawn again while the pipe is silent
    seen = ""
    while "20 of 21 files" not in seen:
        seen += os.read(terminal, 4096).decode()
    os.close(writer)
    out, _ = process.communicate(timeout=60)
    seen += read_all(terminal)
    assert out.startswith(b"21 files: ") and b"\x1b" not in out
    bars = [bar for bar in re.split(r"\r\x1b\[K", seen) if bar]
    assert bars and all(len(bar) < columns for bar in bars), bars
    assert any("#" in bar for bar in bars) or columns < 60
    assert seen.endswith("\r\x1b[K"), "the bar is gone at the end"


def test_dumb_terminal_has_no_bar(shared, domain, folder):
    write(folder, {"a.eml": mail(domain)})
    process, terminal = on_a_terminal(
        shared.command("import", str(folder)), 80, TERM="dumb")
    process.communicate(timeout=60)
    assert "\x1b" not in read_all(terminal)


# --- 20,000 mails, not to the end --------------------------------------------------------

@pytest.fixture(scope="module")
def many(program):
    """A folder of mails with a report each, `FEWER` of them in its folder `fewer`."""
    base = make_base()
    folder = base / "mails"
    for name in ("fewer", "others"):
        (folder / name).mkdir(parents=True)
    days = reports.window(14)
    for number in range(MAILS):
        name = "fewer" if number < FEWER else "others"
        (folder / name / f"{number:05}.eml").write_bytes(
            mail("firm.example", day=days[number % 14]))
    yield folder
    subprocess.run(["rm", "-rf", str(base)], check=True)


class Running:
    """An import in the background."""

    def __init__(self, daemon, folder, *flags):
        self.daemon = daemon
        self.process = subprocess.Popen(
            daemon.command("import", "--vouch", *flags, str(folder)), env=ENVIRONMENT,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            cwd="/")

    def wait_for(self, reports_stored):
        wait_until(f"{reports_stored} reports are stored", lambda: self.daemon.value(
            "SELECT coalesce(sum(value), 0) FROM node_counter "
            "WHERE name = 'reports_stored'") >= reports_stored)
        return self

    def end(self, with_signal):
        self.process.send_signal(with_signal)
        out, err = self.process.communicate(timeout=120)
        return self.process.returncode, out.decode(), err.decode()


def assert_all_there_once(daemon, mails=MAILS):
    assert daemon.value("SELECT count(*) FROM report") == mails
    assert daemon.value("SELECT count(DISTINCT report_id) FROM report") == mails
    assert daemon.status()["reports_stored"] == mails
    assert differences(daemon) == {}


@table("why, sent, status", [("Ctrl-C", signal.SIGINT, INTERRUPTED),
                             ("a service manager", signal.SIGTERM, TERMINATED)])
def test_interrupted(serving, many, why, sent, status):
    code, out, err = Running(serving, many).wait_for(1000).end(sent)
    assert code == status, (out, err)
    # What it says is what there is.
    told = int(re.search(r": (\d+) stored, 0 duplicate, 0 quarantined", out)[1])
    assert 1000 <= told < MAILS
    assert serving.value("SELECT count(*) FROM report") == told
    assert "stores the rest, and nothing twice" in err
    assert "\x1b" not in err and "\r" not in err
    assert differences(serving) == {}

    out = serving.cli("import", "--vouch", str(many))
    assert f": {MAILS - told} stored, {told} duplicate, 0 quarantined" in out
    assert_all_there_once(serving)


@table("why, flags", [("one connection", ["--jobs", "1"]), ("three", ["--jobs", "3"])])
def test_killed(serving, many, rng, why, flags):
    stored_before = 0
    for _ in range(KILLS):
        import_ = Running(serving, many, *flags)
        import_.wait_for(stored_before + rng.randrange(1, MAILS // KILLS // 2))
        assert import_.end(signal.SIGKILL)[0] == -signal.SIGKILL
        wait_until("its transactions have ended", lambda: serving.value(
            "SELECT count(*) FROM pg_stat_activity WHERE state <> 'idle' "
            "AND query ~ 'report|receipt|COMMIT' AND pid <> pg_backend_pid()") == 0)
        stored_before = serving.value("SELECT count(*) FROM report")
        assert differences(serving) == {}
    out = serving.cli("import", "--vouch", *flags, str(many))
    assert f": {MAILS - stored_before} stored, {stored_before} duplicate" in out
    assert_all_there_once(serving)


def test_database_goes_away(base, own_postgres, many):
    daemon = Daemon(base, database=own_postgres.dsn)
    daemon.cli("migrate")
    daemon.cli("domain", "add", "firm.example")
    import_ = Running(daemon, many / "fewer").wait_for(1000)
    import_.process.send_signal(signal.SIGSTOP)  # it must not come to its end meanwhile
    own_postgres.stop("immediate")
    import_.process.send_signal(signal.SIGCONT)
    out, err = import_.process.communicate(timeout=120)
    assert import_.process.returncode == 69, (out, err)
    assert b" stored, 0 duplicate" in out and b"nothing twice" in err
    own_postgres.start()
    daemon.cli("import", "--vouch", str(many / "fewer"))
    assert_all_there_once(daemon, FEWER)
