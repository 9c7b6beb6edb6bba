"""Start, stop, restart, settings and users: what an administrator does to the program."""

import json
import os
import pathlib
import pwd
import shlex
import signal
import socket
import stat
import subprocess

import pytest

import reports
from conftest import (AS_ROOT, ENVIRONMENT, SOURCE, Daemon, assert_none_left_in, deliver,
                      end_processes_in, is_gone, processes_in, unprivileged, wait_until)

needs_root = pytest.mark.skipif(not AS_ROOT, reason="what only root can do")


def a_mail(domain="firm.example"):
    return reports.mail(reports.report(reports.sts(domain)), domain)


def refused(daemon, status, *flags):
    """A `serve` that must end by itself with `status`; what it said."""
    daemon.start(*flags, wait=False)
    got = daemon.ended()
    assert got == status, (got, daemon.log_text())
    return daemon.log_text()


# --- start and stop -----------------------------------------------------------------


def test_first_start_on_nothing(unused):
    assert not unused.data_dir.exists()
    unused.start()
    # The ports' file is there a moment before it.
    wait_until("the first-run text",
               lambda: "mailto:tlsrpt@firm.example" in unused.log_text())
    assert str(unused.port) in unused.log_text()
    assert unused.status() == {
        "version": unused.status()["version"],
        "schema_version": len(list((SOURCE / "sql/migrations").glob("*.sql"))),
        "database": "ok",
        "reports_stored": 0, "reports_duplicate": 0, "reports_quarantined": 0,
        "spool_depth": 0, "spool_waiting": 0, "spool_age_seconds": 0}
    assert unused.stop() == 0
    assert_none_left_in(unused.base)  # PostgreSQL is stopped too


def test_second_start_keeps_the_data(serving):
    receipt_id = serving.send(a_mail())
    serving.drained()
    assert serving.stop() == 0
    serving.start()
    assert [str(row[0]) for row in serving.rows("SELECT receipt_id FROM report")] == [
        receipt_id]
    assert serving.status()["reports_stored"] == 1


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_stops_when_told_to(serving, number):
    serving.process.send_signal(number)
    assert serving.ended() == 0
    log = serving.log_text()
    assert log.index("stopping") < log.index("stopped")
    assert_none_left_in(serving.base)


def test_stops_at_once_with_what_was_just_acknowledged(serving):
    sent = [serving.send(a_mail()) for _ in range(20)]
    assert serving.stop() == 0
    serving.start().drained()
    assert {str(row[0]) for row in serving.rows("SELECT receipt_id FROM receipt")} == set(
        sent)


def test_stops_with_a_client_in_the_middle_of_data(serving):
    """It is not waited for for ever; it reads a 421 or loses the connection."""
    with socket.create_connection(("127.0.0.1", serving.port), timeout=60) as client:
        lines = client.makefile("rb")
        client.sendall(b"EHLO x\r\nMAIL FROM:<>\r\nRCPT TO:<postmaster>\r\nDATA\r\n")
        for line in lines:
            if line.startswith(b"354"):
                break
        client.sendall(b"Subject: half\r\n\r\nand then nothing")
        assert serving.stop() == 0
        try:
            rest = lines.read()
        except ConnectionResetError:
            rest = b""
    assert rest == b"" or rest.startswith(b"421 "), rest
    serving.start().drained()
    assert serving.value("SELECT count(*) FROM receipt") == 0


def test_stops_with_idle_clients(serving):
    clients = [serving.smtp() for _ in range(10)]
    assert serving.stop() == 0
    for client in clients:
        client.close()


def test_postgres_ends_with_a_killed_daemon(serving):
    """kill -9 leaves nobody behind who would hold the data directory."""
    old = serving.postmaster()
    serving.kill()
    wait_until("PostgreSQL has ended", lambda: is_gone(old), 60)
    serving.start()
    assert serving.postmaster() != old


def test_stop_while_it_starts(unused):
    unused.start(wait=False)
    wait_until("it has begun", lambda: unused.data_dir.exists())
    unused.terminate()
    assert unused.ended() in (0, -signal.SIGTERM)
    end_processes_in(unused.base)
    unused.start()
    assert unused.status()["database"] == "ok"
    assert unused.stop() == 0


