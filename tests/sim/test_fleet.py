"""Seeded fleets of senders against the real daemon: what its verdict says enforce would
have refused, and what enforce then does refuse.

Every report is a signed mail through SMTP; looks at the domains come from the same world,
through the function that `ingest/probe` uses.

  SIM_SEEDS   0-39 by default, 0-239 with RUN_LONG_TESTS=1; also 17, and 3-1599/4 for
              every fourth: those with faults that come and go
  STORE_LOOKS the program of that name; without it build/dev/store_looks
"""

import dataclasses
import datetime
import json
import math
import multiprocessing
import os
import pathlib
import re
import subprocess
import sys
import threading

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "system"))

import figures  # noqa: E402
import reports  # noqa: E402
import zones  # noqa: E402
from conftest import (ENVIRONMENT, LONG, SOURCE, Daemon, copy_of, deliver,  # noqa: E402
                      first_start, make_base, program, wait_until)
from http_client import Api  # noqa: E402
from life import live  # noqa: E402

STORE_LOOKS = os.environ.get("STORE_LOOKS", str(SOURCE / "build/dev/store_looks"))
SEEDS = os.environ.get("SIM_SEEDS", "0-239" if LONG else "0-39")
PROCESSES = 2
CONNECTIONS = 4
KEY_BITS = 1024  # the least that is taken: the signer is pure Python
# How each reporter signs: d=.
SIGNERS = {"google.com": "google.com", "microsoft.com": "microsoft.com",
           "mail.ru": "corp.mail.ru", "sender.example": "sender.example"}


def seeds():
    first, last, step = re.fullmatch(r"(\d+)(?:-(\d+)(?:/(\d+))?)?", SEEDS).groups()
    return range(int(first), int(last or first) + 1, int(step or 1))


def noon():
    """Of yesterday: all that happens before the question lies in the past, and the
    reports of the window's last day could still come."""
    yesterday = datetime.datetime.combine(
        reports.yesterday(), datetime.time(12), datetime.timezone.utc)
    return int(yesterday.timestamp())


def make_mail(one, domain, reporter):
    sender = reports.REPORTERS[reporter][2].encode()
    mail = re.sub(rb"\r\nFrom: [^\r]*", b"\r\nFrom: " + sender,
                  reports.mail(one, domain, reporter), count=1)
    return zones.sign(mail, SIGNERS[reporter], key=zones.private_key(0, KEY_BITS))


def make(job):
    """In a process of its own: the life of a seed, and its mails."""
    seed, at = job
    life = live(seed, at)
    mails = []
    for number, (reporter, report) in enumerate(life.reports):
        report["report-id"] = f"{number}-{life.domain}"
        mails.append(make_mail(report, life.domain, reporter))
    return life, mails


