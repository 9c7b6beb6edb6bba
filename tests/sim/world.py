"""What is true of a domain at a time: its MX hosts, their certificates, its policy.

Times are whole seconds since 1970, UTC. Nothing here draws lots: a story (story.py) has
set everything down beforehand, so that a world can be lived through twice.
"""

import bisect
import copy
import dataclasses

HOUR = 3600
DAY = 24 * HOUR


class Timeline:
    """A value that changes at known times; the first one holds since ever."""

    def __init__(self, first):
        self.times = []
        self.values = [first]

    def set(self, time, value):
        """From `time` on, whatever was said of later times before."""
        at = bisect.bisect_left(self.times, time)
        self.times[at:] = [time]
        self.values[at + 1:] = [value]

    def during(self, begin, end, value):
        """`value` from `begin` to `end`, what it was around it."""
        after = self.at(end)
        later = [(t, v) for t, v in zip(self.times, self.values[1:]) if t > end]
        self.set(begin, value)
        self.set(end, after)
        for time, then in later:
            self.set(time, then)

    def at(self, time):
        return self.values[bisect.bisect_right(self.times, time)]

    def map(self, change):
        made = Timeline(None)
        made.times = list(self.times)
        made.values = [change(value) for value in self.values]
        return made


@dataclasses.dataclass(frozen=True)
class Certificate:
    names: tuple
    not_before: int
    not_after: int
    trusted: bool = True  # a chain to a public root

    def valid_at(self, time):
        return self.not_before <= time < self.not_after

    def names_host(self, host):
        """A DNS-ID that matches; `*` is one label, the leftmost (RFC 8461, 4.2)."""
        return any(matches(host, name) for name in self.names)


def matches(host, pattern):
    """RFC 8461, 4.1."""
    if pattern.startswith("*."):
        return host.partition(".")[2] == pattern[2:]
    return host == pattern


@dataclasses.dataclass(frozen=True)
class Policy:
    """A policy file and the id that its TXT record has."""
    id: str
    mode: str
    max_age: int
    mx: tuple

    def lines(self):
        return (["version: STSv1", f"mode: {self.mode}"]
                + [f"mx: {pattern}" for pattern in self.mx]
                + [f"max_age: {self.max_age}"])

    def covers(self, host):
        return any(matches(host, pattern) for pattern in self.mx)


class Server:
    """What answers a connection: its certificate, and whether STARTTLS is offered."""

    def __init__(self, certificate):
        self.certificate = Timeline(certificate)
        self.starttls = Timeline(True)
        self.flaps = None  # (period, off, phase): STARTTLS is off so long in each period

    def offers_starttls(self, time):
        if self.flaps:
            period, off, phase = self.flaps
            if (time + phase) % period < off:
                return False
        return self.starttls.at(time)


class Address:
    """One address of an MX host, and the servers that share it."""

    def __init__(self, ip, servers):
        self.ip = ip
        self.servers = servers

    def server(self, lot):
        """The one that takes a connection; `lot` is from 0 to 1."""
        return self.servers[int(lot * len(self.servers))]


class Mx:
    def __init__(self, name, preference, addresses):
        self.name = name
        self.preference = preference
        self.addresses = addresses
        self.up = Timeline(True)

    def servers(self):
        return [server for address in self.addresses for server in address.servers]

    def address(self, lot):
        return self.addresses[int(lot * len(self.addresses))]


# What fetching the policy file comes to: a policy, or a result type of RFC 8460, 4.3.2.2.
FETCHED = "fetched"
FETCH_ERROR = "sts-policy-fetch-error"
POLICY_INVALID = "sts-policy-invalid"
WEBPKI_INVALID = "sts-webpki-invalid"


class World:
    def __init__(self, domain):
        self.domain = domain
        self.mx = Timeline(())                  # the MX hosts
        self.policy = Timeline(None)            # what is published; None: no TXT record
        self.policy_host = Timeline(FETCHED)
        self.has_tlsa = False
        self.events = []                        # (time, what happened), for people
        self.changes = []                       # (time, what broke or was rebuilt)

    def tell(self, time, text):
        """Something that nobody could foresee."""
        self.events.append((time, text))
        self.changes.append((time, text))

    def enforcing(self):
        """The same world, had it published `enforce` wherever it published `testing`,
        each time under an id that is new."""
        twin = copy.copy(self)
        twin.policy = self.policy.map(enforced)
        return twin


def enforced(policy):
    if policy is None or policy.mode != "testing":
        return policy
    return dataclasses.replace(policy, mode="enforce", id=policy.id + "e")
