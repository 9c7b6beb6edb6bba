-- 0001: receipts, reports and what they say about each policy domain.
-- Oldest program: 1
--
-- A row in `receipt` per accepted submission. A row in `report` per policy domain of
-- ours that a report names, one in `policy_result` per entry of its "policies", one in
-- `failure_detail` per failure detail. These are testimony: inserted once, never
-- updated; `reprocess` deletes what a receipt owns and inserts again.
--
-- Every key holds policy_domain and day (or receipt_id and received_on), because that is
-- what partitioning and Citus each ask of a key. No foreign keys, triggers, sequences or
-- defaults that a worker node would have to ask somebody for: one transaction and a
-- shared key hold the rows together. Numbers are the codes of store/model/vocabulary.h.
-- Wide columns come first so that rows carry no padding.
--
-- Locks: creates only; safe on a live database. Partitions are made by store/schema.
-- Down:  none. Tables of testimony are dropped by hand, after a backup.

CREATE TABLE receipt (
    received_at         timestamptz NOT NULL,
    receipt_id          uuid        NOT NULL,  -- version 7, made before the spool insert
    received_on         date        NOT NULL,  -- UTC date of received_at
    -- Reports found inside, and what became of each.
    report_count        integer     NOT NULL,
    stored_count        integer     NOT NULL,
    duplicate_count     integer     NOT NULL,
    quarantined_count   integer     NOT NULL,  -- held now; a retry lowers it
    parser_version      integer     NOT NULL,
    transport           smallint    NOT NULL,
    provenance          smallint    NOT NULL,
    outcome             smallint    NOT NULL,
    node                text COLLATE "C" NOT NULL,
    peer                text COLLATE "C" NOT NULL,  -- address and port, or a file path
    envelope_from       text COLLATE "C" NOT NULL,  -- '' for <> and for all but mail
    envelope_to         text[] COLLATE "C" NOT NULL,
    -- Why the quarantined part is: a short stable code, and a sentence. '' for none.
    reason              text COLLATE "C" NOT NULL,
    reason_detail       text COLLATE "C" NOT NULL,
    foreign_domains     text[] COLLATE "C" NOT NULL,  -- not ours; for a later retry
    quarantined_domains text[] COLLATE "C" NOT NULL,  -- ours, named in quarantine

    CONSTRAINT receipt_pk          PRIMARY KEY (received_on, receipt_id),
    CONSTRAINT receipt_received_on CHECK
        (received_on = (received_at AT TIME ZONE 'UTC')::date),
    CONSTRAINT receipt_counts      CHECK
        (report_count >= 0 AND stored_count >= 0 AND duplicate_count >= 0
         AND quarantined_count >= 0),
    CONSTRAINT receipt_transport   CHECK (transport BETWEEN 1 AND 4),
    CONSTRAINT receipt_provenance  CHECK (provenance BETWEEN 0 AND 3),
    CONSTRAINT receipt_outcome     CHECK (outcome BETWEEN 1 AND 4)
) PARTITION BY RANGE (received_on);

-- The quarantine list, and "reports_quarantined" without touching the table.
CREATE INDEX receipt_quarantined ON receipt (received_on, receipt_id)
    INCLUDE (quarantined_count, provenance) WHERE quarantined_count > 0;
-- Asked for every verdict: does a vouched report in quarantine name this domain?
-- Strangers cannot make this index grow: what they send is not vouched for.
CREATE INDEX receipt_quarantined_domains ON receipt USING gin (quarantined_domains)
    WHERE quarantined_count > 0 AND provenance <> 0;

-- Apart from `receipt`, so that it can be dropped sooner.
CREATE TABLE receipt_raw (
    receipt_id  uuid  NOT NULL,
    received_on date  NOT NULL,
    body        bytea NOT NULL,  -- as received

    CONSTRAINT receipt_raw_pk PRIMARY KEY (received_on, receipt_id)
) PARTITION BY RANGE (received_on);
-- Mostly gzip already: compressing again costs time and wins nothing.
ALTER TABLE receipt_raw ALTER COLUMN body SET STORAGE EXTERNAL;

