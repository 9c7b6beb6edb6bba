"""Reports and report mails as senders make them, each with a report-id of its own."""

import base64
import datetime
import gzip
import itertools
import json

UTC = datetime.timezone.utc

# organization-name, contact-info, From
REPORTERS = {
    "google.com": ("Google Inc.", "smtp-tls-reporting@google.com",
                   "noreply-smtp-tls-reporting@google.com"),
    "microsoft.com": ("Microsoft Corporation", "tlsrpt-noreply@microsoft.com",
                      "tlsrpt-noreply@microsoft.com"),
    "mail.ru": ("Mail.ru", "tls_support@corp.mail.ru",
                "noreply-smtp-tls-reporting@corp.mail.ru"),
    "sender.example": ("Sender", "postmaster@sender.example",
                       "tlsrpt@sender.example"),
}

_numbers = itertools.count(1)


def new_id(prefix="report"):
    """A report-id that was not used before in this run."""
    return f"{prefix}-{next(_numbers)}@test.example"


def today():
    return datetime.datetime.now(UTC).date()


def days_ago(n):
    return today() - datetime.timedelta(days=n)


def yesterday():
    return days_ago(1)


def window(days=14):
    """The days of the readiness window: it ends with the day before yesterday."""
    return [days_ago(1 + n) for n in range(days, 0, -1)]


def policy(policy_type, domain, success=10, failure=0, details=(), **members):
    """One entry of "policies"."""
    entry = {
        "policy": {"policy-type": policy_type, "policy-domain": domain, **members},
        "summary": {
            "total-successful-session-count": success,
            "total-failure-session-count": failure,
        },
    }
    if details:
        entry["failure-details"] = list(details)
    return entry


def sts(domain, success=10, failure=0, details=(), mode="testing", mx=None):
    mx = mx or [f"mx1.{domain}"]
    lines = (["version: STSv1", f"mode: {mode}"] + [f"mx: {host}" for host in mx]
             + ["max_age: 86400"])
    return policy("sts", domain, success, failure, details,
                  **{"policy-string": lines, "mx-host": mx})


def detail(result_type, sessions=1, mx="mx1.firm.example", reason=None):
    found = {
        "result-type": result_type,
        "sending-mta-ip": "192.0.2.1",
        "receiving-mx-hostname": mx,
        "failed-session-count": sessions,
    }
    if reason:
        found["failure-reason-code"] = reason
    return found


def report(policies, report_id=None, day=None, reporter="google.com", **members):
    organisation, contact, _ = REPORTERS[reporter]
    day = day or yesterday()
    if isinstance(policies, dict):
        policies = [policies]
    return {
        "organization-name": organisation,
        "date-range": {"start-datetime": f"{day}T00:00:00Z",
                       "end-datetime": f"{day}T23:59:59Z"},
        "contact-info": contact,
        "report-id": report_id or new_id(),
        "policies": policies,
        **members,
    }


def mail(reports, domain="firm.example", reporter="google.com", payloads=None):
    """A report mail in Google's form; several reports make several parts.

    `payloads` are the bytes of the attachments, where they are not to be gzip of JSON.
    """
    if isinstance(reports, dict):
        reports = [reports]
    if payloads is None:
        payloads = [gzip.compress(json.dumps(one).encode()) for one in reports]
    day = yesterday()
    report_id = reports[0]["report-id"] if reports else new_id()
    sender = REPORTERS[reporter][2]
    boundary = "000000000000a8f4c2062e0b1c9d"
    lines = [
        f"Message-ID: <{report_id.replace(' ', '')}>",
        "TLS-Report-Domain: " + domain,
        "TLS-Report-Submitter: " + reporter,
        "Date: " + datetime.datetime.now(UTC).strftime("%a, %d %b %Y %H:%M:%S +0000"),
        f"Subject: Report Domain: {domain} Submitter: {reporter}",
        f" Report-ID: <{report_id}>",
        "From: " + sender,
        f"To: tlsrpt@{domain}",
        "MIME-Version: 1.0",
        f'Content-Type: multipart/report; boundary="{boundary}"; report-type=tlsrpt',
        "",
        "--" + boundary,
        'Content-Type: text/plain; charset="UTF-8"',
        "",
        f"This is an aggregate TLS report from {reporter}",
        "",
    ]
    for payload in payloads:
        name = f"{reporter}!{domain}!{day}!{day}!001.json.gz"
        body = base64.b64encode(payload).decode()
        lines += [
            "--" + boundary,
            f'Content-Type: application/tlsrpt+gzip; name="{name}"',
            f'Content-Disposition: attachment; filename="{name}"',
            "Content-Transfer-Encoding: base64",
            "",
        ] + [body[i:i + 76] for i in range(0, len(body), 76)]
    lines += ["--" + boundary + "--", ""]
    return "\r\n".join(lines).encode()


def plain_mail(subject="hello", to="postmaster@firm.example", text="Nothing special."):
    return "\r\n".join(["From: somebody@there.example", "To: " + to,
                        "Subject: " + subject, "", text, ""]).encode()


def write_json(folder, reports):
    """A file per report, for `import`; their paths."""
    folder.mkdir(exist_ok=True)
    folder.chmod(0o755)
    paths = []
    for one in reports:
        path = folder / f"{next(_numbers)}.json"
        path.write_text(json.dumps(one))
        paths.append(str(path))
    return paths