def test_nothing_is_opened_after_the_signal(unused):
    unused.start(wait=False)
    wait_until("initdb works", lambda: list(unused.data_dir.glob("postgres.new.*"))
               or (unused.data_dir / "postgres").exists())
    unused.terminate()
    assert unused.ended() == 0, unused.log_text()
    assert not unused.ports_path.exists()
    unused.start()
    assert unused.stop() == 0


def test_killed_during_the_first_start(unused):
    """A cluster is whole or not there."""
    unused.start(wait=False)
    wait_until("initdb works", lambda: list(unused.data_dir.glob("postgres.new.*"))
               or (unused.data_dir / "postgres").exists())
    unused.kill()
    unused.start()
    unused.send(a_mail())
    unused.drained()
    assert unused.status()["reports_stored"] == 1
    assert unused.stop() == 0


# --- who may, and where ---------------------------------------------------------------


def test_a_second_serve_on_the_same_data_is_refused(serving):
    second = Daemon(serving.base)
    second.log_path = serving.base / "second.log"
    text = refused(second, 69)
    assert str(serving.data_dir) in text and str(serving.process.pid) in text
    serving.send(a_mail())  # the first one did not notice
    assert serving.drained().status()["reports_stored"] == 1


def test_port_in_use(daemon):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        text = refused(daemon, 69, "--smtp", f"127.0.0.1:{port}")
    assert f"127.0.0.1:{port}" in text and "in use" in text
    assert_none_left_in(daemon.base)


def test_a_start_that_fails_late_ends_as_one_that_fails_early(daemon):
    """What had begun to listen and to work is stopped; the next start is a usual one."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        text = refused(daemon, 69, "--api", f"127.0.0.1:{port}")
        assert f"127.0.0.1:{port}" in text and "in use" in text
    assert_none_left_in(daemon.base)

    ports, daemon.ports_path = daemon.ports_path, daemon.base / "absent" / "ports.json"
    for _ in range(3):  # by now every thread runs, and asks what waits in the spool
        assert str(daemon.ports_path.parent) in refused(daemon, 69)
        assert_none_left_in(daemon.base)

    daemon.ports_path = ports
    daemon.start().send(a_mail())
    assert daemon.drained().status()["reports_stored"] == 1


@pytest.mark.parametrize("flag, value, key", [
    ("--smtp", "127.0.0.1", "smtp.listen"), ("--smtp", "localhost:no", "smtp.listen"),
    ("--lmtp", "300.0.0.1:24", "lmtp.listen"), ("--https", "[::1]", "https.listen"),
    ("--api", "127.0.0.1:65536", "api.listen"), ("--health", "here:1", "health.listen"),
    ("--domain", "firm example", "domain"), ("--mx-host", "mx@firm.example", "MX host"),
    ("--recipient", "tls@rpt@firm.example", "recipient"),
    ("--resolver", "9.9.9.9:dns", "dns.resolver"), ("--relay", "0.0.0.0/0", "vouch.relays"),
    ("--tls-key", "/of/no/certificate.pem", "smtp.tls_key"),
])
def test_settings_that_cannot_be(unused, flag, value, key):
    text = refused(unused, 64, flag, value)
    assert key in text and value in text
    assert not unused.data_dir.exists(), "nothing was made"


@pytest.mark.parametrize("name", ["mx firm.example", "", "a\r\n250 b"])
def test_a_name_that_would_be_read_as_something_else(unused, name):
    text = refused(unused, 78, "--smtp-hostname", name)
    assert "--smtp-hostname" in text and "mx.firm.example" in text
    assert not unused.data_dir.exists(), "nothing was made"


@needs_root
def test_data_directory_that_its_user_cannot_reach(base):
    closed = base / "closed"
    closed.mkdir(mode=0o700)
    daemon = Daemon(base)
    daemon.data_dir = closed / "data"
    try:
        text = refused(daemon, 69)
        assert f"cannot enter {closed}" in text and "chmod" in text
        assert_none_left_in(base)
    finally:
        daemon.clean_up()


@needs_root
def test_data_directory_below_folders_that_are_not_there(base):
    """Each that is made lets the user pass through that serve becomes."""
    daemon = Daemon(base)
    daemon.data_dir = base / "new" / "sub" / "data"
    try:
        for _ in range(2):
            daemon.start()
            assert daemon.status()["database"] == "ok"
            assert daemon.stop() == 0
        for folder in ("new", "new/sub", "new/sub/data"):
            assert stat.S_IMODE((base / folder).stat().st_mode) == 0o711, folder
    finally:
        daemon.clean_up()


def test_data_directory_that_is_a_file(base):
    daemon = Daemon(base)
    daemon.data_dir.write_text("a file")
    try:
        assert f"{daemon.data_dir}: Not a directory" in refused(daemon, 69)
        assert daemon.data_dir.read_text() == "a file"
    finally:
        daemon.clean_up()


def process_fields(daemon):
    """/proc/PID/status of the daemon and of its PostgreSQL's processes, and `Nice`."""
    found = []
    lasting = {daemon.process.pid, daemon.postmaster()}
    for pid in lasting | set(processes_in(daemon.data_dir)):
        try:
            status = pathlib.Path(f"/proc/{pid}/status").read_text()
            nice = os.getpriority(os.PRIO_PROCESS, pid)
        except OSError:  # gone before it was opened, or before it was read
            assert pid not in lasting
            continue  # an autovacuum worker that has done its work
        found.append(dict((line.split(":", 1) for line in status.splitlines()), Nice=nice))
    return found


