"""What a look at the live domain found, put where `ingest/probe` would put it."""

import datetime
import json
import uuid

UTC = datetime.timezone.utc


def now():
    return datetime.datetime.now(UTC)


def micros(time):
    return round(time.timestamp() * 1_000_000)


def certificate(*names, at, **members):
    return {"trusted": True, "name_matches": True, "names": list(names),
            "issuer": "CN=Some CA", "not_before": micros(at - datetime.timedelta(days=20)),
            "not_after": micros(at + datetime.timedelta(days=70)), "problem": "",
            **members}


def look(domain, at=None, mode="testing", **members):
    """A domain in order with one MX: the document of an observation."""
    at = at or now()
    mx = f"mx1.{domain}"
    body = f"version: STSv1\r\nmode: {mode}\r\nmx: {mx}\r\nmax_age: 86400\r\n"
    return {
        "observed_at": micros(at),
        "complete": True,
        "mta_sts": {"state": "found", "records": ["v=STSv1; id=20260101T000000;"],
                    "ttl": 300, "dnssec": False, "problem": ""},
        "smtp_tls": {"state": "found",
                     "records": [f"v=TLSRPTv1; rua=mailto:tlsrpt@{domain}"],
                     "ttl": 300, "dnssec": False, "problem": ""},
        "policy": {"outcome": "answered", "status": 200, "location": "",
                   "content_type": "text/plain", "body_bytes": len(body), "body": body,
                   "certificate": certificate(f"mta-sts.{domain}", at=at), "problem": ""},
        "mx": {"state": "found", "hosts": [{"name": mx, "preference": 10}],
               "implicit": False, "ttl": 300, "dnssec": False, "problem": ""},
        "addresses": [{"mx": mx, "address": "192.0.2.1", "outcome": "tls",
                       "reply_code": 220, "tls_version": "1.3", "tlsa": "none",
                       "certificate": certificate(mx, at=at), "problem": ""}],
        **members,
    }


def insert(daemon, domain, document, at=None):
    """Stores it; `document` may be text that is no look. `at`: what its row says."""
    if at is None:
        at = datetime.datetime.fromtimestamp(document["observed_at"] / 1_000_000, UTC)
    text = document if isinstance(document, str) else json.dumps(document)
    with daemon.connect() as connection, connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO tlsrptd.observation (policy_domain, observed_at, observed_on,"
            " complete, node, content_hash, document) VALUES (%s, %s, %s, true, 'test',"
            " %s, %s)", (domain, at, at.date(), str(uuid.uuid4()), text))
    connection.close()
