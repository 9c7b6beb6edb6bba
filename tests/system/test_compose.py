"""docker-compose.yml without Docker: its form, its promises, and every service of ours
started by the command, the settings and the login that it has there."""

import contextlib
import json
import os
import pathlib
import re
import shlex
import shutil
import signal
import smtplib
import subprocess

import jsonschema
import psycopg2
import pytest
import yaml

import reports
from conftest import (ENVIRONMENT, SOURCE, START_SECONDS, STOP_SECONDS, TLSRPTD, Postgres,
                      deliver, unprivileged, wait_until)
from dockerfile import Dockerfile
from http_client import Api

COMPOSE = yaml.safe_load((SOURCE / "docker-compose.yml").read_text())
SERVICES = COMPOSE["services"]
IMAGE = Dockerfile((SOURCE / "Dockerfile").read_text())
OURS = [name for name, service in SERVICES.items() if "build" in service]
DAEMONS = [name for name in OURS if "healthcheck" not in SERVICES[name]]
# Whom an image runs as that says so itself.
UNPRIVILEGED_IMAGES = ("prom/prometheus", "grafana/grafana", "tlsrptd")
SECRETS = "/run/secrets/"


# --- what it says ---------------------------------------------------------------------


def test_form():
    """By Compose's own schema; where it is from is in data/README.md."""
    schema = json.loads((pathlib.Path(__file__).parent / "data/compose-spec.json")
                        .read_text())
    jsonschema.Draft7Validator(schema).validate(COMPOSE)


def test_compose_itself_reads_it(tmp_path):
    """Where it is installed (Debian 13); no engine is asked."""
    tool = shutil.which("docker-compose")
    if tool is None or b" 1." in subprocess.run([tool, "version"],
                                                capture_output=True).stdout[:60]:
        pytest.skip("needs Compose 2: Debian 13's package docker-compose")
    done = subprocess.run([tool, "-f", str(SOURCE / "docker-compose.yml"), "config",
                           "--quiet"], capture_output=True, env=ENVIRONMENT, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, b""), done


@pytest.mark.parametrize("name", SERVICES)
def test_service_has_few_rights(name):
    service = SERVICES[name]
    assert service["read_only"] and service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service.get("user", "root") != "root" or (
        service["image"].split(":")[0] in UNPRIVILEGED_IMAGES)
    assert "privileged" not in service and "network_mode" not in service


def test_image_has_a_user_of_its_own():
    uid, gid = IMAGE.last("USER").split(":")
    assert int(uid) >= 10000 and uid == gid
    for name in OURS:
        for mount in SERVICES[name].get("tmpfs", []):
            assert mount == f"/var/lib/tlsrptd:uid={uid},gid={gid},mode=0700"


@pytest.mark.parametrize("name", SERVICES)
def test_image_is_pinned(name):
    assert re.search(r":v?\d+\.\d+(\.\d+)?(-[a-z]+)?$", SERVICES[name]["image"])


def test_image_is_this_version():
    project = re.search(r"VERSION (\S+)", (SOURCE / "CMakeLists.txt").read_text()
                        .split("project(")[1]).group(1)
    assert {SERVICES[name]["image"] for name in OURS} == {f"tlsrptd:{project}"}


@pytest.mark.parametrize("name", SERVICES)
def test_ports_are_on_the_loopback(name):
    for port in SERVICES[name].get("ports", []):
        assert re.fullmatch(r"\$\{PUBLISH_[A-Z]+:-127\.0\.0\.1:\d+\}:\d+", port), port


@pytest.mark.parametrize("name", SERVICES)
def test_names_are_there(name):
    """What a service mounts and joins is declared, and what it mounts is in the repository."""
    service = SERVICES[name]
    for volume in service.get("volumes", []):
        source = volume.split(":")[0]
        if source.startswith("./"):
            assert (SOURCE / source).exists(), source
            assert volume.endswith(":ro")
        else:
            assert source in COMPOSE["volumes"]
    assert set(service["networks"]) <= set(COMPOSE["networks"])
    assert set(service.get("secrets", [])) <= set(COMPOSE["secrets"])
    assert set(service.get("depends_on", {})) <= set(SERVICES)
    used = set(re.findall(SECRETS + r"(\w+)", str(service)))
    assert used <= set(service.get("secrets", [])), used


