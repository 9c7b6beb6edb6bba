-- 0008: how each domain stands, and how that changed.
-- Oldest program: 1
--
-- `domain_status` is a copy of the last answer about each domain, so that a question about
-- 100,000 of them reads one index and decides nothing. It is never the answer itself: that
-- is made from the evidence whenever somebody asks about one domain.
--
-- Locks: creates two tables, and an index of mx_host under a lock that lets no MX host in:
--        a second for a million. One row of `work` for each domain there is.
-- Down:  drop the two tables and the index; nothing else refers to them.

CREATE TABLE domain_status (
    evaluated_at      timestamptz NOT NULL,  -- by the clock of the worker
    -- When it is to be evaluated again although nothing came in: the window has moved by
    -- then, or a look at the live domain is too old.
    next_evaluation   timestamptz NOT NULL,
    changed_at        timestamptz NOT NULL,  -- since when verdict, health, confidence are so
    evidence_digest   uuid NOT NULL,
    evaluated_for     date NOT NULL,         -- the window's last day
    earliest_ready    date,
    policy_domain     text COLLATE "C" NOT NULL,
    verdict           text COLLATE "C" NOT NULL,
    health            text COLLATE "C" NOT NULL,  -- '' for all but enforcing
    confidence        text COLLATE "C" NOT NULL,  -- '' for all but ready
    basis             text COLLATE "C" NOT NULL,
    ruleset           text COLLATE "C" NOT NULL,
    sentence          text COLLATE "C" NOT NULL,
    -- Ids of the blocking criteria that fail, then of those that cannot be answered; and
    -- what the first of them says, '' without any.
    blocking          text[] COLLATE "C" NOT NULL,
    blocking_sentence text COLLATE "C" NOT NULL,

    CONSTRAINT domain_status_pk         PRIMARY KEY (policy_domain),
    CONSTRAINT domain_status_lower_case CHECK (policy_domain = lower(policy_domain)),
    CONSTRAINT domain_status_verdict    CHECK (verdict IN
        ('ready', 'not_ready', 'insufficient_evidence', 'enforcing', 'not_applicable')),
    CONSTRAINT domain_status_health     CHECK (health IN ('', 'ok', 'at_risk')),
    CONSTRAINT domain_status_confidence CHECK (confidence IN ('', 'normal', 'low')),
    CONSTRAINT domain_status_basis      CHECK (basis IN ('live', 'reports')),
    -- A row that says `ready` and names what stands in the way is a bug of ours.
    CONSTRAINT domain_status_ready      CHECK (verdict <> 'ready' OR blocking = '{}')
) WITH (fillfactor = 70);  -- rewritten every day: room for that beside the old row

-- "All that are ready", by name, a page at a time.
CREATE INDEX domain_status_by_verdict ON domain_status (verdict, policy_domain);
CREATE INDEX domain_status_next ON domain_status (next_evaluation);

-- Each change of verdict, health or confidence, for good: what was answered then, by which
-- rules, settings and evidence.
CREATE TABLE state_change (
    changed_at      timestamptz NOT NULL,
    change_no       bigint NOT NULL,  -- of the domain, from 1, without gaps
    evidence_digest uuid   NOT NULL,
    evaluated_for   date   NOT NULL,
    settings        jsonb  NOT NULL,  -- every number the rules were applied with
    policy_domain   text COLLATE "C" NOT NULL,
    old_verdict     text COLLATE "C" NOT NULL,  -- '' where it was not evaluated before
    old_health      text COLLATE "C" NOT NULL,
    old_confidence  text COLLATE "C" NOT NULL,
    new_verdict     text COLLATE "C" NOT NULL,
    new_health      text COLLATE "C" NOT NULL,
    new_confidence  text COLLATE "C" NOT NULL,
    basis           text COLLATE "C" NOT NULL,
    ruleset         text COLLATE "C" NOT NULL,
    sentence        text COLLATE "C" NOT NULL,
    blocking        text[] COLLATE "C" NOT NULL,

    -- Two workers cannot write one change twice: both would take the same number.
    CONSTRAINT state_change_pk         PRIMARY KEY (policy_domain, change_no),
    CONSTRAINT state_change_lower_case CHECK (policy_domain = lower(policy_domain)),
    CONSTRAINT state_change_no         CHECK (change_no >= 1),
    CONSTRAINT state_change_is_one     CHECK
        ((old_verdict, old_health, old_confidence)
         <> (new_verdict, new_health, new_confidence))
);
-- What happened lately, over all domains.
CREATE INDEX state_change_at ON state_change (changed_at);

-- Failures at an MX host concern the domains it serves: whose is it?
CREATE INDEX mx_host_by_host ON mx_host (mx_host, policy_domain);

-- What is there already has no status yet.
INSERT INTO work (domain, kind, not_before, generation, attempts)
SELECT domain, 'evaluate', now(), 1, 0 FROM domain WHERE domain NOT LIKE '.%'
ON CONFLICT (domain, kind) DO NOTHING;