@needs_root
def test_does_not_stay_root(serving):
    user = pwd.getpwnam("tlsrptd" if has_user("tlsrptd") else "postgres")
    # The last thing done as root is the file that says which ports there are.
    wait_until("it has started", lambda: " started " in serving.log_text())
    for fields in process_fields(serving):
        assert fields["Uid"].split() == [str(user.pw_uid)] * 4
        assert fields["Gid"].split() == [str(user.pw_gid)] * 4
        assert "0" not in fields["Groups"].split(), "root's groups"
        assert int(fields["CapEff"], 16) == 0
        assert int(fields["CapPrm"], 16) == 0


def has_user(name):
    try:
        return bool(pwd.getpwnam(name))
    except KeyError:
        return False


@pytest.mark.skipif(os.getpriority(os.PRIO_PROCESS, 0) == 19,
                    reason="there is nothing behind nice 19")
def test_storing_lets_others_go_first(serving):
    """Nobody waits for it, and a sender waits for a 250: not in PostgreSQL either."""
    usual = os.getpriority(os.PRIO_PROCESS, serving.process.pid)
    serving.send(a_mail())
    serving.drained()
    niceness = {int(fields["Pid"]): fields["Nice"] for fields in process_fields(serving)}
    yielding = {pid for pid in niceness if niceness[pid] == min(usual + 10, 19)}
    others = {pid for pid in niceness if niceness[pid] == usual}
    assert yielding | others == set(niceness)
    assert 1 <= len(yielding) <= 2, "one for each worker that has stored something"
    served = serving.rows("SELECT pid FROM pg_stat_activity WHERE pid = ANY(%s) "
                          "AND backend_type = 'client backend'", list(yielding))
    assert {pid for pid, in served} == yielding


def test_what_others_may_read(serving):
    """Strangers' mail and a key are nobody else's business."""
    serving.send(a_mail())
    for path in serving.data_dir.iterdir():
        if path.name == "domains.json":
            continue
        assert stat.S_IMODE(path.lstat().st_mode) & 0o077 == 0, path
    assert (serving.data_dir / "spool.sqlite").exists()
    assert any(path.suffix == ".pem" for path in serving.data_dir.iterdir())
    assert stat.S_IMODE(serving.data_dir.lstat().st_mode) & 0o066 == 0


def test_domains_that_cannot_be_written_down(daemon):
    """A full disk, say: they are in force, and the node lives. It is said once."""
    in_the_way = daemon.data_dir / "domains.json.new"
    daemon.start()
    in_the_way.mkdir()
    daemon.cli("domain", "add", "added.example")
    wait_until("the daemon knows it", lambda: daemon.accepts("tlsrpt@added.example"))
    beat = "SELECT max(heartbeat_at) FROM node"
    for _ in range(2):
        before = daemon.value(beat)
        wait_until("the heart beats", lambda: daemon.value(beat) > before)
    in_the_way.rmdir()
    log = daemon.log_path.read_text
    wait_until("it is written", lambda: "domain_cache_written" in log())
    assert "added.example" in (daemon.data_dir / "domains.json").read_text()
    assert log().count("domain_cache_stale") == 1 and "domains.json" in log()
    assert "database_away" not in log()
    assert daemon.stop() == 0