def test_nothing_can_be_reached_from_the_database():
    assert COMPOSE["networks"]["inside"] == {"internal": True}
    assert SERVICES["postgres"]["networks"] == ["inside"]
    assert "ports" not in SERVICES["postgres"]


def test_prometheus_asks_every_role():
    config = yaml.safe_load((SOURCE / "packaging/docker/prometheus.yml").read_text())
    (job,) = config["scrape_configs"]
    port = IMAGE.environment["TLSRPTD_HEALTH_LISTEN"].rsplit(":")[-1]
    assert job["static_configs"][0]["targets"] == [f"{name}:{port}" for name in DAEMONS]


def test_prometheus_reads_its_files(tmp_path):
    for volume in SERVICES["prometheus"]["volumes"]:
        source, target = volume.split(":")[:2]
        if source.startswith("./"):
            shutil.copy(SOURCE / source, tmp_path / pathlib.Path(target).name)
    done = subprocess.run(["promtool", "check", "config", str(tmp_path / "prometheus.yml")],
                          capture_output=True, text=True)
    assert done.returncode == 0 and "alerts.yml" in done.stdout, done


def test_job_and_data_source_are_those_of_dashboards():
    """Alerts name the job, dashboards the data source: where they are is all that differs."""
    jobs = [yaml.safe_load((SOURCE / path).read_text()) for path in
            ("packaging/docker/prometheus.yml", "dashboards/prometheus/prometheus.yml")]
    for job in jobs:
        del job["scrape_configs"][0]["static_configs"]
    assert jobs[0] == jobs[1]
    sources = [yaml.safe_load((SOURCE / path).read_text())["datasources"] for path in
               ("packaging/docker/grafana-datasource.yml",
                "dashboards/provisioning/datasources/tlsrptd.yaml")]
    for (source,) in sources:
        for name in ("url", "user", "secureJsonData"):
            del source[name]
        for name in ("database", "sslmode", "postgresVersion"):
            del source["jsonData"][name]
    assert sources[0] == sources[1]


def test_data_source_is_that_postgres():
    """As the login that may read the views, by the database's name and its password."""
    (source,) = yaml.safe_load((SOURCE / "packaging/docker/grafana-datasource.yml")
                               .read_text())["datasources"]
    assert (source["url"], source["user"], source["jsonData"]["database"]) == (
        "postgres:5432", "grafana", "tlsrptd")
    assert source["secureJsonData"] == {"password": "$__file{/run/secrets/db_grafana}"}
    assert "db_grafana" in SERVICES["grafana"]["secrets"]


def test_variables_are_in_the_example():
    named = set(re.findall(r"\$\{(\w+):-", (SOURCE / "docker-compose.yml").read_text()))
    example = (SOURCE / ".env.example").read_text()
    assert named == set(re.findall(r"^#(\w+)=", example, re.M))


def documented():
    text = (SOURCE / "docs/docker.md").read_text()
    for line in re.findall(r"docker compose run --rm (.*)", text):
        words = shlex.split(re.sub(r"-v \S+", "", line.split("`")[0]), comments=True)
        yield words[0], words[1:]


def test_documented_commands_are_commands():
    """Each subcommand of docs/docker.md, by its help; what it is given follows it."""
    seen = list(documented())
    assert len(seen) > 5
    for service, words in seen:
        assert service in OURS, service
        names = [word for word in words[:2] if re.fullmatch("[a-z]+", word)]
        done = subprocess.run([TLSRPTD, *names, "--help"], capture_output=True,
                              env=ENVIRONMENT)
        assert done.returncode == 0, (words, done.stderr)


# --- what it starts -------------------------------------------------------------------


