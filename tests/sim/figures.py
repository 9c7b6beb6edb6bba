"""How much a week under enforce refuses after `ready`, beside what the verdict said may
have been missed. For people: docs/simulation.md."""

import collections


def lines(lived):
    """What became of the seeds, and each ready one with a fault that comes and goes."""
    for intermittent in (False, True):
        some = [one for one in lived if one.life.story.intermittent == intermittent]
        kinds = collections.Counter(one.verdict["verdict"] for one in some)
        yield (f"{'intermittent' if intermittent else 'steady'}, {len(some)} seeds: "
               + ", ".join(f"{n} {kind}" for kind, n in kinds.most_common()))
        yield "  after ready: " + week_text([one for one in some if one.is_ready()])
        yield "  after ready by reports alone: " + week_text(
            [one for one in some if one.by_reports["verdict"] == "ready"])
    for one in lived:
        if one.life.story.intermittent and one.is_ready():
            yield row(one)


def share_of(life):
    return life.week.refused_sessions / max(life.week.sessions, 1)


def bound_of(asked):
    return asked.verdict["replay"]["upper_bound_95"]["share"]


def week_text(ready):
    """Of the domains at which nothing changed: what was refused, and the bounds."""
    kept = [one for one in ready if one.life.story.broken_after_the_look() is None]
    sessions = sum(one.life.week.sessions for one in kept)
    refused = sum(one.life.week.refused_sessions for one in kept)
    hit = sum(one.life.week.refused_sessions > 0 for one in kept)
    over = sum(share_of(one.life) > bound_of(one) for one in kept)
    bound = sum(bound_of(one) for one in kept) / max(len(kept), 1)
    return (f"{len(ready)} domains, {len(ready) - len(kept)} of them changed after the "
            f"look; at the others {refused} of {sessions} sessions refused "
            f"({100 * refused / max(sessions, 1):.3f} %), at {hit} domains, at {over} a "
            f"larger share than the bound ({100 * bound:.2f} % on average)")


def row(one):
    changed = one.life.story.broken_after_the_look() is not None
    week = one.life.week
    return (f"  seed {one.life.story.seed}: bound {100 * bound_of(one):.2f} %, refused "
            f"{100 * share_of(one.life):.2f} % ({week.refused_sessions} of "
            f"{week.sessions})" + (", changed after the look" if changed else ""))