CREATE TABLE report (
    received_at    timestamptz NOT NULL,
    period_start   timestamptz NOT NULL,
    period_end     timestamptz NOT NULL,  -- as sent: 23:59:59, or the next midnight
    report_key     uuid        NOT NULL,
    receipt_id     uuid        NOT NULL,
    receipt_on     date        NOT NULL,  -- receipt.received_on, to find the raw bytes
    day            date        NOT NULL,  -- UTC date of the middle of the period
    -- The days its failures stand against; both equal `day` up to 36 hours.
    first_day      date        NOT NULL,
    last_day       date        NOT NULL,
    report_ix      integer     NOT NULL,  -- which report of its receipt, from 0
    parser_version integer     NOT NULL,
    provenance     smallint    NOT NULL,
    vouched        boolean     NOT NULL,
    policy_domain  text COLLATE "C" NOT NULL,
    reporter       text COLLATE "C" NOT NULL,  -- organisational domain; '' for none
    organisation   text COLLATE "C" NOT NULL,  -- as sent; '' when absent
    report_id      text COLLATE "C" NOT NULL,  -- as sent
    contact        text COLLATE "C" NOT NULL,  -- as sent
    anomalies      text[] COLLATE "C" NOT NULL,

    -- `reporter` keeps a copy under another signer from taking the place of the real
    -- report. `vouched` does the same where reporter is '' though somebody vouches: an
    -- operator's import without contact-info must not meet a stranger's copy.
    CONSTRAINT report_pk PRIMARY KEY (policy_domain, day, report_key, reporter, vouched),
    CONSTRAINT report_lower_case  CHECK (policy_domain = lower(policy_domain)),
    CONSTRAINT report_provenance  CHECK (provenance BETWEEN 0 AND 3),
    CONSTRAINT report_vouched     CHECK (vouched = (provenance <> 0)),
    CONSTRAINT report_reporter    CHECK (vouched OR reporter = ''),
    CONSTRAINT report_period      CHECK (period_start <= period_end),
    CONSTRAINT report_days        CHECK (day BETWEEN first_day AND last_day)
) PARTITION BY RANGE (day);

-- "What came in lately" needs no more: 24 kB for a partition of 163,000 rows.
CREATE INDEX report_received ON report USING brin (received_at);
-- What a receipt owns, for `reprocess`. Not (policy_domain, receipt_id): an older parser
-- may have filed under domains that the receipt no longer names, and version 7 ids
-- arrive in order, so this index grows at its right edge while one that starts with the
-- domain is written all over.
CREATE INDEX report_receipt ON report (receipt_id);

CREATE TABLE policy_result (
    success_sessions     bigint      NOT NULL,
    failure_sessions     bigint      NOT NULL,
    unexplained_sessions bigint      NOT NULL,  -- part of failure_sessions
    received_at          timestamptz NOT NULL,
    report_key           uuid        NOT NULL,
    policy_hash          uuid,                  -- NULL: no policy text was sent
    day                  date        NOT NULL,
    first_day            date        NOT NULL,
    last_day             date        NOT NULL,
    policy_ix            smallint    NOT NULL,
    policy_type          smallint    NOT NULL,
    provenance           smallint    NOT NULL,
    vouched              boolean     NOT NULL,
    policy_domain        text COLLATE "C" NOT NULL,
    reporter             text COLLATE "C" NOT NULL,
    policy_type_text     text COLLATE "C" NOT NULL,  -- as sent, where policy_type is 0

    -- Covering, so that the evidence of a domain (some 25 days) is read from the index
    -- alone: one page of the table per row was 16 times slower when cold.
    CONSTRAINT policy_result_pk PRIMARY KEY
        (policy_domain, day, report_key, reporter, vouched, policy_ix)
        INCLUDE (policy_type, policy_hash, success_sessions, failure_sessions,
                 unexplained_sessions, provenance, first_day, last_day, received_at),
    CONSTRAINT policy_result_lower_case CHECK (policy_domain = lower(policy_domain)),
    CONSTRAINT policy_result_type       CHECK (policy_type BETWEEN 0 AND 3),
    CONSTRAINT policy_result_vouched    CHECK (vouched = (provenance <> 0)),
    CONSTRAINT policy_result_days       CHECK (day BETWEEN first_day AND last_day),
    -- 10^12 is kMaxSessions (store/model/report.h).
    CONSTRAINT policy_result_counts     CHECK
        (success_sessions BETWEEN 0 AND 1000000000000
         AND failure_sessions BETWEEN 0 AND 1000000000000
         AND unexplained_sessions BETWEEN 0 AND failure_sessions)
) PARTITION BY RANGE (day);