class Stack:
    """The services of ours as processes: the commands and variables of the file, with the
    places of this machine in them. PostgreSQL is one that postgres-init.sh has set up."""

    def __init__(self, base):
        self.base = base
        self.secrets = base / "secrets"
        self.processes = {}
        self.ports = {}
        subprocess.run([SOURCE / "packaging/docker/make-secrets", str(self.secrets)],
                       check=True, capture_output=True)
        assert {path.name for path in self.secrets.iterdir()} == set(COMPOSE["secrets"])
        assert self.secrets.stat().st_mode & 0o777 == 0o700
        # Docker mounts the files, past the folder.
        self.secrets.chmod(0o755)
        self.postgres = Postgres(base).start()
        self.init(check=True)
        rules = self.postgres.base / "cluster" / "pg_hba.conf"
        rules.write_text("local tlsrptd all scram-sha-256\n" + rules.read_text())
        self.postgres.run("pg_ctl", "reload", "-D", str(self.postgres.base / "cluster"))

    def init(self, check=False, secrets=None):
        return subprocess.run(
            [SOURCE / "packaging/docker/postgres-init.sh"], capture_output=True,
            check=check, timeout=START_SECONDS,
            env=dict(ENVIRONMENT, PGHOST=str(self.postgres.base),
                     SECRETS=str(secrets or self.secrets)))

    def environment(self, name):
        data = self.base / f"data-{name}"
        if not data.exists():
            data.mkdir(mode=0o700)
            if os.geteuid() == 0:
                shutil.chown(data, unprivileged().pw_uid)
        made = dict(ENVIRONMENT, **IMAGE.environment)
        made.update(SERVICES[name]["environment"])
        made = {key: value.replace(SECRETS, f"{self.secrets}/")
                .replace("host=postgres", f"host={self.postgres.base}")
                for key, value in made.items()}
        made["TLSRPTD_DATA_DIR"] = str(data)
        made["TLSRPTD_HEALTH_LISTEN"] = "0.0.0.0:0"
        made["TLSRPTD_SMTP_HOSTNAME"] = "localhost"
        return made

    def words(self, name):
        """The command with free ports for those of the container, which are its own."""
        return [re.sub(r"^0\.0\.0\.0:\d+$", "0.0.0.0:0", word)
                for word in SERVICES[name]["command"]]

    def user(self):
        return unprivileged().pw_uid if os.geteuid() == 0 else None

    def run(self, name, *words):
        """`docker compose run --rm NAME WORDS`: standard output and exit status."""
        done = subprocess.run([TLSRPTD, *(words or self.words(name))], timeout=START_SECONDS,
                              env=self.environment(name), cwd="/", user=self.user(),
                              capture_output=True, text=True)
        return done.returncode, done.stdout, done.stderr

    def start(self, name):
        ports = self.base / f"data-{name}" / "ports.json"
        environment = dict(self.environment(name), TLSRPTD_WRITE_PORTS=str(ports))
        log = open(self.base / f"{name}.log", "wb")
        with log:
            process = subprocess.Popen([TLSRPTD, *self.words(name)], env=environment,
                                       stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                       cwd="/", user=self.user())
        self.processes[name] = process
        wait_until(f"{name} listens", lambda: ports.exists() or process.poll() is not None,
                   START_SECONDS)
        assert process.poll() is None, self.log(name)
        self.ports[name] = json.loads(ports.read_text())

    def log(self, name):
        return (self.base / f"{name}.log").read_text()[-4000:]

    def health(self, name):
        """The HEALTHCHECK of the image: its exit status."""
        words = json.loads(IMAGE.last("HEALTHCHECK").split("CMD", 1)[1])
        assert words[0] == "tlsrptd"
        return subprocess.run(
            [TLSRPTD, *words[1:]], capture_output=True, cwd="/", user=self.user(),
            env=dict(self.environment(name),
                     TLSRPTD_HEALTH_LISTEN=f"0.0.0.0:{self.ports[name]['health']}")
        ).returncode

    def connect(self, login, role):
        password = (self.secrets / f"db_{login}").read_text().strip()
        return psycopg2.connect(host=str(self.postgres.base), user=login, dbname="tlsrptd",
                                password=password, options=f"-c role={role}")

    def stop(self):
        for name, process in self.processes.items():
            process.send_signal(getattr(signal, IMAGE.last("STOPSIGNAL")))
            assert process.wait(STOP_SECONDS) == 0, self.log(name)
        self.processes = {}


@pytest.fixture
def stack(base):
    made = Stack(base)
    assert made.run("migrate")[0] == 0
    return made  # ended with everything else that runs in `base`


