"""What a sender tells of a day, in RFC 8460's JSON, with its own ways of telling it."""

import collections
import datetime

import reports

UTC = datetime.timezone.utc
UNEXPLAINED = "unexplained"  # how tlsrptd calls a failure that stands in the summary alone


def told(habits, attempt):
    """The result type and the MX under which a reader of the report finds a failure."""
    if not habits.tells_details:
        return UNEXPLAINED, ""
    hidden = habits.hides_mx and attempt.problem == "validation-failure"
    return attempt.problem, "" if hidden else attempt.mx


def report_of(habits, domain, day, deliveries, has_tlsa):
    """The report of one UTC day (a date), about at least one session."""
    groups = collections.defaultdict(list)
    for one in deliveries:
        groups[one.policy, one.retrieval].append(one)
    policies = []
    for (policy, retrieval), members in groups.items():
        if retrieval:
            policies.append(reports.policy("sts", domain, 0, len(members), [
                detail(retrieval, "", len(members))]))
        elif policy is None:
            policies += entries(habits, members, "no-policy-found", domain)
        else:
            text = {"policy-string": policy.lines()}
            if habits.names_patterns:
                text["mx-host"] = list(policy.mx)
            policies += entries(habits, members, "sts", domain, **text)
    if habits.doubles_tlsa and has_tlsa:
        policies.append(tlsa_entry(domain, deliveries))
    return reports.report(policies, day=day, reporter=habits.reporter,
                          **{"date-range": period_of(habits, day)})


def period_of(habits, day):
    end = day if not habits.whole_days else day + datetime.timedelta(days=1)
    clock = "23:59:59" if not habits.whole_days else "00:00:00"
    return {"start-datetime": f"{day}T00:00:00{habits.offset}",
            "end-datetime": f"{end}T{clock}{habits.offset}"}


def entries(habits, deliveries, policy_type, domain, **text):
    """The sessions under one policy, as one entry of "policies" or as two."""
    well = sum(one.ended_well() for one in deliveries)
    badly = len(deliveries) - well
    failures = collections.Counter()
    for one in deliveries:
        for attempt in one.attempts:
            if attempt.problem:
                failures[told(habits, attempt), attempt.reason] += 1
    details = [detail(problem, mx, sessions, reason)
               for ((problem, mx), reason), sessions in failures.items()
               if habits.tells_details]
    if habits.splits and well and badly:
        return [reports.policy(policy_type, domain, well, 0, **text),
                reports.policy(policy_type, domain, 0, badly, details, **text)]
    return [reports.policy(policy_type, domain, well, badly, details, **text)]


def tlsa_entry(domain, deliveries):
    """The same sessions seen by DANE: the records match, whatever name and date say."""
    stripped = collections.Counter(
        attempt.mx for one in deliveries for attempt in one.attempts[:1]
        if attempt.problem == "starttls-not-supported")
    failed = sum(stripped.values())
    return reports.policy(
        "tlsa", domain, len(deliveries) - failed, failed,
        [detail("starttls-not-supported", mx, n) for mx, n in stripped.items()],
        **{"policy-string": ["3 1 1 " + "ab" * 32]})


def detail(problem, mx, sessions, reason=""):
    made = reports.detail(problem, sessions, mx, reason or None)
    if not mx:
        del made["receiving-mx-hostname"]
    return made