def send_all(daemon, mails):
    """Over a few connections; every mail must be taken."""
    waiting = iter(mails)
    lock = threading.Lock()
    errors = []

    def client():
        try:
            with daemon.smtp() as connection:
                while True:
                    with lock:
                        domain, mail = next(waiting, (None, None))
                    if mail is None or errors:
                        return
                    deliver(connection, mail, f"tlsrpt@{domain}")
        except Exception as error:  # must not look like silence
            errors.append(repr(error))

    threads = [threading.Thread(target=client) for _ in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors, errors


def store_looks(daemon, lives):
    lines = "".join(f"{life.domain}\t{json.dumps(look)}\n"
                    for life in lives for look in life.looks)
    done = subprocess.run(
        [STORE_LOOKS, f"host={daemon.data_dir}/pg-socket user=tlsrptd dbname=tlsrptd"],
        input=lines.encode(), capture_output=True)
    assert done.returncode == 0, done.stderr


@dataclasses.dataclass(frozen=True)
class Asked:
    """A life, what is said of it, and what is said without the looks."""
    life: object
    verdict: dict
    by_reports: dict

    def is_ready(self):
        return self.verdict["verdict"] == "ready"


def ask(daemon, life):
    as_of = datetime.datetime.fromtimestamp(life.story.asked_at, datetime.timezone.utc)
    target = f"/v1/domains/{life.domain}/readiness?as_of={as_of:%Y-%m-%dT%H:%M:%SZ}"
    api = Api(daemon.ports["api"])
    return Asked(life, api.json(target), api.json(target + "&live=false"))


@pytest.fixture(scope="module")
def lived(first_start):
    """An Asked for every seed."""
    zones.private_key(0, KEY_BITS)  # before there are other processes
    at = noon()
    with multiprocessing.get_context("fork").Pool(PROCESSES) as pool:
        made = pool.map(make, [(seed, at) for seed in seeds()], chunksize=1)
    lives = [life for life, _ in made]

    path = make_base()
    copy_of(first_start, path)
    nsd = zones.Nsd(path)
    record = zones.key_record(zones.private_key(0, KEY_BITS))
    for domain in SIGNERS.values():
        nsd.write_zone(domain, {"sel._domainkey": record})
    daemon = Daemon(path, *zones.flags_of(nsd), domains=[life.domain for life in lives])
    daemon.environment = zones.environment_of(nsd, ENVIRONMENT, seconds=20)
    try:
        nsd.start()
        daemon.start()
        store_looks(daemon, lives)
        send_all(daemon, [(life.domain, mail) for life, mails in made for mail in mails])
        daemon.drained()
        # The verdict goes by what the node last said of its spool.
        wait_until("the node says that its spool is empty",
                   lambda: daemon.rows("SELECT FROM node WHERE spool_depth = 0"))
        stored = daemon.value("SELECT count(*) FROM report WHERE provenance = 1")
        assert stored == sum(len(mails) for _, mails in made), "all count, each once"
        yield [ask(daemon, life) for life in lives]
        assert daemon.stop() == 0, daemon.log_text()
    finally:
        nsd.end()
        daemon.clean_up()


def shares(replay, of, name):
    return {one[name] or "": one["refusals"] for one in replay[of]}


def told_by(verdict):
    """What the verdict's replay says, in the form of life.Refusals."""
    replay = verdict["replay"]
    return {"sessions": replay["sessions"], "refusals": replay["refusals"],
            "by_reporter": shares(replay, "by_reporter", "reporter"),
            "by_mx": shares(replay, "by_mx", "mx"),
            "by_result_type": shares(replay, "by_result_type", "result_type"),
            "by_day": shares(replay, "by_day", "day")}


def counted_by(life, verdict):
    day = datetime.date.fromisoformat
    made = life.expected(day(verdict["replay"]["first_day"]),
                         day(verdict["replay"]["last_day"]))
    return {"sessions": made.sessions, "refusals": made.refusals,
            "by_reporter": dict(made.by_reporter), "by_mx": dict(made.by_mx),
            "by_result_type": dict(made.by_result_type),
            "by_day": {str(day): n for day, n in made.by_day.items()}}


def test_replay_is_what_enforce_would_have_refused(lived):
    wrong = []
    refusing = 0
    for asked in lived:
        for verdict in (asked.verdict, asked.by_reports):
            told, counted = told_by(verdict), counted_by(asked.life, verdict)
            wrong += [f"seed {asked.life.story.seed}: {name}: replay {told[name]}, "
                      f"enforce {counted[name]}"
                      for name in counted if told[name] != counted[name]]
        refusing += counted["refusals"] > 0
    assert not wrong, "\n".join(wrong)
    assert len(lived) < 40 or refusing * 10 > len(lived), "too few refuse anything"


def steady(lived):
    return [asked for asked in lived if not asked.life.story.intermittent]


def test_ready_is_not_refused_unless_something_changed(lived):
    """A week under enforce. What breaks after the newest look is nobody's mistake; a
    certificate that expires is, since the look could see it coming."""
    wrong = [f"seed {asked.life.story.seed}: {refusal}" for asked in steady(lived)
             if asked.is_ready() for refusal in asked.life.refused_for_no_change()]
    assert not wrong, "\n".join(wrong)


def test_the_plan_is_the_policy_that_the_week_was_lived_with(lived):
    for asked in lived:
        if not asked.is_ready():
            continue
        story = asked.life.story
        published = asked.verdict["plan"]["policy_file"].splitlines()
        served = story.world.enforcing().policy.at(story.asked_at)
        assert "mode: enforce" in published, published
        assert (sorted(line for line in published if line.startswith("mx:"))
                == sorted(f"mx: {pattern}" for pattern in served.mx)), story.seed


@pytest.mark.skipif(SEEDS not in ("0-39", "0-239"), reason="some seeds by hand")
def test_the_seeds_are_worth_asking(lived):
    """Many are ready and many are not; the week can refuse, and reports alone do not see
    all of it."""
    kinds = [asked.verdict["verdict"] for asked in steady(lived)]
    assert kinds.count("ready") * 5 > len(kinds), kinds
    assert kinds.count("not_ready") * 10 > len(kinds), kinds
    assert kinds.count("insufficient_evidence") * 20 > len(kinds), kinds
    assert any(asked.life.week.refusals for asked in steady(lived) if asked.is_ready())
    assert any(asked.life.refused_for_no_change() for asked in steady(lived)
               if not asked.is_ready())


def test_every_verdict_says_how_much_may_have_been_missed(lived):
    """With faults that come and go the week may refuse something: the share is printed
    beside the bound (figures.py), and not judged."""
    for asked in lived:
        bound = asked.verdict["replay"]["upper_bound_95"]
        assert math.isfinite(bound["share"]) and 0 < bound["share"] <= 1, bound
        assert 0 <= bound["refused"] <= bound["sessions"] and bound["sentence"], bound
    for line in figures.lines(lived):
        print(line)