def test_up_from_nothing_to_a_verdict(stack):
    status, _, said = stack.run("api")
    assert status == 64 and "token create" in said, "docs/docker.md begins with the token"
    status, token, _ = stack.run("api", "token", "create", "--name", "me", "--scope", "admin")
    assert status == 0
    assert stack.run("ingest", "domain", "add", "firm.example")[0] == 0
    for name in DAEMONS:
        stack.start(name)
    for name in DAEMONS:
        wait_until(f"{name} is healthy", lambda: stack.health(name) == 0, START_SECONDS)
        Api(stack.ports[name]["health"]).get("/metrics")
    one = reports.report(reports.sts("firm.example", 3, 0), day=reports.days_ago(1))
    with smtplib.SMTP("127.0.0.1", stack.ports["ingest"]["smtp"], timeout=60,
                      local_hostname="client.example") as client:
        deliver(client, reports.mail(one))
    api = Api(stack.ports["api"]["api"], token.strip())
    wait_until("it is stored", lambda: api.json("/v1/status")["reports_stored"] == 1)
    assert Api(stack.ports["api"]["api"]).ask("GET", "/v1/status").status == 401
    assert stack.run("api", "readiness", "firm.example", "--reports-only")[0] == 2
    assert stack.run("worker", "worker", "--once")[0] == 0
    assert [line.split("\t")[0] for line in stack.run("api", "node", "list")[1]
            .splitlines()] == ["ingest"], "whatever the container is called"
    assert stack.run("migrate")[0] == 0, "each `up` runs it again"
    for name in DAEMONS:
        for event in ("internal_error", "database_away"):
            assert event not in stack.log(name), "a right is missing, perhaps"
    stack.stop()


def test_demo(stack):
    assert stack.run("demo")[0] == 0
    listed = stack.run("api", "domain", "list")[1].splitlines()
    assert listed and all(line.endswith("\tdemo") for line in listed), listed
    assert stack.run("demo", "demo", "--remove")[0] == 0
    assert stack.run("api", "domain", "list")[1] == ""
    assert SERVICES["demo"]["profiles"] == ["demo"], "not by `up`"


ROLES = ("tlsrptd_owner", "tlsrptd_ingest", "tlsrptd_api", "tlsrptd_admin",
         "tlsrptd_grafana", "postgres")


def test_each_login_takes_its_roles_and_no_other(stack):
    taken = {}
    for login in ("migrate", "ingest", "api", "worker", "grafana"):
        taken[login] = []
        for role in ROLES:
            with contextlib.suppress(psycopg2.OperationalError):
                stack.connect(login, role).close()
                taken[login].append(role.removeprefix("tlsrptd_"))
    assert taken == {"migrate": ["owner", "ingest", "api", "admin"],
                     "ingest": ["ingest", "api"], "api": ["api", "admin"],
                     "worker": ["owner", "ingest", "api"], "grafana": ["grafana"]}


def test_grafana_reads_no_table(stack):
    connection = stack.connect("grafana", "grafana")
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM tlsrptd.grafana_day")
        assert cursor.fetchone() == (0,)
        for statement in ("SELECT * FROM tlsrptd.report", "SELECT * FROM tlsrptd.token",
                          "CREATE TABLE public.mine (a int)"):
            with pytest.raises(psycopg2.errors.InsufficientPrivilege):
                cursor.execute(statement)
            connection.rollback()
    connection.close()


def test_init_without_a_password_makes_nothing(base):
    stack = Stack.__new__(Stack)
    stack.postgres = Postgres(base).start()
    secrets = base / "empty"
    secrets.mkdir()
    for name in COMPOSE["secrets"]:
        (secrets / name).write_text("p\n")
    (secrets / "db_worker").write_text("")
    done = stack.init(secrets=secrets)
    assert done.returncode == 1 and b"db_worker" in done.stderr
    connection = psycopg2.connect(stack.postgres.dsn)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_roles WHERE rolname = 'ingest'")
        assert cursor.fetchone() == (0,)
    connection.close()


def test_secrets_that_are_there_stay(tmp_path):
    make = [SOURCE / "packaging/docker/make-secrets", str(tmp_path / "s")]
    subprocess.run(make, check=True, capture_output=True)
    before = {path.name: path.read_text() for path in (tmp_path / "s").iterdir()}
    assert len(set(before.values())) == len(before), "each its own"
    (tmp_path / "s" / "db_api").unlink()
    subprocess.run(make, check=True, capture_output=True)
    after = {path.name: path.read_text() for path in (tmp_path / "s").iterdir()}
    assert after.keys() == before.keys()
    assert [name for name in after if after[name] != before[name]] == ["db_api"]
