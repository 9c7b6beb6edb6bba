"""What happens to a domain, by the seed: a world with its history, and a week beyond.

Most domains are well kept. Some have an MX whose certificate expires or is somebody
else's, whose STARTTLS goes away, a policy that forgets an MX or cannot be fetched. Every
fourth has a fault that comes and goes instead: no look and no report need ever meet it.
"""

import dataclasses
import random

from world import (DAY, FETCH_ERROR, FETCHED, HOUR, POLICY_INVALID, WEBPKI_INVALID,
                   Address, Certificate, Mx, Policy, Server, World)

WEEK = 7 * DAY
LONG_LIFE = 90 * DAY
SHORT_LIFE = 6 * DAY
RENEW_AT = 0.6        # of a certificate's life; ACME clients do it with a third left
# Looks are taken this long before the question, and at the same time of every day before.
LOOK_BEFORE = 5 * 60


@dataclasses.dataclass(frozen=True)
class Story:
    seed: int
    world: World
    begin: int         # senders write to the domain from here on
    asked_at: int      # when the question is asked
    intermittent: bool

    @property
    def end(self):
        return self.asked_at + WEEK

    def looks_at(self):
        """The times of the looks, oldest first; the last one is the verdict's."""
        newest = self.asked_at - LOOK_BEFORE
        return range(newest - (newest - self.begin) // DAY * DAY, newest + 1, DAY)

    def broken_after_the_look(self):
        """When something first changed for which the verdict is not to blame; or None."""
        newest = self.asked_at - LOOK_BEFORE
        return min((time for time, _ in self.world.changes if newest < time < self.end),
                   default=None)


class Teller:
    def __init__(self, seed, noon):
        self.rng = random.Random(f"tlsrptd {seed}")
        self.seed = seed
        self.asked_at = noon + self.rng.randrange(-2 * HOUR, 4 * HOUR)
        days = self.rng.choice([14, 17, 19, 21, 24, 28, 32, 34])
        self.begin = (self.asked_at // DAY - days) * DAY
        self.end = self.asked_at + WEEK
        self.world = World(f"d{seed:04}.example")
        self.intermittent = seed % 4 == 3
        self.next_id = 0

    def tell(self):
        self.found()
        if self.intermittent:
            self.intermittent_fault()
        else:
            self.steady_faults()
        return Story(self.seed, self.world, self.begin, self.asked_at, self.intermittent)

    def steady_faults(self):
        for _ in range(self.rng.choice([0, 0, 0, 1, 1, 2])):
            self.fault(self.begin, self.asked_at, self.rng.choice(
                [6 * HOUR, DAY, 3 * DAY, 8 * DAY, 60 * DAY]))
        if self.rng.random() < 0.3:
            self.development(self.begin, self.asked_at)
        if self.rng.random() < 0.3:
            self.fault(self.asked_at, self.end, 3 * DAY)
        if self.rng.random() < 0.1:
            self.development(self.asked_at, self.end)
        if self.rng.random() < 0.15:
            self.runs_out()

    # How it stands before anything happens.

    def found(self):
        count = self.rng.choice([1, 1, 2, 2, 3])
        level = self.rng.random() < 0.5
        self.world.mx.values[0] = tuple(
            self.new_mx(f"mx{n + 1}", 10 if level else 10 * (n + 1))
            for n in range(count))
        self.world.has_tlsa = self.rng.random() < 0.3
        self.wildcard = self.rng.random() < 0.3
        self.max_age = self.rng.choice([DAY, WEEK, 14 * DAY, 31 * DAY])
        testing_from = self.begin + self.rng.choice([0, 0, 0, DAY, 4 * DAY])
        self.publish(testing_from, self.patterns_at(testing_from))

    def new_mx(self, label, preference):
        name = f"{label}.{self.world.domain}"
        life = self.rng.choice([LONG_LIFE, LONG_LIFE, SHORT_LIFE])
        addresses = [Address(f"192.0.2.{self.rng.randrange(1, 255)}",
                             [self.new_server(name, life)])
                     for _ in range(self.rng.choice([1, 1, 2]))]
        return Mx(name, preference, addresses)

    def new_server(self, name, life):
        """Renewed by itself, for as long as anybody looks."""
        # A wildcard is one label; a host that is deeper down it does not name.
        names = (self.rng.choice([name, name, "*." + self.world.domain]),)
        issued = self.begin - self.rng.randrange(int(RENEW_AT * life))
        server = Server(Certificate(names, issued, issued + life))
        while issued < self.end:
            issued += int(RENEW_AT * life)
            server.certificate.set(issued, Certificate(names, issued, issued + life))
        return server

    def patterns_at(self, time):
        if self.wildcard:
            return ("*." + self.world.domain,)
        return tuple(mx.name for mx in self.world.mx.at(time))

    def publish(self, time, patterns, fresh_id=True):
        before = self.world.policy.at(time)
        if fresh_id or before is None:
            self.next_id += 1
        self.world.policy.set(time, Policy(f"{self.next_id:04}", "testing", self.max_age,
                                           tuple(patterns)))

    # What goes wrong.

    def fault(self, earliest, latest, at_most):
        rng, world = self.rng, self.world
        begin = rng.randrange(earliest + HOUR, latest)
        end = begin + rng.randrange(HOUR, at_most + 2 * HOUR)
        mx = rng.choice(world.mx.at(begin))
        kind = rng.choice([self.expires, self.expires, self.renewal_stops, self.misnamed,
                           self.untrusted, self.no_starttls, self.no_starttls,
                           self.uncovered, self.policy_away, self.host_down])
        kind(mx, begin, end)

    def certificates(self, mx, begin, end, change):
        """At one of its addresses, or at all of them."""
        servers = mx.servers()
        for server in servers if self.rng.random() < 0.5 else servers[:1]:
            server.certificate.during(begin, end, change(server.certificate.at(begin)))

    def expires(self, mx, begin, end):
        """Nobody renewed it. Whoever looks at it can see the day coming, so that it is
        never a change."""
        self.world.events.append((begin, f"the certificate of {mx.name} expires"))
        self.certificates(mx, begin - 20 * DAY, end, lambda one: dataclasses.replace(
            one, not_before=begin - LONG_LIFE, not_after=begin))

    def runs_out(self):
        """A certificate that expires around the end of the week: inside it, which a look
        must tell, or just after."""
        begin = self.asked_at + self.rng.randrange(4 * DAY, 10 * DAY)
        self.expires(self.rng.choice(self.world.mx.at(self.asked_at)), begin, begin + DAY)

    def renewal_stops(self, mx, begin, end):
        """Of a certificate that lives for days: what should come at `begin` does not."""
        self.world.tell(begin, f"short-lived certificates of {mx.name} are not renewed")
        issued = begin - int(RENEW_AT * SHORT_LIFE)
        self.certificates(mx, begin, end, lambda one: dataclasses.replace(
            one, not_before=issued, not_after=issued + SHORT_LIFE))

    def misnamed(self, mx, begin, end):
        self.world.tell(begin, f"{mx.name} shows the certificate of another host")
        self.certificates(mx, begin, end, lambda one: dataclasses.replace(
            one, names=(f"www.{self.world.domain}",)))

    def untrusted(self, mx, begin, end):
        self.world.tell(begin, f"{mx.name} shows a self-signed certificate")
        self.certificates(mx, begin, end,
                          lambda one: dataclasses.replace(one, trusted=False))

    def no_starttls(self, mx, begin, end):
        self.world.tell(begin, f"STARTTLS of {mx.name} goes away")
        servers = mx.servers()
        for server in servers if self.rng.random() < 0.5 else servers[:1]:
            server.starttls.during(begin, end, False)

    def uncovered(self, mx, begin, end):
        """The policy forgets the MX, under a fresh id."""
        if self.world.policy.at(begin) is None:
            return
        self.world.tell(begin, f"the policy no longer names {mx.name}")
        self.world.policy.times = [t for t in self.world.policy.times if t <= begin]
        del self.world.policy.values[len(self.world.policy.times) + 1:]
        others = [other.name for other in self.world.mx.at(begin) if other is not mx]
        self.publish(begin, others or [f"old.{self.world.domain}"])
        self.publish(end, self.patterns_at(end))

    def policy_away(self, mx, begin, end):
        what = self.rng.choice([FETCH_ERROR, POLICY_INVALID, WEBPKI_INVALID])
        self.world.tell(begin, f"the policy cannot be had: {what}")
        self.world.policy_host.during(begin, end, what)
        assert self.world.policy_host.values[0] == FETCHED

    def host_down(self, mx, begin, end):
        self.world.tell(begin, f"{mx.name} does not answer")
        mx.up.during(begin, end, False)

    # What is done on purpose.

    def development(self, earliest, latest):
        rng, world = self.rng, self.world
        time = rng.randrange(earliest + HOUR, latest)
        hosts = world.mx.at(time)
        kind = rng.choice(["added", "added late", "added under an old id", "dropped",
                           "max_age"])
        world.tell(time, f"rebuilt: {kind}")
        if kind == "max_age":
            self.max_age = rng.choice([DAY, WEEK])
            self.publish(time, self.patterns_at(time))
        elif kind == "dropped":
            if len(hosts) > 1:
                world.mx.set(time, hosts[:-1])
                self.publish(time, self.patterns_at(time))
        else:
            label = rng.choice(["new", "new", "new.eu"])
            world.mx.set(time, hosts + (self.new_mx(label, 10),))
            named = time if kind != "added late" else time + DAY
            self.publish(named, self.patterns_at(named),
                         fresh_id=kind != "added under an old id")

    # What comes and goes.

    def intermittent_fault(self):
        """One server of a pool, or STARTTLS that a busy server withholds."""
        rng = self.rng
        mx = rng.choice(self.world.mx.at(self.begin))
        address = rng.choice(mx.addresses)
        if rng.random() < 0.5:
            size = rng.choice([4, 20, 100, 400])
            good = address.servers[0]
            bad = self.new_server(mx.name, LONG_LIFE)
            bad.certificate.values = [
                dataclasses.replace(one, names=(f"old.{self.world.domain}",))
                for one in bad.certificate.values]
            address.servers = [bad] + [good] * (size - 1)
            self.world.events.append((self.begin, f"one of {size} servers of {mx.name} "
                                                  "has a certificate of another host"))
        else:
            period = rng.choice([HOUR, DAY])
            off = max(1, int(period * rng.choice([0.0005, 0.002, 0.01, 0.05])))
            address.servers[0].flaps = (period, off, rng.randrange(period))
            self.world.events.append((self.begin, f"STARTTLS of {mx.name} goes away for "
                                                  f"{off} s in {period} s"))


def tell(seed, noon):
    """The story of a seed; `noon` is about when the question is asked."""
    return Teller(seed, noon).tell()
