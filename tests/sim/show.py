#!/usr/bin/env python3
"""Tells the life of a seed without a daemon: show.py SEED [SEED...]"""

import datetime
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "system"))

from life import UTC, day_of, live  # noqa: E402
from world import DAY  # noqa: E402


def text_of(time):
    return datetime.datetime.fromtimestamp(time, UTC).strftime("%Y-%m-%d %H:%M:%S")


def show(seed, noon):
    life = live(seed, noon)
    story, world = life.story, life.story.world
    print(f"seed {seed}: {life.domain}, sessions from {text_of(story.begin)}, asked at "
          f"{text_of(story.asked_at)}" + (", with a fault that comes and goes"
                                          if story.intermittent else ""))
    for mx in world.mx.at(story.begin):
        print(f"  MX {mx.preference} {mx.name}: "
              + ", ".join(f"{address.ip} ({len(address.servers)})"
                          for address in mx.addresses))
    told = list(world.events) + [
        (time, "publishes " + ("; ".join(policy.lines()) + f" (id {policy.id})"))
        for time, policy in zip([story.begin] + world.policy.times, world.policy.values)
        if policy is not None]
    for time, what in sorted(told):
        print(f"  {text_of(time)}  {what}")
    everything = life.expected(day_of(0), day_of(story.end))
    print(f"  {len(life.reports)} reports, {everything.sessions} sessions; enforce would "
          f"have refused {everything.refusals}")
    for name in ("by_reporter", "by_mx", "by_result_type", "by_day"):
        counts = getattr(everything, name)
        if counts:
            print(f"    {name}: " + ", ".join(f"{key or '(none)'} {n}"
                                              for key, n in sorted(counts.items())))
    print(f"  the week after: {life.week.sessions} sessions, "
          f"{life.week.refused_sessions} refused")
    for time, reporter, mx, problem in life.week.refusals[:10]:
        print(f"    {text_of(time)}  {reporter} at {mx}: {problem}")


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    today = datetime.datetime.now(UTC).replace(hour=12, minute=0, second=0,
                                               microsecond=0)
    for word in sys.argv[1:]:
        show(int(word), int(today.timestamp()) - DAY)
