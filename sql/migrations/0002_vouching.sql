-- 0002: who vouches for each report, how that is known, and who is counted.
-- Oldest program: 1
--
-- `report` gets what the signature said, so that provenance can be looked at and judged
-- later, when the key is gone from DNS. `reporter` extends the shipped profiles of
-- counted reporters, `mute` takes one out of account for a while.
--
-- Locks: ACCESS EXCLUSIVE on report and receipt, for moments: a column with a constant
--        default rewrites nothing. The two indexes are partial, over rows that no
--        earlier program wrote, but building them reads the tables once.
-- Down:  none.

ALTER TABLE report
    ADD COLUMN key_bits       integer NOT NULL DEFAULT 0,
    -- The mail is from an address that its reporter's profile has; true where there was
    -- no mail. Without it a report does not count for a counted reporter.
    ADD COLUMN from_known     boolean NOT NULL DEFAULT true,
    ADD COLUMN dnssec         boolean NOT NULL DEFAULT false,  -- of the key record
    ADD COLUMN tlsrpt_key     boolean NOT NULL DEFAULT false,  -- s=tlsrpt in it
    ADD COLUMN from_address   text COLLATE "C" NOT NULL DEFAULT '',
    ADD COLUMN signing_domain text COLLATE "C" NOT NULL DEFAULT '',  -- d=
    ADD COLUMN selector       text COLLATE "C" NOT NULL DEFAULT '',  -- s=
    ADD COLUMN algorithm      text COLLATE "C" NOT NULL DEFAULT '',  -- a=
    ADD COLUMN why_unvouched  text COLLATE "C" NOT NULL DEFAULT '',
    ADD CONSTRAINT report_key_bits CHECK (key_bits >= 0),
    ADD CONSTRAINT report_why_unvouched CHECK (NOT vouched OR why_unvouched = '');

-- Asked for every verdict, and nearly empty: reporters without a profile, and mails of
-- a counted reporter that are not from its address.
CREATE INDEX report_from_unknown ON report (policy_domain, day)
    INCLUDE (report_key, reporter) WHERE vouched AND NOT from_known;

-- What came of each DKIM signature of the mail, as RFC 8601, 2.2 would write it.
ALTER TABLE receipt
    ADD COLUMN dkim_results text[] COLLATE "C" NOT NULL DEFAULT '{}';

-- Counted reporters beside the shipped ones, or in place of one.
CREATE TABLE reporter (
    added_at        timestamptz NOT NULL,
    reporter        text COLLATE "C" NOT NULL,  -- organisational domain
    name            text COLLATE "C" NOT NULL,
    signing_domains text[] COLLATE "C" NOT NULL,
    from_addresses  text[] COLLATE "C" NOT NULL,

    CONSTRAINT reporter_pk         PRIMARY KEY (reporter),
    CONSTRAINT reporter_lower_case CHECK (reporter = lower(reporter)),
    CONSTRAINT reporter_not_empty  CHECK (reporter <> '')
);

-- A reporter that nobody listens to for a while. Rows stay: what was answered while one
-- was in force must be told later.
CREATE TABLE mute (
    made_at      timestamptz NOT NULL,
    withdrawn_at timestamptz,                -- NULL: not withdrawn
    until        date NOT NULL,              -- the last day it holds
    reporter     text COLLATE "C" NOT NULL,  -- '': whom an operator vouched for, nameless
    who          text COLLATE "C" NOT NULL,
    why          text COLLATE "C" NOT NULL,

    CONSTRAINT mute_pk         PRIMARY KEY (reporter, made_at),
    CONSTRAINT mute_lower_case CHECK (reporter = lower(reporter)),
    CONSTRAINT mute_not_empty  CHECK (who <> '' AND why <> '')
);