@needs_root
def test_ports_below_1024(daemon):
    port = 1023
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            pytest.skip(f"port {port} is taken")
    daemon.start("--smtp", f"127.0.0.1:{port}")
    assert daemon.port == port
    daemon.send(a_mail())
    assert daemon.drained().status()["reports_stored"] == 1


@needs_root
def test_as_an_ordinary_user(base):
    """In a folder of its own, as `scripts/run` does: no root, no user to become."""
    user = unprivileged()
    home = base / "home"
    home.mkdir()
    os.chown(home, user.pw_uid, user.pw_gid)
    daemon = Daemon(home)
    daemon.user = user.pw_name
    daemon.environment = dict(ENVIRONMENT, HOME=str(home))
    try:
        daemon.start()
        daemon.send(a_mail())
        assert daemon.drained().status()["reports_stored"] == 1
        for fields in process_fields(daemon):
            assert fields["Uid"].split() == [str(user.pw_uid)] * 4
        assert daemon.stop() == 0
    finally:
        daemon.clean_up()


# --- subcommands ----------------------------------------------------------------------


def test_subcommands_without_a_running_server(daemon):
    """Each starts a PostgreSQL for the call, and leaves none behind."""
    assert daemon.cli("domain", "list") == "firm.example\tsettings\n"
    assert daemon.status()["database"] == "ok"
    file = reports.write_json(daemon.base / "files",
                              [reports.report(reports.sts("firm.example"))])
    assert "1 stored" in daemon.cli("import", "--vouch", *file)
    daemon.cli("readiness", "firm.example", check=2)
    assert daemon.cli("migrate") == "nothing to do\n"
    assert_none_left_in(daemon.base)
    assert daemon.start().status()["reports_stored"] == 1


def test_migrate_in_a_new_data_directory(unused):
    names = sorted(path.name for path in (SOURCE / "sql/migrations").glob("*.sql"))
    assert unused.cli("migrate").splitlines() == [f"applied {name}" for name in names]
    assert unused.cli("migrate") == "nothing to do\n"


def test_first_command_on_nothing(unused):
    assert unused.cli("domain", "add", "firm.example") == "firm.example\n"
    assert unused.cli("domain", "list") == "firm.example\tcommand\n"
    unused.domains = ()
    unused.start()
    unused.send(a_mail())
    assert unused.drained().status()["reports_stored"] == 1
    assert unused.stop() == 0


def test_first_commands_at_once(unused):
    """One makes the database; the others wait for it, and are not cut off at its end."""
    names = [f"d{n}.example" for n in range(6)]
    calls = [subprocess.Popen(unused.command("domain", "add", name), env=ENVIRONMENT,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE)
             for name in names]
    said = [call.communicate(timeout=120) for call in calls]
    assert [call.returncode for call in calls] == [0] * len(names), said
    assert unused.cli("domain", "list") == "".join(f"{name}\tcommand\n" for name in names)
    assert_none_left_in(unused.base)


@pytest.mark.parametrize("words", [
    ["readiness", "firm.example"], ["status"], ["domain", "list"],
    ["domain", "remove", "firm.example"], ["domain", "set", "firm.example", "days=20"],
    ["domain", "show", "firm.example"], ["token", "list"], ["node", "list"],
    ["reporter", "list"], ["quarantine", "list"], ["reprocess", "--all", "--dry-run"],
    ["waive", "firm.example", "--list"], ["worker", "--once"], ["demo", "--remove"]],
    ids=" ".join)
def test_a_mistyped_data_directory_stays_as_it_is(unused, words):
    """Where there is no database only what is there to make one does."""
    for path in (unused.data_dir, unused.base):  # none, and a folder of somebody's
        unused.data_dir = path
        before = sorted(path.iterdir()) if path.exists() else None
        done = unused.run(*words)
        said = done.stderr.decode()
        assert done.returncode == 78 and done.stdout == b"", (words, done)
        assert str(path) in said and "tlsrptd serve" in said and "--data-dir" in said
        assert (sorted(path.iterdir()) if path.exists() else None) == before


