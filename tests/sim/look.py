"""A look at the world as `ingest/probe` takes one: every address of every MX.

The form is that of store/model/observation_json.h.
"""

from world import (DAY, FETCHED, FETCH_ERROR, POLICY_INVALID, WEBPKI_INVALID, Certificate,
                   HOUR)

MICROSECONDS = 1_000_000


def look_at(world, time, rng):
    """The observation of `time`. `rng` picks the server of a pool that answers."""
    policy = world.policy.at(time)
    hosts = world.mx.at(time)
    return {
        "observed_at": time * MICROSECONDS,
        "complete": True,
        "mta_sts": txt([f"v=STSv1; id={policy.id};"] if policy else []),
        "smtp_tls": txt([f"v=TLSRPTv1; rua=mailto:tlsrpt@{world.domain}"]),
        "policy": fetch(world, policy, time),
        "mx": {"state": "found" if hosts else "absent", "implicit": False, "ttl": 300,
               "dnssec": world.has_tlsa, "problem": "",
               "hosts": [{"name": mx.name, "preference": mx.preference}
                         for mx in hosts]},
        "addresses": [probe(mx, address, address.server(rng.random()), time,
                            world.has_tlsa)
                      for mx in hosts for address in mx.addresses],
    }


def txt(records):
    return {"state": "found" if records else "absent", "records": records, "ttl": 300,
            "dnssec": False, "problem": ""}


def fetch(world, policy, time):
    host = f"mta-sts.{world.domain}"
    state = world.policy_host.at(time)
    lines = policy.lines() if policy and state != POLICY_INVALID else ["nothing here"]
    body = "".join(line + "\r\n" for line in lines)
    issued = time - 30 * DAY
    expires = time - HOUR if state == WEBPKI_INVALID else time + 60 * DAY
    assert state in (FETCHED, FETCH_ERROR, POLICY_INVALID, WEBPKI_INVALID)
    return {"outcome": "answered", "status": 404 if state == FETCH_ERROR else 200,
            "location": "", "content_type": "text/plain", "body_bytes": len(body),
            "body": body, "problem": "",
            "certificate": certificate(Certificate((host,), issued, expires), host)}


def probe(mx, address, server, time, has_tlsa):
    made = {"mx": mx.name, "address": address.ip, "outcome": "tls", "reply_code": 220,
            "tls_version": "1.3", "tlsa": "dane_ee" if has_tlsa else "none",
            "certificate": certificate(server.certificate.at(time), mx.name),
            "problem": ""}
    if not mx.up.at(time):
        made.update(outcome="refused", reply_code=0)
    elif not server.offers_starttls(time):
        made.update(outcome="starttls_missing", reply_code=250)
    if made["outcome"] != "tls":
        made.update(tls_version="unknown", certificate=None, tlsa="unknown")
    return made


def certificate(one, host):
    return {"trusted": one.trusted, "name_matches": one.names_host(host),
            "names": list(one.names), "issuer": "A CA",
            "not_before": one.not_before * MICROSECONDS,
            "not_after": one.not_after * MICROSECONDS, "problem": ""}
