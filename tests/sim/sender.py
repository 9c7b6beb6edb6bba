"""A sender that honours MTA-STS: which policy it goes by, which MX it tries, what it does.

Where the RFC leaves a choice, a habit makes it. A sender remembers nothing but its
policies, so that the same sessions can be sent again through another world.
"""

import dataclasses

from world import DAY, FETCHED, HOUR

# After a fetch that failed; sooner would be a burden to the policy host (RFC 8461, 3.3).
FETCH_AGAIN = 5 * 60


@dataclasses.dataclass(frozen=True)
class Habits:
    """How a sender behaves, and how it tells what it met."""
    reporter: str
    honours_sts: bool = True
    machines: int = 1          # each with a policy cache of its own
    recheck: int = HOUR        # between two looks at the TXT record
    refresh: int = DAY         # fetches a policy this old anew (RFC 8461, 3.3); 0: never
    falls_back: bool = False   # in testing: tries the next MX rather than send in clear
    counted: bool = True       # its successes may clear a domain
    # Of its reports.
    hides_mx: bool = False     # names no MX that the policy does not cover
    tells_details: bool = True  # else its failures stand in the summary alone
    splits: bool = False       # successes and failures in entries of their own
    doubles_tlsa: bool = False  # the same sessions once more under tlsa
    names_patterns: bool = True  # the member mx-host
    whole_days: bool = False   # a period that ends at the next midnight
    offset: str = "Z"          # of its times


@dataclasses.dataclass(frozen=True)
class Session:
    """One delivery that a sender begins, with the lots that decide where it lands."""
    time: int
    sender: int      # which of the fleet
    machine: float
    order: float     # among MX hosts of one preference
    address: float
    server: float


@dataclasses.dataclass(frozen=True)
class Attempt:
    """A connection to an MX that answered."""
    mx: str
    problem: str = ""  # result type of RFC 8460, 4.3; empty: a session as it should be
    reason: str = ""


@dataclasses.dataclass(frozen=True)
class Delivery:
    time: int
    policy: object      # the one that was applied, or None
    retrieval: str      # why there is none though there should be: a result type, or ""
    attempts: tuple

    def ended_well(self):
        return not self.attempts[-1].problem

    def refused(self, falls_back):
        """The first attempts that were refused. A sender that falls back in testing meets
        each MX once in any mode; all others meet the first MX that answers, and what
        `enforce` makes them try after it they would not have tried in testing."""
        if self.policy is None or self.policy.mode != "enforce":
            return ()
        tried = self.attempts if falls_back else self.attempts[:1]
        return tuple(one for one in tried if one.problem)


class Cache:
    """The policy that one machine holds (RFC 8461, 3.3 and 5.1)."""

    def __init__(self):
        self.policy = None
        self.failure = ""  # of the last fetch
        self.fetched_at = self.expires_at = self.look_again_at = 0

    def valid(self, time):
        return self.policy is not None and time < self.expires_at

    def answer(self, time):
        """The policy to apply, and why there is none where one should be."""
        if not self.valid(time):
            # RFC 8461, 3.3: as though it had not implemented MTA-STS.
            return None, self.failure
        # RFC 8461, 5: `none` is as no policy.
        return (self.policy if self.policy.mode != "none" else None), ""

    def keep(self, policy, time):
        self.policy, self.failure = policy, ""
        self.fetched_at, self.expires_at = time, time + policy.max_age


class Sender:
    def __init__(self, habits):
        self.habits = habits
        self.caches = [Cache() for _ in range(habits.machines)]

    def deliver(self, world, session):
        """What became of it; None where no MX answered, so that there is no session."""
        policy, retrieval = None, ""
        if self.habits.honours_sts:
            cache = self.caches[int(session.machine * len(self.caches))]
            policy, retrieval = self.discover(cache, world, session.time)
        attempts = []
        for mx in candidates(world, session):
            if not mx.up.at(session.time):
                continue  # RFC 5321, 5.1: the next one
            server = mx.address(session.address).server(session.server)
            problem, reason = judge(policy, mx.name, server, session.time)
            attempts.append(Attempt(mx.name, problem, reason))
            if not problem:
                break
            if policy is not None and policy.mode == "enforce":
                continue  # RFC 8461, 5: not to this host
            if not self.habits.falls_back:
                break     # RFC 8461, 5: testing, so it is delivered all the same
        if not attempts:
            return None
        return Delivery(session.time, policy, retrieval, tuple(attempts))

    def discover(self, cache, world, time):
        """What Cache.answer() says once `cache` is as new as this sender wants it."""
        if time < cache.look_again_at and (cache.valid(time) or cache.failure):
            return cache.answer(time)
        published = world.policy.at(time)
        if published is None:
            # No TXT record does not end a cached policy (RFC 8461, 3.1).
            cache.failure = ""
            return cache.answer(time)
        cache.failure = ""
        old = self.habits.refresh and time - cache.fetched_at >= self.habits.refresh
        if not cache.valid(time) or cache.policy.id != published.id or old:
            cache.failure = world.policy_host.at(time)
            if cache.failure == FETCHED:
                cache.keep(published, time)
        cache.look_again_at = time + (FETCH_AGAIN if cache.failure else
                                      self.habits.recheck)
        return cache.answer(time)


def candidates(world, session):
    """RFC 5321, 5.1: by preference; lots among equals."""
    hosts = world.mx.at(session.time)
    turn = int(session.order * len(hosts)) if hosts else 0
    return sorted(hosts[turn:] + hosts[:turn], key=lambda mx: mx.preference)


def judge(policy, host, server, time):
    """What is wrong with a session under `policy`: result type and reason, or two empties."""
    if policy is not None and not policy.covers(host):
        return "validation-failure", "mx-mismatch"  # RFC 8461, 4.1
    if not server.offers_starttls(time):
        return "starttls-not-supported", ""         # RFC 8460, 4.3.1
    if policy is None:
        return "", ""  # opportunistic TLS asks for no name and no date (RFC 7435, 3)
    certificate = server.certificate.at(time)       # RFC 8461, 4.2
    if not certificate.trusted:
        return "certificate-not-trusted", ""
    if not certificate.names_host(host):
        return "certificate-host-mismatch", ""
    if not certificate.valid_at(time):
        return "certificate-expired", ""
    return "", ""


# The fleet: how the senders that are known to report behave, as far as their reports
# show it, and two that are made up. Caches and rechecks are guesses.
GOOGLE = Habits("google.com", machines=3, splits=True)
MICROSOFT = Habits("microsoft.com", machines=2, recheck=6 * HOUR, refresh=7 * DAY,
                   doubles_tlsa=True, hides_mx=True, names_patterns=False, offset="")
MAIL_RU = Habits("mail.ru", falls_back=True, refresh=0, recheck=12 * HOUR,
                 whole_days=True)
TERSE = Habits("sender.example", counted=False, tells_details=False)
WITHOUT_STS = Habits("sender.example", counted=False, honours_sts=False)