def commands_in(text, program):
    """The commands that `serve` tells a person to use, as that person would."""
    lines = [line.strip() for line in text.splitlines()]
    return [[program, *shlex.split(line)[1:]] for line in lines
            if line.startswith(("tlsrptd domain", "tlsrptd status", "tlsrptd readiness"))]


def test_the_first_run_text_works_as_it_stands(unused, program):
    """In another terminal, with another folder than the usual one, and an odd name."""
    unused.data_dir = unused.base / "it's odd"
    unused.domains = ()
    unused.start()
    wait_until("the first-run text", lambda: "may it enforce" in unused.log_text())
    commands = commands_in(unused.log_text(), program)
    assert len(commands) == 3
    done = [subprocess.run(command, capture_output=True, timeout=60, env=ENVIRONMENT,
                           cwd="/") for command in commands]
    assert [one.returncode for one in done] == [0, 0, 2], done
    assert done[0].stdout == b"firm.example\n"


def test_domains_change_while_it_runs(serving):
    assert not serving.accepts("tlsrpt@added.example")
    assert serving.cli("domain", "add", "Added.EXAMPLE.", ".below.example") == (
        "added.example\n.below.example\n")
    wait_until("it takes its mail", lambda: serving.accepts("tlsrpt@added.example"), 60)
    assert serving.accepts("tlsrpt@any.below.example")
    assert not serving.accepts("tlsrpt@below.example"), "below it, not itself"
    serving.send(a_mail("added.example"), "tlsrpt@added.example")
    assert serving.drained().value(
        "SELECT count(*) FROM report WHERE policy_domain = 'added.example'") == 1
    assert serving.cli("domain", "list").splitlines() == [
        ".below.example\tcommand", "added.example\tcommand", "firm.example\tsettings"]

    serving.cli("domain", "remove", "added.example")
    wait_until("it refuses its mail",
               lambda: not serving.accepts("tlsrpt@added.example"), 60)
    assert b"added.example" in serving.run("domain", "remove", "added.example").stderr
    assert serving.run("domain", "remove", "added.example").returncode == 66
    # Taking none any more does not delete what is there.
    assert serving.value("SELECT count(*) FROM report") == 1


def test_a_removed_domain_of_the_settings_comes_back(serving):
    """--domain adds if missing and never removes; the reverse would surprise."""
    serving.cli("domain", "add", "kept.example")
    assert serving.stop() == 0
    serving.domains = ()
    serving.start()
    assert {line.split("\t")[0] for line in serving.cli("domain", "list").splitlines()} \
        == {"firm.example", "kept.example"}


@pytest.mark.parametrize("name", ["", ".", "two..dots.example", "white space.example",
                                  "a" * 64 + ".example", "http://firm.example"])
def test_names_that_are_none(shared, name):
    done = shared.run("domain", "add", name)
    assert done.returncode == 64, (name, done)
    assert done.stderr and name not in shared.cli("domain", "list").split()


@pytest.mark.parametrize("words, status", [
    ([], 64), (["nonsense"], 64), (["serve", "--nonsense"], 64), (["--help"], 0),
    (["--version"], 0), (["serve", "--help"], 0), (["import"], 64),
    (["import", "--vouch"], 64), (["readiness"], 64), (["domain"], 64),
    (["--help-log"], 0)])
def test_exit_status_of_the_command_line(program, words, status):
    done = subprocess.run([program, *words], capture_output=True, timeout=60,
                          env=ENVIRONMENT)
    assert done.returncode == status, (words, done)
    assert (done.stdout if status == 0 else done.stderr) != b""


# --- settings -------------------------------------------------------------------------


def configured(daemon, text, status=78):
    file = daemon.base / "tlsrptd.toml"
    file.write_text(text)
    done = daemon.run("status", "--config", str(file))
    assert done.returncode == status, done
    return done.stderr.decode().replace(str(file), "FILE")