CREATE TABLE failure_detail (
    failed_sessions  bigint   NOT NULL,
    report_key       uuid     NOT NULL,
    day              date     NOT NULL,
    policy_ix        smallint NOT NULL,
    detail_ix        smallint NOT NULL,
    result_type      smallint NOT NULL,
    policy_type      smallint NOT NULL,  -- of its policy result, for fleet queries
    vouched          boolean  NOT NULL,
    policy_domain    text COLLATE "C" NOT NULL,
    reporter         text COLLATE "C" NOT NULL,
    result_type_text text COLLATE "C" NOT NULL,  -- as sent, where result_type is 0
    sending_mta_ip   inet,
    receiving_ip     inet,
    receiving_mx     text COLLATE "C" NOT NULL,  -- these four '' where not said
    helo             text COLLATE "C" NOT NULL,
    reason           text COLLATE "C" NOT NULL,
    information      text COLLATE "C" NOT NULL,

    CONSTRAINT failure_detail_pk PRIMARY KEY
        (policy_domain, day, report_key, reporter, vouched, policy_ix, detail_ix),
    CONSTRAINT failure_detail_lower_case  CHECK (policy_domain = lower(policy_domain)),
    CONSTRAINT failure_detail_result_type CHECK
        (result_type BETWEEN 0 AND 11 OR result_type = 100),
    CONSTRAINT failure_detail_policy_type CHECK (policy_type BETWEEN 0 AND 3),
    CONSTRAINT failure_detail_counts      CHECK
        (failed_sessions BETWEEN 0 AND 1000000000000)
) PARTITION BY RANGE (day);

-- Policies change rarely, and reports repeat them daily. No first or last day: the
-- timeline comes from vouched rows, or strangers would write it.
CREATE TABLE policy_text (
    max_age_seconds bigint,               -- NULL: not said, or not readable
    policy_hash     uuid     NOT NULL,
    policy_type     smallint NOT NULL,
    mode            smallint NOT NULL,
    policy_domain   text COLLATE "C" NOT NULL,
    mx_patterns     text[] COLLATE "C" NOT NULL,
    lines           text[] COLLATE "C" NOT NULL,

    CONSTRAINT policy_text_pk         PRIMARY KEY (policy_domain, policy_hash),
    CONSTRAINT policy_text_lower_case CHECK (policy_domain = lower(policy_domain)),
    CONSTRAINT policy_text_type       CHECK (policy_type BETWEEN 0 AND 3),
    CONSTRAINT policy_text_mode       CHECK (mode BETWEEN 0 AND 3),
    CONSTRAINT policy_text_max_age    CHECK (max_age_seconds >= 0)
);

-- Sums per domain and day, for the fleet: ten reporters become one row. Changed by delta,
-- for the reports an insert returned, in that insert's transaction.
CREATE TABLE domain_day (
    vouched_success_sessions       bigint   NOT NULL,
    vouched_failure_sessions       bigint   NOT NULL,
    vouched_unexplained_sessions   bigint   NOT NULL,
    unvouched_success_sessions     bigint   NOT NULL,
    unvouched_failure_sessions     bigint   NOT NULL,
    unvouched_unexplained_sessions bigint   NOT NULL,
    vouched_reports                integer  NOT NULL,
    unvouched_reports              integer  NOT NULL,
    day                            date     NOT NULL,
    -- A policy type, or 9 for the distinct sessions of a report added up: a sum of
    -- maxima cannot be had from the sums per policy type.
    kind                           smallint NOT NULL,
    policy_domain                  text COLLATE "C" NOT NULL,

    CONSTRAINT domain_day_pk         PRIMARY KEY (policy_domain, day, kind),
    CONSTRAINT domain_day_lower_case CHECK (policy_domain = lower(policy_domain)),
    CONSTRAINT domain_day_kind       CHECK (kind BETWEEN 0 AND 3 OR kind = 9),
    -- Below zero would mean that something was subtracted twice.
    CONSTRAINT domain_day_counts     CHECK
        (vouched_reports >= 0 AND unvouched_reports >= 0
         AND vouched_success_sessions >= 0 AND unvouched_success_sessions >= 0
         AND vouched_failure_sessions >= 0 AND unvouched_failure_sessions >= 0
         AND vouched_unexplained_sessions >= 0 AND unvouched_unexplained_sessions >= 0)
) PARTITION BY RANGE (day);

CREATE TABLE domain_day_failure (
    vouched_failed_sessions   bigint   NOT NULL,
    unvouched_failed_sessions bigint   NOT NULL,
    day                       date     NOT NULL,
    kind                      smallint NOT NULL,
    result_type               smallint NOT NULL,  -- 100: unexplained
    policy_domain             text COLLATE "C" NOT NULL,

    CONSTRAINT domain_day_failure_pk PRIMARY KEY (policy_domain, day, kind, result_type),
    CONSTRAINT domain_day_failure_lower_case CHECK (policy_domain = lower(policy_domain)),
    CONSTRAINT domain_day_failure_kind       CHECK (kind BETWEEN 0 AND 3 OR kind = 9),
    CONSTRAINT domain_day_failure_result_type CHECK
        (result_type BETWEEN 0 AND 11 OR result_type = 100),
    CONSTRAINT domain_day_failure_counts     CHECK
        (vouched_failed_sessions >= 0 AND unvouched_failed_sessions >= 0)
) PARTITION BY RANGE (day);

