"""`tlsrptd reporter`: who is counted, from when on, and what the list says of each."""

import json

import reports
from reports import days_ago, sts, window

INSUFFICIENT = 2


def listed(daemon, domain, *words):
    found = json.loads(daemon.cli("reporter", "list", "--json", "--on", domain, *words))
    return {one["reporter"]: one for one in found}


def load(daemon, files):
    return daemon.cli("import", "--vouch", *reports.write_json(daemon.base / "files", files))


def test_an_added_reporter_clears_a_domain(shared, domain):
    """Two reporters are needed; the second is one that the administrator knows."""
    days = window(15)
    load(shared, [reports.report(sts(domain, 50), day=day, reporter=who)
                  for day in days for who in ("google.com", "sender.example")])
    status, verdict = shared.readiness(domain, "--reports-only")
    assert status == INSUFFICIENT
    before = listed(shared, domain)
    assert before["google.com"]["counted"] and not before["sender.example"]["counted"]
    assert any("reporter add" in one for one in before["sender.example"]["remarks"])

    shared.cli("reporter", "add", "sender.example", "--from", "tlsrpt@sender.example")
    assert shared.readiness(domain, "--reports-only")[0] == 0
    after = listed(shared, domain)["sender.example"]
    assert after["counted"] and after["remarks"] == []
    assert (after["reports"], after["days"], after["sessions"]) == (13, 13, 13 * 50)
    assert after["provenance"] == ["operator"]


def test_names_that_cannot_be_right(shared):
    for words, said in ((["add", "mail.sender.example", "--from", "a@sender.example"],
                         "sender.example"),
                        (["add", "co.uk", "--from", "a@co.uk"], "public suffix"),
                        (["add", "sender.example", "--from", "a@other.example"],
                         "is not of sender.example"),
                        (["mute", "sender.example", "--until", "soon", "--why", "x"],
                         "--until soon"),
                        (["mute", "sender.example", "--until", str(days_ago(-200)),
                          "--why", "x"], "90 days"),
                        (["mute", "sender.example", "--until", str(days_ago(2)), "--why",
                          "x"], "past")):
        done = shared.run("reporter", *words)
        assert done.returncode == 64 and said in done.stderr.decode(), (words, done)


def test_flags_before_the_name(shared):
    """Each takes one value, and may be given again."""
    shared.cli("reporter", "add", "--signed-by", "mail.flags.example", "--signed-by",
               "flags.example", "--from", "a@flags.example", "flags.example")
    assert shared.rows("SELECT signing_domains FROM reporter WHERE reporter = %s",
                       "flags.example") == [(["mail.flags.example", "flags.example"],)]


def test_a_mute_takes_successes_too(shared, domain):
    load(shared, [reports.report(sts(domain, 50), day=day, reporter=who)
                  for day in window(15) for who in ("google.com", "microsoft.com")])
    assert shared.readiness(domain, "--reports-only")[0] == 0
    shared.cli("reporter", "mute", "microsoft.com", "--until", str(days_ago(-10)),
               "--why", "counts sessions twice", "--who", "postmaster")
    try:
        status, verdict = shared.readiness(domain, "--reports-only")
        assert status == INSUFFICIENT
        assert [(one["reporter"], one["who"], one["why"]) for one in verdict["mutes"]] == [
            ("microsoft.com", "postmaster", "counts sessions twice")]
        remarks = listed(shared, domain)["microsoft.com"]["remarks"]
        assert remarks == [f"muted until {days_ago(-10)} by postmaster: "
                           "counts sessions twice"]
    finally:
        shared.cli("reporter", "unmute", "microsoft.com")
    assert shared.readiness(domain, "--reports-only")[0] == 0


def test_a_report_loop_is_said_and_counts(shared, domain):
    load(shared, [reports.report(sts(domain, 1), day=day, reporter="google.com")
                  for day in window(14)])
    found = listed(shared, domain)["google.com"]
    assert found["report_loop"] and "may be report mail only (a report loop)" in (
        found["remarks"])
    assert found["sessions"] == found["reports"], "nothing is left out"


def test_counted_reporters_that_are_silent_are_listed(shared, domain):
    found = listed(shared, domain)
    for name in ("google.com", "microsoft.com", "mail.ru", "comcast.net"):
        assert found[name]["counted"] and found[name]["reports"] == 0
    text = shared.cli("reporter", "list", "--on", domain)
    assert "comcast.net" in text and "no report in 14 days" in text