@pytest.mark.parametrize("text, where, named", [
    ('\n  spol = 1\n', "FILE:2:3", "spol"),
    ('[smtp]\nlisten = "127.0.0.1:0"\nlistne = "x"\n', "FILE:3:1", "smtp.listne"),
    ('[nonsense]\na = 1\n', "FILE:1:", "nonsense"),
    ('domains = "firm.example"\n', "FILE:1:1", "domains"),
    ('[smtp]\nmax_connections = "many"\n', "FILE:2:1", "max_connections"),
    ('[spool]\nquota = "1MiB"\n', "FILE:2:1", "16MiB"),
    ('[spool]\nquota = "99999999999TiB"\n', "FILE:2:1", "99999999999TiB"),
    ('[log]\nlevel = "loud"\n', "FILE:2:1", "debug|info|warning|error"),
    ('[smtp\n', "FILE:1:", ""),
    ('a = 1\na = 2\n', "FILE:2:", ""),
])
def test_errors_of_the_config_file(unused, text, where, named):
    said = configured(unused, text)
    assert where in said and named in said, said
    assert len(said.splitlines()) == 1, "one line, for a log"


def test_config_file_that_is_not_there(unused):
    for path, why in ((unused.base / "absent.toml", b"No such file"),
                      (unused.base, b"Is a directory")):
        done = unused.run("status", "--config", str(path))
        assert done.returncode == 78 and why in done.stderr, done
        assert str(path).encode() in done.stderr, done


@pytest.mark.parametrize("name, value, named", [
    ("TLSRPTD_SPOOL_QOUTA", "1GiB", "TLSRPTD_SPOOL_QOUTA"),
    ("TLSRPTD_SPOOL_QUOTA", "a lot", "a lot"),
    ("TLSRPTD_FLOW_WORKERS", "0", "TLSRPTD_FLOW_WORKERS"),
])
def test_errors_of_the_environment(unused, name, value, named):
    unused.environment = dict(ENVIRONMENT, **{name: value})
    done = unused.run("status")
    assert done.returncode == 78 and named.encode() in done.stderr, done
    assert not unused.data_dir.exists(), "nothing was done"


def test_help_config_is_a_config(program, daemon):
    """Every key, uncommented at its default, is accepted."""
    printed = subprocess.run([program, "--help-config"], check=True, capture_output=True,
                             env=ENVIRONMENT).stdout.decode()
    settings = [line for line in printed.splitlines()
                if line.startswith("#") and not line.startswith("# ")]
    assert len(settings) > 20
    file = daemon.base / "tlsrptd.toml"
    file.write_text(printed)
    daemon.cli("domain", "list", "--config", str(file))
    file.write_text("\n".join(line[1:] if line in settings else line
                              for line in printed.splitlines()))
    assert daemon.cli("domain", "list", "--config", str(file)) == (
        "firm.example\tsettings\n")


def test_flag_wins_over_environment_over_file(daemon):
    file = daemon.base / "tlsrptd.toml"
    file.write_text('[smtp]\nhostname = "file.example"\n')

    def greeting(*flags):
        daemon.start(*flags)
        with socket.create_connection(("127.0.0.1", daemon.port), timeout=60) as client:
            line = client.makefile("rb").readline().decode()
        assert daemon.stop() == 0
        return line.split()[1]

    assert greeting("--config", str(file)) == "file.example"
    daemon.environment = dict(ENVIRONMENT, TLSRPTD_SMTP_HOSTNAME="environment.example")
    assert greeting("--config", str(file)) == "environment.example"
    assert greeting("--config", str(file), "--smtp-hostname", "flag.example") == (
        "flag.example")


def test_json_log(daemon):
    daemon.start("--log-format", "json")
    daemon.send(a_mail())
    daemon.drained()
    assert daemon.stop() == 0
    lines = [json.loads(line) for line in daemon.log_path.read_text().splitlines()
             if line.startswith("{")]
    events = [line["event"] for line in lines]
    assert events[-1] == "stopped" and {"listening", "started", "stopping"} <= set(events)
    assert all({"time", "level", "event"} <= set(line) for line in lines)


def test_a_strangers_words_do_not_forge_the_log(daemon):
    """A line end or an escape in an address must not begin a line of its own."""
    daemon.start("--log-level", "debug")
    with daemon.smtp() as client:
        client.ehlo()
        client.docmd("MAIL", "FROM:<\"a\\\x1b[31m\"@b.example>")
        deliver(client, reports.mail(reports.report(
            reports.sts("evil\n2026-01-01T00:00:00.000Z error forged.example"))))
    daemon.drained()
    assert daemon.stop() == 0
    log = daemon.log_path.read_text()
    assert "\x1b" not in log
    assert not any(line.startswith("2026-01-01") for line in log.splitlines())