-- Ours: a name, or ".example.net" for every name below it.
CREATE TABLE domain (
    added_at timestamptz NOT NULL,
    domain   text COLLATE "C" NOT NULL,
    source   text COLLATE "C" NOT NULL,

    CONSTRAINT domain_pk         PRIMARY KEY (domain),
    CONSTRAINT domain_lower_case CHECK (domain = lower(domain)),
    CONSTRAINT domain_not_empty  CHECK (domain <> '' AND domain <> '.'),
    -- settings: --domain, environment or file; command: `tlsrptd domain add`;
    -- wildcard: named by a report, below a configured ".example.net".
    CONSTRAINT domain_source     CHECK (source IN ('settings', 'command', 'wildcard'))
);

-- MX hosts of ours: `tlsa` results about them are filed under the host, and joined to
-- the domain on reading.
CREATE TABLE mx_host (
    added_at      timestamptz NOT NULL,
    policy_domain text COLLATE "C" NOT NULL,  -- '': an MX of every domain of ours
    mx_host       text COLLATE "C" NOT NULL,
    source        text COLLATE "C" NOT NULL,

    CONSTRAINT mx_host_pk         PRIMARY KEY (policy_domain, mx_host),
    CONSTRAINT mx_host_lower_case CHECK
        (policy_domain = lower(policy_domain) AND mx_host = lower(mx_host)),
    CONSTRAINT mx_host_not_empty  CHECK (mx_host <> ''),
    CONSTRAINT mx_host_source     CHECK (source IN ('configured', 'reported'))
);

-- One row per process that takes reports in: evidence is complete only while each of
-- them is heard from and has nothing old in its spool.
CREATE TABLE node (
    heartbeat_at    timestamptz NOT NULL,
    started_at      timestamptz NOT NULL,
    spool_oldest_at timestamptz,           -- oldest entry not committed; NULL: none
    spool_depth     bigint NOT NULL,       -- accepted, not committed
    spool_waiting   bigint NOT NULL,       -- of these, waiting for DNS
    node            text COLLATE "C" NOT NULL,
    version         text COLLATE "C" NOT NULL,

    CONSTRAINT node_pk    PRIMARY KEY (node),
    CONSTRAINT node_spool CHECK (spool_depth >= 0 AND spool_waiting >= 0)
);

-- Totals that survive restarts and purges, changed by delta in the transaction that
-- earned them. Per node, so that nodes do not wait for each other's row.
CREATE TABLE node_counter (
    value bigint NOT NULL,
    node  text COLLATE "C" NOT NULL,
    name  text COLLATE "C" NOT NULL,  -- as in /metrics

    CONSTRAINT node_counter_pk    PRIMARY KEY (node, name),
    CONSTRAINT node_counter_value CHECK (value >= 0)
);

-- Work that one side wants of the other, written in the transaction of its cause.
-- Taken by lease: whoever dies with one loses it when it expires.
CREATE TABLE work (
    not_before  timestamptz NOT NULL,
    lease_until timestamptz,               -- NULL: free
    -- One more for each request. The taker deletes the row only at the generation it
    -- took, so that a request which came meanwhile is not lost with it.
    generation  bigint  NOT NULL,
    attempts    integer NOT NULL,
    domain      text COLLATE "C" NOT NULL,  -- '' for work on the whole
    kind        text COLLATE "C" NOT NULL,
    lease_node  text COLLATE "C",

    CONSTRAINT work_pk         PRIMARY KEY (domain, kind),
    CONSTRAINT work_lower_case CHECK (domain = lower(domain)),
    CONSTRAINT work_lease      CHECK ((lease_until IS NULL) = (lease_node IS NULL)),
    CONSTRAINT work_counts     CHECK (generation >= 1 AND attempts >= 0)
);
CREATE INDEX work_due ON work (kind, not_before);

-- Citus only; nothing happens elsewhere. All of a domain lies in one shard, all of a
-- receipt in another. The small tables stay on the coordinator.
DO $$
DECLARE
    name text;
BEGIN
    IF NOT EXISTS (SELECT FROM pg_extension WHERE extname = 'citus') THEN
        RETURN;
    END IF;
    PERFORM create_distributed_table('report', 'policy_domain', shard_count => 32,
                                     colocate_with => 'none');
    FOREACH name IN ARRAY ARRAY['policy_result', 'failure_detail', 'policy_text',
                                'domain_day', 'domain_day_failure']
    LOOP
        PERFORM create_distributed_table(name, 'policy_domain', colocate_with => 'report');
    END LOOP;
    PERFORM create_distributed_table('receipt', 'receipt_id', shard_count => 32,
                                     colocate_with => 'none');
    PERFORM create_distributed_table('receipt_raw', 'receipt_id',
                                     colocate_with => 'receipt');
END $$;
