-- 0006: looks at the live domain, waivers, and settings of one domain.
-- Oldest program: 1
--
-- The rest of what a verdict is made of. All three are kept as they were written: what
-- was answered with them must be told later, and `--known-at` asks what stood at a time.
--
-- Locks: creates only; safe on a live database. Partitions are made by store/schema.
-- Down:  none.

-- What one look at the live domain found. Testimony, like a report: inserted once, never
-- updated, dropped by the month with the reports of that month.
CREATE TABLE observation (
    observed_at   timestamptz NOT NULL,  -- when the look began; also in the document
    -- The same for looks that found the same (store/model/observation_content.h): of
    -- many such looks of one day only the first and the last are read again.
    content_hash  uuid NOT NULL,
    observed_on   date NOT NULL,         -- UTC date of observed_at
    complete      boolean NOT NULL,      -- all was tried; also in the document
    policy_domain text COLLATE "C" NOT NULL,
    node          text COLLATE "C" NOT NULL,  -- who looked
    -- store/model/observation_json.h. Not jsonb: the text stays as it was written, and a
    -- NUL out of a stranger's policy file is no reason to lose the look.
    document      json NOT NULL,

    -- Covering: which looks are worth reading is found in the index alone.
    CONSTRAINT observation_pk PRIMARY KEY (policy_domain, observed_on, observed_at)
        INCLUDE (content_hash),
    CONSTRAINT observation_lower_case  CHECK (policy_domain = lower(policy_domain)),
    CONSTRAINT observation_not_empty   CHECK (policy_domain <> '' AND node <> ''),
    CONSTRAINT observation_observed_on CHECK
        (observed_on = (observed_at AT TIME ZONE 'UTC')::date),
    CONSTRAINT observation_document    CHECK (json_typeof(document) = 'object')
) PARTITION BY RANGE (observed_on);

-- Somebody accepts one group of reported failures (store/model/waiver.h, which also has
-- the bounds that are checked here once more). Never deleted; withdrawn once, or never.
CREATE TABLE waiver (
    made_at       timestamptz NOT NULL,
    withdrawn_at  timestamptz,             -- NULL: stands
    max_sessions  bigint,                  -- received after it was made; with until
    until         date,                    -- the last day it accepts; NULL: no future
    policy_domain text COLLATE "C" NOT NULL,
    waiver_id     text COLLATE "C" NOT NULL,
    -- The group, each exactly as reported; '' where the reporter said nothing.
    reporter      text COLLATE "C" NOT NULL,
    result_type   text COLLATE "C" NOT NULL,
    mx            text COLLATE "C" NOT NULL,
    reason        text COLLATE "C" NOT NULL,
    who           text COLLATE "C" NOT NULL,
    why           text COLLATE "C" NOT NULL,
    withdrawn_by  text COLLATE "C" NOT NULL,  -- '' while it stands

    CONSTRAINT waiver_pk         PRIMARY KEY (policy_domain, waiver_id),
    CONSTRAINT waiver_lower_case CHECK (policy_domain = lower(policy_domain)),
    CONSTRAINT waiver_not_empty  CHECK
        (policy_domain <> '' AND waiver_id <> '' AND result_type <> '' AND who <> ''
         AND why <> ''),
    CONSTRAINT waiver_withdrawn  CHECK
        ((withdrawn_at IS NULL) = (withdrawn_by = '') AND withdrawn_at >= made_at),
    CONSTRAINT waiver_future     CHECK ((until IS NULL) = (max_sessions IS NULL)),
    CONSTRAINT waiver_bounds     CHECK
        (max_sessions BETWEEN 1 AND 1000
         AND until - (made_at AT TIME ZONE 'UTC')::date BETWEEN 0 AND 90)
);

-- Readiness settings of one domain (api/readiness/settings_table.h). Each change is a
-- row; the newest of a name is in force, so that what stood at a time can be told.
CREATE TABLE domain_setting (
    set_at        timestamptz NOT NULL,
    policy_domain text COLLATE "C" NOT NULL,
    name          text COLLATE "C" NOT NULL,  -- as given, "unsafe_" included
    plain_name    text COLLATE "C" NOT NULL,  -- without it: both are one setting
    value         text COLLATE "C",           -- NULL: back to the default
    set_by        text COLLATE "C" NOT NULL,

    CONSTRAINT domain_setting_pk         PRIMARY KEY (policy_domain, plain_name, set_at),
    CONSTRAINT domain_setting_lower_case CHECK (policy_domain = lower(policy_domain)),
    CONSTRAINT domain_setting_not_empty  CHECK
        (policy_domain <> '' AND plain_name <> '' AND set_by <> ''),
    CONSTRAINT domain_setting_name       CHECK
        (name IN (plain_name, 'unsafe_' || plain_name))
);

-- Citus only: a domain's looks lie with its reports. The small tables stay on the
-- coordinator.
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_extension WHERE extname = 'citus') THEN
        PERFORM create_distributed_table('observation', 'policy_domain',
                                         colocate_with => 'report');
    END IF;
END $$;
