"""The life of one seed: its senders write to the domain for weeks, in testing; then the
same sessions again as `enforce` would have had them, and the week after the question."""

import collections
import dataclasses
import datetime
import random
import typing

import sender
from look import look_at
from report_writer import report_of, told
from sender import Sender, Session
from story import tell
from world import DAY, HOUR

UTC = datetime.timezone.utc
QUIET_WEEKEND = 0.4
LOST_REPORTS = 0.03
# A report comes between so many seconds after its day. Senders spread theirs, and a
# sender may retry for a day (RFC 8460, 5.5).
REPORT_AFTER = (HOUR, 30 * HOUR)


@dataclasses.dataclass
class Refusals:
    """Counts of first attempts, as the verdict's replay has them."""
    sessions: int = 0
    refusals: int = 0
    by_reporter: collections.Counter = dataclasses.field(
        default_factory=collections.Counter)
    by_mx: collections.Counter = dataclasses.field(default_factory=collections.Counter)
    by_result_type: collections.Counter = dataclasses.field(
        default_factory=collections.Counter)
    by_day: collections.Counter = dataclasses.field(default_factory=collections.Counter)


class Refusal(typing.NamedTuple):
    time: int
    reporter: str
    mx: str
    result_type: str


@dataclasses.dataclass(frozen=True)
class Week:
    """Under enforce, from the question on."""
    sessions: int
    refused_sessions: int
    refusals: tuple  # of first attempts


@dataclasses.dataclass(frozen=True)
class Life:
    story: object
    reports: list         # (reporter, report), in the order of their arrival
    looks: list
    would_refuse: dict    # (reporter, day) -> [(result type, mx), ...], as it is told
    under_sts: dict       # (reporter, day) -> sessions with a policy, or without for fault
    week: object          # a Week

    @property
    def domain(self):
        return self.story.world.domain

    def refused_for_no_change(self):
        """Refusals of the week after before anything changed that nobody could foresee."""
        broken = self.story.broken_after_the_look()
        return [one for one in self.week.refusals if broken is None or one.time < broken]

    def expected(self, first_day, last_day):
        """What the replay of these days is to say; of reports that came."""
        made = Refusals()
        for (reporter, day), failures in self.would_refuse.items():
            if not first_day <= day <= last_day:
                continue
            made.sessions += self.under_sts[reporter, day]
            made.refusals += len(failures)
            for result_type, mx in failures:
                made.by_reporter[reporter] += 1
                made.by_mx[mx] += 1
                made.by_result_type[result_type] += 1
                made.by_day[day] += 1
        return made


def day_of(time):
    return datetime.datetime.fromtimestamp(time, UTC).date()


def sessions_of(story, fleet_size, rng):
    """All sessions up to a week after the question, in the order of their times."""
    sessions = []
    for index in range(fleet_size):
        a_day = rng.choice([0.7, 4, 12, 12, 30])
        for begin in range(story.begin, story.end, DAY):
            quiet = QUIET_WEEKEND if day_of(begin).weekday() >= 5 else 1
            for _ in range(int(rng.expovariate(1 / (a_day * quiet)) + rng.random())):
                sessions.append(Session(begin + rng.randrange(DAY), index, rng.random(),
                                        rng.random(), rng.random(), rng.random()))
    return sorted(sessions, key=lambda one: one.time)


def fleet_of(rng):
    fleet = [sender.GOOGLE]
    if rng.random() < 0.9:
        fleet.append(sender.MICROSOFT)
    if rng.random() < 0.6:
        fleet.append(sender.MAIL_RU)
    if rng.random() < 0.3:
        fleet.append(rng.choice([sender.TERSE, sender.WITHOUT_STS]))
    return fleet


def send(world, fleet, sessions):
    """What becomes of `sessions`: (habits, delivery) of each that met an MX."""
    senders = [Sender(habits) for habits in fleet]
    for session in sessions:
        delivery = senders[session.sender].deliver(world, session)
        if delivery is not None:
            yield fleet[session.sender], delivery


def live(seed, noon):
    story = tell(seed, noon)
    world = story.world
    rng = random.Random(f"traffic {seed}")
    fleet = fleet_of(rng)
    sessions = sessions_of(story, len(fleet), rng)
    before = [one for one in sessions if one.time < story.asked_at]
    after = [one for one in sessions if story.asked_at <= one.time < story.end]

    days = collections.defaultdict(list)
    for habits, delivery in send(world, fleet, before):
        days[habits, day_of(delivery.time)].append(delivery)

    written = []
    would_refuse, under_sts = {}, {}
    for (habits, day), deliveries in days.items():
        midnight = int(datetime.datetime.combine(day, datetime.time(), UTC).timestamp())
        arrival = midnight + DAY + rng.randrange(*REPORT_AFTER)
        if arrival >= story.asked_at or rng.random() < LOST_REPORTS:
            continue
        written.append((arrival, habits.reporter, report_of(
            habits, world.domain, day, deliveries, world.has_tlsa)))
        would_refuse[habits.reporter, day] = []
        under_sts[habits.reporter, day] = sum(
            one.policy is not None or bool(one.retrieval) for one in deliveries)
    written.sort(key=lambda one: one[0])

    # The same sessions, had the policy said `enforce`.
    for habits, delivery in send(world.enforcing(), fleet, before):
        day = day_of(delivery.time)
        if (habits.reporter, day) in would_refuse:
            would_refuse[habits.reporter, day] += [
                told(habits, attempt)
                for attempt in delivery.refused(habits.falls_back)]

    looks = [look_at(world, time, rng) for time in story.looks_at()]
    return Life(story, [one[1:] for one in written], looks, would_refuse, under_sts,
                week_of(story, fleet, after))


def week_of(story, fleet, sessions):
    """What is published says `enforce` now; no sender has that policy yet."""
    count = refused = 0
    refusals = []
    for habits, delivery in send(story.world.enforcing(), fleet, sessions):
        count += 1
        first = delivery.refused(habits.falls_back)
        refused += bool(first)
        refusals += [Refusal(delivery.time, habits.reporter, one.mx, one.problem)
                     for one in first]
    return Week(count, refused, tuple(refusals))
